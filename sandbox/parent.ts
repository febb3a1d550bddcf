import { startedByNpm } from "./settings.ts";

const POLL_MS = 500;

/**
 * Calls `ended` once when the parent of this process has ended, in whatever way: at once where the two are connected by IPC,
 * within half a second where the parent is npm. Other parents are not watched: what a shell starts in the background may
 * outlive it. Does not keep the process alive.
 */
export const whenParentEnds = (ended: () => void): void => {
  if (process.channel !== undefined) {
    process.once("disconnect", ended);
    process.channel.unref();
  } else if (startedByNpm) {
    const { ppid } = process;
    const poll = setInterval(() => {
      if (process.ppid === ppid) return;
      clearInterval(poll);
      ended();
    }, POLL_MS).unref();
  }
};
