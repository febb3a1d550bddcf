import type { CountBy } from "../kit/counting-api.ts";
import { bankBroken } from "../kit/failures.ts";
import type { RangeReason, Unit } from "../local.ts";
import type { Param, Search } from "./search.ts";
import type { Sum, Term } from "./terms.ts";
import { resourceOf } from "./words.ts";

/** How many match; null: the server took too long to tell, and is not to be waited for. */
export type Found = number | null;

/**
 * Reads a count of the searches of a sum. A search with several `_has` of one kind is joined by the server in ways that may take
 * it minutes; so the count is bounded besides by searches that have only one of them each.
 */
export const countBy = (bank: string, unit: Unit, sum: Sum): CountBy<Search, Found> => {
  const { terms, least } = sum;
  const bounds = boundsOf(terms);
  const whole = sum.whole ? [...terms, ...(least ?? [])] : [];
  return {
    requests: [...whole, ...bounds.flat()].map(({ params }) => ({ resource: resourceOf(unit), params })),
    read(counts) {
      const totalOf = (some: readonly Term[], first: number): number =>
        some.reduce((total, { times }, at) => total + times * (counts[first + at] ?? Number.NaN), 0);
      let at = whole.length;
      const tops = bounds.map((bound) => {
        at += bound.length;
        return totalOf(bound, at - bound.length);
      });
      const top = Math.min(...tops.filter((each) => !Number.isNaN(each)));
      const found = sum.whole ? readWhole(bank, sum, totalOf) : null;
      const max = Math.min(found?.max ?? Number.POSITIVE_INFINITY, top);
      const min = Math.min(found?.min ?? 0, max);
      const end = sum.more === null || max === Number.POSITIVE_INFINITY ? null : max + sum.more;
      return { min, max: end, ...(end === min ? {} : whyOf(sum, found !== null)) };
    },
  };
};

type Ends = { readonly min: number; readonly max: number };

/** Both ends by the whole; null where the server did not tell. */
const readWhole = (
  bank: string,
  { terms, least, wider, twice }: Sum,
  totalOf: (some: readonly Term[], first: number) => number,
): Ends | null => {
  const total = totalOf(terms, 0);
  if (Number.isNaN(total)) return null;
  if (total < 0 && twice.length === 0) throw bankBroken(bank, "counts: wanted a sum >= 0, got less", "CONTRADICTION");
  const sure = least === undefined ? total : least === null ? 0 : totalOf(least, terms.length);
  const most = totalOf(
    terms.map((term) => ({ ...term, times: Math.max(0, term.times) })),
    0,
  );
  const isLower = !wider && !twice.includes("added") && !Number.isNaN(sure);
  return { min: isLower ? Math.max(0, sure) : 0, max: twice.includes("off") ? most : total };
};

/** Why the ends differ; nothing where it is as everywhere: LOCAL_ROUNDING. */
const whyOf = ({ least, more, wider, twice }: Sum, isKnown: boolean): { readonly why?: readonly RangeReason[] } => {
  const why: readonly RangeReason[] = [
    ...(least !== undefined || more !== 0 ? (["NOT_UNDERSTOOD"] as const) : []),
    ...(twice.length > 0 ? (["PRECISION"] as const) : []),
  ];
  if (why.length === 0) return {};
  return { why: wider || !isKnown ? [...why, "LOCAL_ROUNDING"] : why };
};

/** What leads to other resources, by its kind: `_has:Specimen:patient`. */
const kindOf = ([name]: Param): string | undefined => /(?:^|\.)_has:\w+:[\w-]+(?=:)/.exec(name)?.[0];

/** The most parameters of one kind of `_has` that a search has. */
export const joinsOf = (params: readonly Param[]): number => Math.max(0, ...kindsOf(params).map((of) => of.length));

const kindsOf = (params: readonly Param[]): readonly (readonly Param[])[] => {
  const kinds = new Map<string, Param[]>();
  for (const param of params) {
    const kind = kindOf(param);
    if (kind !== undefined) kinds.set(kind, [...(kinds.get(kind) ?? []), param]);
  }
  return [...kinds.values()];
};

/** For each place in a kind the same sum with one `_has` of each kind, without what is taken off. */
const boundsOf = (terms: readonly Term[]): readonly (readonly Term[])[] => {
  const added = terms.filter(({ times }) => times > 0);
  if (terms.every(({ params }) => joinsOf(params) < 2)) return [];
  const most = Math.max(1, ...added.map(({ params }) => joinsOf(params)));
  return Array.from({ length: most }, (_, place) =>
    added.map(({ times, params }) => {
      const kept = new Set(kindsOf(params).map((of) => of[place % of.length]));
      return { times, params: params.filter((param) => kindOf(param) === undefined || kept.has(param)) };
    }),
  );
};
