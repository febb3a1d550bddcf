import type { Prng } from "../../sandbox/prng.ts";
import type { Machine, Process } from "./machine.ts";
import type { Timeline } from "./timeline.ts";

/** Carries calls between machines: late, or not at all. */
export type Network = {
  /** The outcome of `handle` at the other machine's process. Rejects after `timeoutMs`, or with the signal's reason. */
  readonly call: <T>(
    from: Process,
    to: Machine,
    timeoutMs: number,
    handle: (at: Process) => Promise<T>,
    signal?: AbortSignal,
  ) => Promise<T>;
  /** Nothing gets through between two machines until they are joined again. */
  readonly cut: (a: string, b: string) => void;
  readonly join: (a: string, b: string) => void;
  /** How many of a hundred messages are lost, and how many take up to 400 ms. */
  readonly weather: (lost: number, late: number) => void;
};

export const network = (line: Timeline, random: Prng): Network => {
  const cuts = new Map<string, number>();
  let lost = 0;
  let late = 0;
  const wire = (a: string, b: string): string => [a, b].sort().join(" ");

  const carry = (from: string, to: string, arrive: (time: number) => void): void => {
    const delay = random.chance(late / 100) ? random.between(4, 400) : 0.3 + 4 * random.unit();
    if (random.chance(lost / 100)) return;
    const isCut = (): boolean => (cuts.get(wire(from, to)) ?? 0) > 0;
    if (isCut()) return;
    line.at(line.now() + delay, () => isCut() || arrive(line.now()));
  };

  return {
    call: (from, to, timeoutMs, handle, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        let over = false;
        const end = (settle: () => void) => (): void => {
          if (over) return;
          over = true;
          stop();
          signal?.removeEventListener("abort", leave);
          settle();
        };
        const leave = end(() => reject(signal?.reason));
        const stop = from.after(
          timeoutMs,
          end(() => reject(new Error(`${to.name}: no reply in ${timeoutMs} ms`))),
        );
        signal?.addEventListener("abort", leave, { once: true });
        const reply = (settle: () => void): void => carry(to.name, from.name, (time) => from.at(time, end(settle)));
        carry(from.name, to.name, (time) => {
          const there = to.process();
          if (there === null) return reply(() => reject(new Error(`${to.name}: connection refused`)));
          there.at(time, () =>
            handle(there).then(
              (value) => reply(() => resolve(value)),
              (error: unknown) => reply(() => reject(error)),
            ),
          );
        });
      }),
    cut: (a, b) => cuts.set(wire(a, b), (cuts.get(wire(a, b)) ?? 0) + 1),
    join: (a, b) => cuts.set(wire(a, b), (cuts.get(wire(a, b)) ?? 0) - 1),
    weather(lostOfHundred, lateOfHundred) {
      lost = lostOfHundred;
      late = lateOfHundred;
    },
  };
};
