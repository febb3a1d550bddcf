import { getPriority, setPriority } from "node:os";

/** The lowest priority that a thread can have, as nice values are counted. */
const LOWEST = 19;

/**
 * Lets the other threads of this machine go before the calling thread, by so many nice values. Only Linux has a priority for each
 * thread: elsewhere that of the whole process would change, so nothing is done.
 */
export const lowerThreadPriority = (by: number): void => {
  // On Linux 0 names the calling thread.
  if (process.platform === "linux") setPriority(0, Math.min(LOWEST, getPriority(0) + by));
};
