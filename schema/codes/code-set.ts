import type { CodeField } from "../fields.ts";
import { bbjSpans } from "./bbj.ts";
import { splitDisease } from "./disease-code.ts";
import { icd10Span } from "./icd10.ts";
import { mondoRow } from "./mondo.ts";
import { type Place, placeInSpans, placeMeetsSpans, placeOf, placesMeet, placeWithin } from "./place.ts";
import { noticeNumber } from "./rare.ts";
import { type Span, spansMeet, spansWithin, unionSpans } from "./spans.ts";

/**
 * What a code can mean: a set of exact codes. Diseases of ICD-10 are spans of the tree's order and those of other systems
 * are places (place.ts), everything else is a set of names; `any` is every code there is.
 */
export type CodeSet = {
  readonly any: boolean;
  /** Atoms of ICD-10 that are named directly. */
  readonly spans: readonly Span[];
  readonly places: readonly Place[];
  /** `spans`, and all atoms of ICD-10 that lie within one of the places. */
  readonly inside: readonly Span[];
  readonly names: ReadonlySet<string>;
};

const NO_CODE: CodeSet = { any: false, spans: [], places: [], inside: [], names: new Set() };
export const ANY_CODE: CodeSet = { ...NO_CODE, any: true };

/** Some atoms of ICD-10, and nothing else. */
export const icd10Set = (spans: readonly Span[]): CodeSet => ({ ...NO_CODE, spans, inside: spans });

/** The exact codes that a question asks for, or that a mapping gives. @param descendants with everything below them */
export const codeSet = (field: CodeField, values: readonly string[], descendants: boolean): CodeSet => {
  if (field !== "DISEASE") {
    return { ...NO_CODE, names: new Set(values.flatMap((value) => below(field, value, descendants))) };
  }
  const parts = values.map((value) => diseaseSet(value, descendants));
  const spans = unionSpans(parts.flatMap((part) => part.spans));
  const places = parts.flatMap((part) => part.places);
  if (places.length === 0) return icd10Set(spans);
  return { ...NO_CODE, spans, places, inside: unionSpans([...spans, ...places.flatMap((place) => place.inside)]) };
};

const diseaseSet = (value: string, descendants: boolean): Pick<CodeSet, "spans" | "places"> => {
  const [system, code] = splitDisease(value);
  switch (system) {
    case "ICD10":
      return { spans: icd10Span(code, descendants), places: [] };
    case "BBJ":
      return { spans: bbjSpans(code), places: [] };
    case "NANBYO":
      // Numbers have nothing below them in their own system, and in NANDO they are classes with all below.
      return { spans: [], places: [placeOf("NANDO", noticeNumber(code).root, true)] };
    case "MONDO": {
      const parts = mondoRow(code).counterparts.map((each) => diseaseSet(each, descendants));
      return { spans: parts.flatMap((part) => part.spans), places: parts.flatMap((part) => part.places) };
    }
    case "ORPHA":
    case "NANDO":
    case "ONCOTREE":
      return { spans: [], places: [placeOf(system, code, descendants)] };
    default:
      throw new RangeError(`wanted a code of a known system, got ${JSON.stringify(value)}`);
  }
};

/** A donor in a complete trio has relatives in the bank, so TRIO lies below RELATIVE_HELD. */
const below = (field: CodeField, value: string, descendants: boolean): readonly string[] =>
  field === "FAMILY" && value === "RELATIVE_HELD" && descendants ? ["RELATIVE_HELD", "TRIO"] : [value];

/** Whether every code of `a` is surely in `b`. */
export const within = (a: CodeSet, b: CodeSet): boolean =>
  b.any ||
  (!a.any &&
    spansWithin(a.spans, b.inside) &&
    a.places.every(
      (place) => b.places.some((other) => placeWithin(place, other)) || placeInSpans(place, insideFor(place, b)),
    ) &&
    [...a.names].every((name) => b.names.has(name)));

/**
 * Atoms of ICD-10 that tell of a place: not by way of a system in which the place is known anyhow, or in which something that
 * surely belongs to it lies elsewhere.
 */
const insideFor = (place: Place, { spans, places, inside }: CodeSet): readonly Span[] => {
  const others = places.filter(
    (other) => place[other.axis] === null && place.members.every((code) => holds(other, code)),
  );
  return others.length === places.length ? inside : unionSpans([...spans, ...others.flatMap((other) => other.inside)]);
};

const holds = (other: Place, orpha: string): boolean => other.axis !== "ORPHA" || other.ORPHA!.has(orpha);

/** Whether some code may be in both. */
export const meets = (a: CodeSet, b: CodeSet): boolean => {
  if (a.any) return !isEmpty(b);
  if (b.any) return !isEmpty(a);
  return (
    spansMeet(a.spans, b.spans) ||
    a.places.some((place) => placeMeetsSpans(place, b.spans) || b.places.some((other) => placesMeet(place, other))) ||
    b.places.some((place) => placeMeetsSpans(place, a.spans)) ||
    [...a.names].some((name) => b.names.has(name))
  );
};

const isEmpty = (set: CodeSet): boolean =>
  !set.any && set.spans.length === 0 && set.places.length === 0 && set.names.size === 0;

/** All atoms of ICD-10 that the codes of a set may have; null: any. Two sets that meet share at least one. */
export const icd10Reach = ({ any, spans, places }: CodeSet): readonly Span[] | null => {
  if (any || places.some(({ icd10 }) => icd10 === null)) return null;
  return places.length === 0 ? spans : unionSpans([...spans, ...places.flatMap(({ icd10 }) => icd10 ?? [])]);
};
