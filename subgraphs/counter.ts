import DataLoader from "dataloader";
import type { Adapter } from "../adapters/adapter.ts";
import { BankError } from "../adapters/bank-error.ts";
import type { LocalCounts, LocalQuestion, Release } from "../adapters/local.ts";
import { unlessAborted } from "../adapters/signals.ts";

type Ask = { readonly question: LocalQuestion; readonly asOf: Release; readonly signal: AbortSignal };

/** In a box, because a loader takes an Error among its values for a failed load. */
type Outcome = { readonly outcome: LocalCounts | BankError };

/** Asks an adapter: one outcome per question, in order. Aborts when the signal does. */
export type Counter = (
  questions: readonly LocalQuestion[],
  asOf: Release,
  signal: AbortSignal,
) => Promise<readonly (LocalCounts | BankError)[]>;

/** Gathers all questions of one tick, from however many askers, into one call of the adapter; equal ones are asked once. */
export const counter = (adapter: Adapter): Counter => {
  const loader = new DataLoader<Ask, Outcome>((asks) => countBatch(adapter, asks), { cache: false });
  return async (questions, asOf, signal) => {
    const loaded = Promise.all(questions.map((question) => loader.load({ question, asOf, signal })));
    const outcomes = await unlessAborted(loaded, signal);
    return outcomes.map(({ outcome }) => outcome);
  };
};

const countBatch = async (adapter: Adapter, asks: readonly Ask[]): Promise<readonly Outcome[]> => {
  const byRelease = groupBy(asks, ({ asOf }) => asOf.id);
  const outcomes = new Map<Ask, LocalCounts | BankError>();
  await Promise.all(
    [...byRelease.values()].map(async (group) => {
      const same = groupBy(group, ({ question }) => JSON.stringify(question));
      const firsts = [...same.values()].flatMap(([first]) => first ?? []);
      const asOf = firsts[0]?.asOf;
      if (asOf === undefined) return;
      const counts = await adapter.count(
        firsts.map(({ question }) => question),
        asOf,
        whenAllLeft(group.map(({ signal }) => signal)),
      );
      [...same.values()].forEach((equal, i) => {
        for (const ask of equal) outcomes.set(ask, counts[i] as LocalCounts | BankError);
      });
    }),
  );
  return asks.map((ask) => ({ outcome: outcomes.get(ask) ?? fewer() }));
};

const fewer = (): BankError => new BankError("BANK_BROKEN", "adapter", "wanted one outcome per question, got fewer");

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
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
