/** The port or the address cannot be had. The message is one line for the operator. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** What a server's `error` event means for who set PORT and HOST. */
export const listenError = (error: NodeJS.ErrnoException, host: string, port: number): ListenError =>
  new ListenError(whyNot(error, host, port), { cause: error });

const whyNot = ({ code, message }: NodeJS.ErrnoException, host: string, port: number): string => {
  if (code === "EADDRINUSE")
    return `PORT ${port} is in use: another program listens there. Stop it, or set PORT to another.`;
  if (code === "EACCES") return `PORT ${port} is not allowed to this user. Set PORT to one above 1023.`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `HOST ${host} is no address of this machine. Set HOST to one that is.`;
  return `HOST ${host}, PORT ${port}: ${message}`;
};
