import { exactCount } from "../../schema/count.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { Question } from "../../schema/wire/question.ts";
import { answer, answered, type FakeSubgraph, fakeSubgraph, type Script } from "./fake-subgraph.ts";

/** A bank that answers when the test lets it. */
export type HeldBank = FakeSubgraph & {
  /** Lets it answer, once: so many donors and twice as many samples. Default: as `say` makes it. */
  readonly release: (say?: (question: Question) => unknown) => void;
  /** Why it was told to stop; undefined: it was not. */
  readonly stopped: () => unknown;
  /** Resolves when it has been asked to count. */
  readonly reached: Promise<void>;
};

export const heldBank = (id: string, donors: number, script: Omit<Script, "answers"> = {}): HeldBank => {
  const gate = deferred<(question: Question) => unknown>();
  const reached = deferred<void>();
  let stopped: unknown;
  const own = (question: Question): object => answered(id, countsOf(question, donors));
  const bank = fakeSubgraph(id, {
    ...script,
    answers: async (question, signal) => {
      signal.addEventListener("abort", () => {
        stopped = signal.reason;
      });
      reached.resolve();
      return (await gate.promise)(question);
    },
  });
  return { ...bank, release: (say = own) => gate.resolve(say), stopped: () => stopped, reached: reached.promise };
};

/** Three of them, with 1, 2 and 4 donors. */
export const threeBanks = () => [heldBank("a", 1), heldBank("b", 2), heldBank("c", 4)] as const;

/** A promise that the test resolves. */
export const deferred = <T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } => {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};

export const countsOf = (question: Question, donors: number): Answer =>
  answer(question, exactCount(donors), exactCount(2 * donors));
