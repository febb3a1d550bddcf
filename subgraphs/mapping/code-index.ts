import { type CodeSet, icd10Reach } from "../../schema/codes/code-set.ts";
import { once } from "../../schema/once.ts";
import type { LocalCode } from "./field-mapping.ts";

/** Gives all local codes that meet a set of diseases, and some that do not, in their order, without looking at all codes. */
export type CodeIndex = (asked: CodeSet) => readonly LocalCode[];

/** Atoms of ICD-10 in one drawer. */
const DRAWER = 16;
/** So few codes are looked at faster than they are sorted. */
const FEW = 64;

/** Puts every local code into the drawers of ICD-10 that it reaches; it is built with the first question. */
export const codeIndex = (codes: readonly LocalCode[]): CodeIndex => {
  const drawers = once(() => {
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
    return { made, anywhere };
  });
  return (asked) => {
    const reach = codes.length <= FEW ? null : icd10Reach(asked);
    if (reach === null) return codes;
    const { made, anywhere } = drawers();
    const found = new Set(anywhere);
    for (const drawer of drawersOf(reach)) for (const place of made.get(drawer) ?? []) found.add(place);
    return [...found].sort((a, b) => a - b).map((place) => codes[place]!);
  };
};

const drawersOf = (spans: readonly (readonly [number, number])[]): ReadonlySet<number> => {
  const drawers = new Set<number>();
  for (const [start, end] of spans) {
    for (let drawer = Math.floor(start / DRAWER); drawer * DRAWER < end; drawer++) drawers.add(drawer);
  }
  return drawers;
};
