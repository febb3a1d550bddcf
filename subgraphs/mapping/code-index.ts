import { mapInTurns } from "../../net/turns.ts";
import { type CodeSet, icd10Reach, meets, partsOf } from "../../schema/codes/code-set.ts";
import { once } from "../../schema/once.ts";
import type { LocalCode } from "./field-mapping.ts";

/** Gives all local codes that meet a set of diseases, in their order, without looking at all codes. */
export type CodeIndex = (asked: CodeSet) => readonly LocalCode[];

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
  const near = once(() => nearIn(codes));
  return (asked) => {
    if (asked.any) return codes.filter(({ means }) => meets(means, asked));
    const found = new Set<number>();
    // Each part has neighbours of its own: all of them against all of the set would be a square.
    for (const part of partsOf(asked)) {
      const places = codes.length <= FEW ? codes.keys() : near()(part);
      for (const place of places) if (!found.has(place) && meets(codes[place]!.means, part)) found.add(place);
    }
    return [...found].sort((a, b) => a - b).map((place) => codes[place]!);
  };
};

/** Gives the places of all codes that meet a set, and of some that do not. */
const nearIn = (codes: readonly LocalCode[]): ((asked: CodeSet) => Iterable<number>) => {
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
  return (asked) => {
    const reach = icd10Reach(asked);
    if (reach === null) return codes.keys();
    const found = new Set(anywhere);
    for (const drawer of drawersOf(reach)) for (const place of made.get(drawer) ?? []) found.add(place);
    return found;
  };
};

const drawersOf = (spans: readonly (readonly [number, number])[]): ReadonlySet<number> => {
  const drawers = new Set<number>();
  for (const [start, end] of spans) {
    for (let drawer = Math.floor(start / DRAWER); drawer * DRAWER < end; drawer++) drawers.add(drawer);
  }
  return drawers;
};
