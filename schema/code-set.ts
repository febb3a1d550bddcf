import type { CodeField } from "./fields.ts";
import { icd10Span, type Span } from "./icd10.ts";

/**
 * What a code can mean: a set of exact codes. Diseases of ICD-10 are spans of the tree's order, everything else is a set
 * of names; `any` is every code there is.
 */
export type CodeSet = {
  readonly any: boolean;
  readonly spans: readonly Span[];
  readonly names: ReadonlySet<string>;
};

export const ANY_CODE: CodeSet = { any: true, spans: [], names: new Set() };

/** The exact codes that a question asks for, or that a mapping gives, `descendants`: with all that lies below them. */
export const codeSet = (field: CodeField, values: readonly string[], descendants: boolean): CodeSet => {
  if (field !== "DISEASE")
    return { any: false, spans: [], names: new Set(values.flatMap((v) => below(field, v, descendants))) };
  const spans = values
    .filter((value) => value.startsWith(ICD10))
    .flatMap((value) => icd10Span(value.slice(ICD10.length), descendants));
  return { any: false, spans: union(spans), names: new Set(values.filter((value) => !value.startsWith(ICD10))) };
};

const ICD10 = "ICD10:";

/** Whoever is in a complete trio has relatives in the bank: TRIO lies below RELATIVE_HELD. */
const below = (field: CodeField, value: string, descendants: boolean): readonly string[] =>
  field === "FAMILY" && value === "RELATIVE_HELD" && descendants ? ["RELATIVE_HELD", "TRIO"] : [value];

const union = (spans: readonly Span[]): readonly Span[] => {
  const sorted = [...spans].sort(([a], [b]) => a - b);
  const merged: [number, number][] = [];
  for (const [start, end] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
};

/** Every code of `a` is one of `b`. */
export const within = (a: CodeSet, b: CodeSet): boolean =>
  b.any ||
  (!a.any &&
    a.spans.every(([start, end]) => {
      const [s, e] = b.spans[lastAtOrBefore(b.spans, start)] ?? [0, 0];
      return s <= start && end <= e;
    }) &&
    [...a.names].every((name) => b.names.has(name)));

/** Some code is in both. */
export const meets = (a: CodeSet, b: CodeSet): boolean => {
  if (a.any) return !isEmpty(b);
  if (b.any) return !isEmpty(a);
  const [small, large] = a.spans.length <= b.spans.length ? [a.spans, b.spans] : [b.spans, a.spans];
  return small.some((span) => overlaps(span, large)) || [...a.names].some((name) => b.names.has(name));
};

const isEmpty = (set: CodeSet): boolean => !set.any && set.spans.length === 0 && set.names.size === 0;

const overlaps = ([start, end]: Span, spans: readonly Span[]): boolean => {
  const at = lastAtOrBefore(spans, start);
  const [, before] = spans[at] ?? [0, 0];
  const [next] = spans[at + 1] ?? [Number.POSITIVE_INFINITY];
  return before > start || next < end;
};

/** The index of the last span that starts at or before a place, or -1. Spans are sorted and do not touch. */
const lastAtOrBefore = (spans: readonly Span[], place: number): number => {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.[0] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
