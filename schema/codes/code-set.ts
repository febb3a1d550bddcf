import type { CodeField } from "../fields.ts";
import { bbjSpans } from "./bbj.ts";
import { splitDisease } from "./disease-code.ts";
import { icd10Spans } from "./icd10.ts";
import { mondoRow } from "./mondo.ts";
import { type Place, placeMeetsSpans, placeOf, placesMeet } from "./place.ts";
import { noticeNumber } from "./rare.ts";
import { type Span, spansMeet, unionSpans } from "./spans.ts";

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
  const codes = values.flatMap(counterpartsOf).map(splitDisease);
  const icd10 = codes.flatMap(([system, code]) => (system === "ICD10" ? [code] : []));
  const spans = unionSpans([
    ...icd10Spans(icd10, descendants),
    ...codes.flatMap(([system, code]) => (system === "BBJ" ? bbjSpans(code) : [])),
  ]);
  const places = codes.flatMap(([system, code]): readonly Place[] => {
    switch (system) {
      case "ICD10":
      case "BBJ":
        return [];
      case "NANBYO":
        // Numbers have nothing below them in their own system, and in NANDO they are classes with all below.
        return [placeOf("NANDO", noticeNumber(code).root, true)];
      case "ORPHA":
      case "NANDO":
      case "ONCOTREE":
        return [placeOf(system, code, descendants)];
      default:
        throw new RangeError(`wanted a code of a known system, got ${JSON.stringify(`${system}:${code}`)}`);
    }
  });
  if (places.length === 0) return icd10Set(spans);
  return { ...NO_CODE, spans, places, inside: unionSpans([...spans, ...places.flatMap((place) => place.inside)]) };
};

/** The codes that Mondo says are the same as one of its own; any other code is itself. */
const counterpartsOf = (value: string): readonly string[] => {
  const [system, code] = splitDisease(value);
  return system === "MONDO" ? mondoRow(code).counterparts : [value];
};

/** A donor in a complete trio has relatives in the bank, so TRIO lies below RELATIVE_HELD. */
const below = (field: CodeField, value: string, descendants: boolean): readonly string[] =>
  field === "FAMILY" && value === "RELATIVE_HELD" && descendants ? ["RELATIVE_HELD", "TRIO"] : [value];

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

/**
 * A set in parts that a set meets exactly where it meets one of them: its atoms of ICD-10 and its names, and each of its places.
 * None of a set of any code.
 */
export const partsOf = ({ any, spans, places, names }: CodeSet): readonly CodeSet[] => {
  if (any) return [];
  const rest = spans.length === 0 && names.size === 0 ? [] : [{ ...icd10Set(spans), names }];
  return [...rest, ...places.map((place): CodeSet => ({ ...NO_CODE, places: [place], inside: place.inside }))];
};

/** All atoms of ICD-10 that the codes of a set may have; null: any. Two sets that meet share at least one. */
export const icd10Reach = ({ any, spans, places }: CodeSet): readonly Span[] | null => {
  if (any || places.some(({ icd10 }) => icd10 === null)) return null;
  return places.length === 0 ? spans : unionSpans([...spans, ...places.flatMap(({ icd10 }) => icd10 ?? [])]);
};
