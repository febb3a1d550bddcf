/**
 * Whether this error of reading a request's body says that its client has closed the connection. The error may arrive before
 * the request counts as aborted.
 */
export const isClientLeft = (error: unknown): boolean =>
  error instanceof Error && error.message === "aborted" && (error as NodeJS.ErrnoException).code === "ECONNRESET";
