import DataLoader from "dataloader";
import type { Adapter } from "../../adapters/adapter.ts";
import type { LocalQuestion } from "../../adapters/local.ts";
import { unlessAborted } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Release } from "../../schema/release.ts";
import { keyOf } from "../understand/predicates.ts";
import type { Outcome } from "./outcomes.ts";
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

const countBatch = async (adapter: Adapter, batch: readonly Asked[]): Promise<readonly (readonly Outcome[])[]> => {
  const outcomes = new Map<Asked, readonly Outcome[]>();
  await Promise.all(
    byRelease(batch).map(async ([asOf, group]) => {
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
      const raw = counts.map((each): Outcome => (each instanceof BankError ? each : Raw.compute(() => each)));
      for (const [at, asked] of group.entries()) {
        outcomes.set(
          asked,
          (placed[at] ?? []).map((place) => raw[place] ?? tooFew()),
        );
      }
    }),
  );
  return batch.map((asked) => outcomes.get(asked) ?? []);
};

const tooFew = (): BankError => new BankError("BANK_BROKEN", "adapter", "wanted one outcome per question, got fewer");

const keyOfQuestion = ({ donors, samples, by, only }: LocalQuestion): string =>
  `${keyOf(donors)} ${keyOf(samples)} ${only ?? ""} ${by === undefined ? "" : keyOf(by)}`;

const byRelease = (batch: readonly Asked[]): readonly (readonly [Release, readonly Asked[]])[] => {
  const groups = new Map<string, [Release, Asked[]]>();
  for (const asked of batch) {
    const group = groups.get(asked.asOf.id);
    if (group === undefined) groups.set(asked.asOf.id, [asked.asOf, [asked]]);
    else group[1].push(asked);
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
