/**
 * Runs work that has until a deadline. The signal that it gets aborts at the deadline and when `outer` does (the asker
 * has gone); either way the promise rejects at once, whether the work heeds the signal or not.
 * @param late makes the reason of a missed deadline
 */
export const withDeadline = async <T>(
  work: (signal: AbortSignal) => Promise<T>,
  deadlineMs: number,
  late: () => Error,
  outer?: AbortSignal,
): Promise<T> => {
  outer?.throwIfAborted();
  const controller = new AbortController();
  const leave = () => controller.abort(outer?.reason);
  outer?.addEventListener("abort", leave, { once: true });
  const timer = setTimeout(() => controller.abort(late()), deadlineMs);
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener("abort", () => reject(controller.signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", leave);
  }
};
