/** Atoms of ICD-10 (icd10.ts) from `start` up to, but without, `end`. */
export type Span = readonly [start: number, end: number];

/** The same atoms in spans that are sorted and do not touch. */
export const unionSpans = (spans: readonly Span[]): readonly Span[] => {
  if (spans.length < 2) return spans;
  const sorted = [...spans].sort(([a], [b]) => a - b);
  const merged: [number, number][] = [];
  for (const [start, end] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
};

/** The atoms that are in both. */
export const intersectSpans = (a: readonly Span[], b: readonly Span[]): readonly Span[] =>
  a.flatMap(([start, end]) =>
    b.flatMap(([s, e]): Span[] => (s < end && start < e ? [[Math.max(start, s), Math.min(end, e)]] : [])),
  );

/** Every atom of `a` is one of `b`. */
export const spansWithin = (a: readonly Span[], b: readonly Span[]): boolean =>
  a.every(([start, end]) => {
    const [s, e] = b[lastAtOrBefore(b, start)] ?? [0, 0];
    return s <= start && end <= e;
  });

/** Some atom is in both. */
export const spansMeet = (a: readonly Span[], b: readonly Span[]): boolean => {
  const [small, large] = a.length <= b.length ? [a, b] : [b, a];
  return small.some((span) => overlaps(span, large));
};

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
