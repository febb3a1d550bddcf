import { mapInTurns } from "../../net/turns.ts";
import { type CodeSet, icd10Reach, meets, partsOf } from "../../schema/codes/code-set.ts";
import type { Span } from "../../schema/codes/spans.ts";
import { once } from "../../schema/once.ts";
import type { LocalCode } from "./field-mapping.ts";

/** The local codes that meet a set of diseases, in their order, and those of them of which some may lie within it for sure. */
export type Meeting = { readonly all: readonly LocalCode[]; readonly near: readonly LocalCode[] };

/** Gives the local codes that meet a set of diseases without looking at all codes. */
export type CodeIndex = (asked: CodeSet) => Meeting;

/** Atoms of ICD-10 in one drawer. */
const DRAWER = 16;
/** So few codes are looked at faster than they are sorted. */
const FEW = 64;

/** Puts every local code into the drawers of ICD-10 that it reaches; it is built once for a list, with the first question. */
export const codeIndex = (codes: readonly LocalCode[]): CodeIndex => {
  const made = indexes.get(codes) ?? indexOf(codes);
  indexes.set(codes, made);
  return made;
};
const indexes = new WeakMap<readonly LocalCode[], CodeIndex>();

/**
 * Works out what each code means, giving way meanwhile. The first question would do so all at once, which takes up to a second
 * for the codes of a whole system.
 */
export const readMeanings = (codes: readonly LocalCode[]): Promise<unknown> => {
  const reading = readings.get(codes) ?? mapInTurns(codes, ({ means }) => icd10Reach(means));
  readings.set(codes, reading);
  return reading;
};
const readings = new WeakMap<readonly LocalCode[], Promise<unknown>>();

const indexOf = (codes: readonly LocalCode[]): CodeIndex => {
  const drawers = once(() => drawersWith(codes));
  const codesAt = (places: Iterable<number>): readonly LocalCode[] => Array.from(places, (place) => codes[place]!);
  const meeting = (places: Iterable<number>, part: CodeSet, found: Set<number>): void => {
    for (const place of places) if (!found.has(place) && meets(codes[place]!.means, part)) found.add(place);
  };
  return (asked) => {
    if (asked.any) {
      const all = codes.filter(({ means }) => meets(means, asked));
      return { all, near: all };
    }
    const found = new Set<number>();
    // Whatever may be anywhere in ICD-10 meets each of its atoms, and lies within none.
    let isAnywhere = false;
    // Each part has neighbours of its own: all of them against all of the set would be a square.
    for (const part of partsOf(asked)) {
      const reach = codes.length <= FEW ? null : icd10Reach(part);
      if (reach === null) meeting(codes.keys(), part, found);
      else {
        meeting(drawers().within(reach), part, found);
        if (part.places.length === 0 && part.spans.length > 0) isAnywhere = true;
        else meeting(drawers().anywhere, part, found);
      }
    }
    const near = [...found].sort((a, b) => a - b);
    if (!isAnywhere) {
      const all = codesAt(near);
      return { all, near: all };
    }
    return { all: codesAt(united(near, drawers().anywhere)), near: codesAt(near) };
  };
};

/** The numbers of two sorted lists, each once, sorted. */
const united = (a: readonly number[], b: readonly number[]): readonly number[] => {
  const all: number[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const next = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    all.push(next);
    if (a[i] === next) i += 1;
    if (b[j] === next) j += 1;
  }
  return all;
};

type Drawers = {
  /** The places of all codes that reach into some atoms of ICD-10, and of some that reach near them. */
  readonly within: (reach: readonly Span[]) => ReadonlySet<number>;
  /** The places of the codes that may be anywhere in ICD-10, sorted. */
  readonly anywhere: readonly number[];
};

const drawersWith = (codes: readonly LocalCode[]): Drawers => {
  const made = new Map<number, number[]>();
  const anywhere: number[] = [];
  codes.forEach(({ means }, place) => {
    const reach = icd10Reach(means);
    if (reach === null) anywhere.push(place);
    for (const drawer of drawersOf(reach ?? [])) {
      const held = made.get(drawer);
      if (held === undefined) made.set(drawer, [place]);
      else held.push(place);
    }
  });
  return {
    anywhere,
    within: (reach) => {
      const found = new Set<number>();
      for (const drawer of drawersOf(reach)) for (const place of made.get(drawer) ?? []) found.add(place);
      return found;
    },
  };
};

const drawersOf = (spans: readonly Span[]): ReadonlySet<number> => {
  const drawers = new Set<number>();
  for (const [start, end] of spans) {
    for (let drawer = Math.floor(start / DRAWER); drawer * DRAWER < end; drawer++) drawers.add(drawer);
  }
  return drawers;
};
