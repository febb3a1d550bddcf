import { threadId } from "node:worker_threads";
import type { Question } from "../../schema/wire/question.ts";
import { answer, answered, type FakeSubgraph, failure, fakeSubgraph } from "./fake-subgraph.ts";

/** What a bank does with a question that has this key in its `where`. */
const DOES: { readonly [key: string]: (question: Question, signal: AbortSignal) => unknown } = {
  die: () => {
    setImmediate(() => {
      throw new RangeError("a bug");
    });
    return new Promise(() => undefined);
  },
  takeAllMemory: () => {
    for (const kept: unknown[] = []; ; ) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
  },
  hang: () => {
    for (;;);
  },
  reckonForMs: ({ where }) => {
    const until = performance.now() + Number(where["reckonForMs"]);
    while (performance.now() < until);
    return failure("BANK_BUSY", 1);
  },
  neverAnswer: () => new Promise(() => undefined),
  answerWhenLeft: (_, signal) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(failure("BANK_BUSY", 7)))),
  throwWhenLeft: (_, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  beBusy: () => failure("BANK_BUSY", 1234),
  throw: () => {
    throw new TypeError("a bug of this bank");
  },
  rejectUnheard: () => {
    void Promise.reject(new TypeError("nobody hears"));
    return failure("BANK_BUSY", 1);
  },
  tellThread: () => ({ threadId }),
};

/** A bank that does what a question tells it, and answers every other question. */
export const obedientBank = (id: string): FakeSubgraph =>
  fakeSubgraph(id, {
    answers: (question, signal) => {
      const order = Object.keys(question.where).find((key) => key in DOES);
      return order === undefined ? answered(id, answer(question)) : DOES[order]!(question, signal);
    },
  });
