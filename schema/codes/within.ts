import { once } from "../once.ts";
import type { CodeSet } from "./code-set.ts";
import { AXES, type Axis, type Place, placeInSpans, placeWithin } from "./place.ts";
import { type Span, spansWithin, unionSpans } from "./spans.ts";

/** Whether every code of one set is surely in another one. */
export const within = (a: CodeSet, b: CodeSet): boolean => withinSet(b)(a);

/** The same for many sets and one that they may lie within: its places are sorted once, with the first set that has a place. */
export const withinSet = (b: CodeSet): ((a: CodeSet) => boolean) => {
  const holders = once(() => holdersOf(b.places));
  const insideFor = insideBy(b);
  const isInside = (place: Place): boolean =>
    AXES.some((axis) =>
      holders()
        [axis](place)
        .some((other) => placeWithin(place, other)),
    ) ||
    (place.sure && place.icd10 !== null && placeInSpans(place, insideFor(place)));
  return (a) =>
    b.any || (!a.any && spansWithin(a.spans, b.inside) && a.places.every(isInside) && every(a.names, b.names));
};

const every = (of: ReadonlySet<string>, others: ReadonlySet<string>): boolean => {
  for (const each of of) if (!others.has(each)) return false;
  return true;
};

type Holders = { readonly [A in Axis]: (place: Place) => readonly Place[] };

/** For each axis, those of some places that fix it and may hold a place: they have a code of it, whichever that is. */
const holdersOf = (places: readonly Place[]): Holders => {
  const byAxis = (axis: Axis) => {
    const found = new Map<string, Place[]>();
    for (const place of places) {
      if (place.axis !== axis) continue;
      for (const code of place[axis]!) {
        const others = found.get(code);
        if (others === undefined) found.set(code, [place]);
        else others.push(place);
      }
    }
    return ({ [axis]: own }: Place): readonly Place[] => {
      const [code] = own ?? [];
      return code === undefined ? [] : (found.get(code) ?? []);
    };
  };
  return { ORPHA: byAxis("ORPHA"), NANDO: byAxis("NANDO"), ONCOTREE: byAxis("ONCOTREE") };
};

/**
 * Atoms of ICD-10 that tell of a place: not by way of a system in which the place is known anyhow, or in which something that
 * surely belongs to it lies elsewhere. Places without members differ in the axes on which they are known, and in nothing else.
 */
const insideBy = ({ spans, places, inside }: CodeSet): ((place: Place) => readonly Span[]) => {
  const made = new Map<string, readonly Span[]>();
  const make = (place: Place): readonly Span[] => {
    const others = places.filter(
      (other) => place[other.axis] === null && place.members.every((code) => holds(other, code)),
    );
    return others.length === places.length ? inside : unionSpans([...spans, ...others.flatMap((each) => each.inside)]);
  };
  return (place) => {
    if (place.members.length > 0) return make(place);
    const known = AXES.filter((axis) => place[axis] !== null).join();
    const before = made.get(known) ?? make(place);
    made.set(known, before);
    return before;
  };
};

const holds = (other: Place, orpha: string): boolean => other.axis !== "ORPHA" || other.ORPHA!.has(orpha);
