import DataLoader from "dataloader";
import type { Adapter } from "../../adapters/adapter.ts";
import type { LocalCounts, LocalQuestion } from "../../adapters/local.ts";
import { unlessAborted } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Release } from "../../schema/release.ts";
import { keyOf } from "../understand/predicates.ts";
import { type Outcome, tooFew } from "./outcomes.ts";
import { Raw } from "./raw.ts";

type Asked = { readonly questions: readonly LocalQuestion[]; readonly asOf: Release; readonly signal: AbortSignal };

/** Asks an adapter: one outcome per question, in order, raw from here on. Aborts when the signal does. */
export type Counter = (
  questions: readonly LocalQuestion[],
  asOf: Release,
  signal: AbortSignal,
) => Promise<readonly Outcome[]>;

/** Gathers all questions of one tick, from however many askers, into one call of the adapter; equal ones are asked once. */
export const counter = (adapter: Adapter): Counter => {
  const loader = new DataLoader<Asked, readonly Outcome[]>((batch) => countBatch(adapter, batch), { cache: false });
  return (questions, asOf, signal) => unlessAborted(loader.load({ questions, asOf, signal }), signal);
};

const countBatch = (adapter: Adapter, batch: readonly Asked[]): Promise<readonly (readonly Outcome[])[]> => {
  const releases = new Map(batch.map(({ asOf }) => [asOf.id, asOf]));
  const counted = new Map([...releases].map(([id, asOf]) => [id, countRelease(adapter, batch, asOf)]));
  return Promise.all(
    batch.map(async ({ questions, asOf }) => {
      const outcomes = await counted.get(asOf.id);
      return questions.map((question) => outcomes?.get(keyOfQuestion(question)) ?? tooFew());
    }),
  );
};

/** The outcomes of all questions about one release, by their keys. */
const countRelease = async (
  adapter: Adapter,
  batch: readonly Asked[],
  asOf: Release,
): Promise<ReadonlyMap<string, Outcome>> => {
  const group = batch.filter((asked) => asked.asOf.id === asOf.id);
  const unique = new Map(group.flatMap(({ questions }) => questions.map((each) => [keyOfQuestion(each), each])));
  const counts = await adapter.count([...unique.values()], asOf, whenAllLeft(group.map(({ signal }) => signal)));
  const outcomeOf = (each: LocalCounts | BankError = tooFew()): Outcome =>
    each instanceof BankError ? each : Raw.compute(() => each);
  return new Map([...unique.keys()].map((key, i) => [key, outcomeOf(counts[i])]));
};

/** Equal for equal questions. It is made once for each object: the key of a question is looked up again with its outcome. */
const keyOfQuestion = (question: LocalQuestion): string => {
  const { donors, samples, by, only } = question;
  const key =
    keys.get(question) ?? `${keyOf(donors)} ${keyOf(samples)} ${only ?? ""} ${by === undefined ? "" : keyOf(by)}`;
  keys.set(question, key);
  return key;
};
const keys = new WeakMap<LocalQuestion, string>();

/** Aborts when the last of the askers has. */
const whenAllLeft = (signals: readonly AbortSignal[]): AbortSignal => {
  const distinct = [...new Set(signals)];
  if (distinct.length === 1 && distinct[0] !== undefined) return distinct[0];
  const all = new AbortController();
  let staying = distinct.length;
  const leave = (reason: unknown) => {
    staying -= 1;
    if (staying === 0) all.abort(reason);
  };
  for (const signal of distinct) {
    if (signal.aborted) leave(signal.reason);
    else signal.addEventListener("abort", () => leave(signal.reason), { once: true });
  }
  return all.signal;
};
