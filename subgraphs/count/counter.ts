import DataLoader from "dataloader";
import type { Adapter } from "../../adapters/adapter.ts";
import type { LocalCounts, LocalQuestion } from "../../adapters/local.ts";
import { unlessAborted } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Release } from "../../schema/release.ts";
import { keyOf } from "../understand/predicates.ts";

type Ask = { readonly questions: readonly LocalQuestion[]; readonly asOf: Release; readonly signal: AbortSignal };
type Outcomes = readonly (LocalCounts | BankError)[];

/** Asks an adapter: one outcome per question, in order. Aborts when the signal does. */
export type Counter = (questions: readonly LocalQuestion[], asOf: Release, signal: AbortSignal) => Promise<Outcomes>;

/** Gathers all questions of one tick, from however many askers, into one call of the adapter; equal ones are asked once. */
export const counter = (adapter: Adapter): Counter => {
  const loader = new DataLoader<Ask, Outcomes>((asks) => countBatch(adapter, asks), { cache: false });
  return (questions, asOf, signal) => unlessAborted(loader.load({ questions, asOf, signal }), signal);
};

const countBatch = async (adapter: Adapter, asks: readonly Ask[]): Promise<readonly Outcomes[]> => {
  const outcomes = new Map<Ask, Outcomes>();
  await Promise.all(
    releasesOf(asks).map(async ([asOf, group]) => {
      const places = new Map<string, number>();
      const firsts: LocalQuestion[] = [];
      const placed = group.map(({ questions }) =>
        questions.map((question) => {
          const key = keyOfQuestion(question);
          const place = places.get(key) ?? firsts.push(question) - 1;
          places.set(key, place);
          return place;
        }),
      );
      const counts = await adapter.count(firsts, asOf, whenAllLeft(group.map(({ signal }) => signal)));
      for (const [at, ask] of group.entries()) {
        outcomes.set(
          ask,
          (placed[at] ?? []).map((place) => counts[place] ?? fewer()),
        );
      }
    }),
  );
  return asks.map((ask) => outcomes.get(ask) ?? []);
};

const fewer = (): BankError => new BankError("BANK_BROKEN", "adapter", "wanted one outcome per question, got fewer");

const keyOfQuestion = ({ donors, samples, by, only }: LocalQuestion): string =>
  `${keyOf(donors)} ${keyOf(samples)} ${only ?? ""} ${by === undefined ? "" : JSON.stringify(by)}`;

const releasesOf = (asks: readonly Ask[]): readonly (readonly [Release, readonly Ask[]])[] => {
  const groups = new Map<string, [Release, Ask[]]>();
  for (const ask of asks) {
    const group = groups.get(ask.asOf.id);
    if (group === undefined) groups.set(ask.asOf.id, [ask.asOf, [ask]]);
    else group[1].push(ask);
  }
  return [...groups.values()];
};

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
