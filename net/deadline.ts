import { type Clock, patientSleep } from "./clock.ts";
import { unlessAborted, withAnySignal } from "./signals.ts";

/** Longest deadline that a question may have, in ms, and the default time limit of a request to a local API. */
export const LONGEST_DEADLINE_MS = 30_000;

/**
 * Runs `work` under a signal that aborts after `deadlineMs`, and when `outer` does. Rejects at once then, whether `work` heeds
 * the signal or not.
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
  const follow = () => controller.abort(outer?.reason);
  outer?.addEventListener("abort", follow, { once: true });
  const timer = setTimeout(() => controller.abort(late()), deadlineMs);
  try {
    return await unlessAborted(work(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", follow);
  }
};

export type PatientDeadline = {
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** Makes the reason of a missed deadline. */
  readonly late: () => Error;
  readonly outer: AbortSignal;
};

/** As withDeadline, by a clock, and without the time in which this process was too busy to notice the outcome. */
export const withPatientDeadline = async <T>(
  work: (signal: AbortSignal) => Promise<T>,
  { clock, deadlineMs, late, outer }: PatientDeadline,
): Promise<T> => {
  const over = new AbortController();
  patientSleep(clock, deadlineMs, over.signal).then(
    () => over.abort(late()),
    () => undefined,
  );
  try {
    return await withAnySignal([outer, over.signal], (either) => unlessAborted(work(either), either));
  } finally {
    over.abort(ENDED);
  }
};

/** Ends a sleep. Without a reason of ours each would cost an exception with a stack. */
const ENDED = "ended";

/**
 * A signal that aborts when `signal` does, or after `ms` with a TimeoutError. AbortSignal.any over AbortSignal.timeout would
 * lose the timeout: Node 20 collects one that only another signal refers to.
 */
export const timeoutSignal = (signal: AbortSignal, ms: number): AbortSignal => {
  const controller = new AbortController();
  const follow = (): void => {
    clearTimeout(timer);
    controller.abort(signal.reason);
  };
  const expire = (): void => {
    signal.removeEventListener("abort", follow);
    controller.abort(new DOMException(`wanted it within ${ms} ms, got none`, "TimeoutError"));
  };
  const timer = setTimeout(expire, ms).unref();
  if (signal.aborted) follow();
  else signal.addEventListener("abort", follow, { once: true });
  return controller.signal;
};

/** Resolves when `work` has settled, or after `ms`. */
export const settledWithin = (work: Promise<void>, ms: number): Promise<void> =>
  withDeadline(
    () => work,
    ms,
    () => new Error(`wanted it within ${ms} ms, got none`),
  ).catch(() => undefined);

/** How many times `unlessLate` waits before it gives up. */
const LOOKS = 6;

/**
 * Settles as `work` does, or rejects with `late()` after `ms`. `work` itself is not stopped. Time in which this process was too
 * busy to notice the outcome does not count: the wait is cut into short timers, each of which is late by the busy time at most
 * once.
 */
export const unlessLate = <T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> =>
  new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout;
    let left = LOOKS;
    const look = (): void => {
      // Immediates run after the sockets have been read, timers before.
      if (left === 0) setImmediate(() => reject(late()));
      else timer = setTimeout(look, ms / LOOKS);
      left -= 1;
    };
    look();
    work.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
