import { isNumberField } from "../../schema/fields.ts";
import { allOf, anyOf, anySampleAt, type Filter, notOf, oneSample } from "./filters.ts";
import { absent, among, outside, present } from "./leaves.ts";
import {
  belowOf,
  comparable,
  faultOfEmpty,
  faultOfKind,
  faultOfNumbers,
  fromOn,
  MISSING_VALUES,
  NOT_SEARCHABLE,
  thresholds,
  UNMAPPED_VALUES,
} from "./proof-of-values.ts";
import type { Proof, Proving } from "./proving.ts";

/**
 * A field of the samples that are nested in a document of a donor. A donor may have a sample of each value, so that nothing
 * adds up: instead no donor with a sample is left by "has a value" and "has none", and none with a value by the mapped ones,
 * marks and the rest. That no sample meets a condition and its opposite is proven with the pivot.
 */
export const proveNested = async (
  proving: Proving,
  { nested, pivot }: { readonly nested: string; readonly pivot: string | undefined },
): Promise<Proof> => {
  const { unit, column, count, warranted } = proving;
  const kindFault = faultOfKind(column);
  if (kindFault !== undefined) return { column, fault: kindFault };
  const any = anySampleAt(column.path);
  const [some, none, left] = await Promise.all(
    [present(column), absent(column), allOf([any, notOf(anyOf([present(column), absent(column)]))])].map((filter) =>
      count(unit, filter),
    ),
  );
  if (some === undefined || none === undefined || left === undefined) return { column, fault: NOT_SEARCHABLE };
  if (left > 0) return { column, fault: `samples below ${nested} neither have a value nor lack one` };
  const fault = some === 0 ? faultOfEmpty(column) : undefined;
  if (fault !== undefined) return { column, fault };
  const proof = await (isNumberField(column.field) ? proveNumbers(proving) : proveCodes(proving, pivot));
  return proof.fault === undefined && warranted.present && none > 0 ? { ...proof, ...MISSING_VALUES } : proof;
};

const proveCodes = async (
  { unit, column: given, count, warranted }: Proving,
  pivot: string | undefined,
): Promise<Proof> => {
  const takesEmpty = given.kind !== "unknown" || (await count(unit, among(given, [""]))) !== undefined;
  const column = takesEmpty ? given : { ...given, marks: given.marks.filter((mark) => mark !== "") };
  const { codes, marks } = column;
  const mapped: Filter = codes.length === 0 ? false : among(column, codes);
  const marked: Filter = marks.length === 0 ? false : among(column, marks);
  const other = outside(column, [...codes, ...marks]);
  const [found, left, unmapped, markedDonors] = await Promise.all(
    [
      mapped,
      allOf([present(column), notOf(anyOf([mapped, marked, other]))]),
      // Without a pivot the two may hold for two samples, so that a good warrant may seem false.
      oneSample([other, present(column)], pivot),
      marked,
    ].map((filter) => count(unit, filter)),
  );
  if (found === undefined || left === undefined || unmapped === undefined) return { column, fault: NOT_SEARCHABLE };
  if (left > 0) return { column, fault: "its values and the rest do not add up" };
  if (warranted.mapped && unmapped > 0) return { column, ...UNMAPPED_VALUES };
  return warranted.present && markedDonors !== 0 ? { column, ...MISSING_VALUES } : { column, fault: undefined };
};

const proveNumbers = async ({ unit, column: given, count }: Proving): Promise<Proof> => {
  const column = await comparable(unit, given, count);
  const left = await Promise.all(
    thresholds(column).map((at) =>
      count(unit, allOf([present(column), notOf(anyOf([belowOf(column, at), fromOn(column, at)]))])),
    ),
  );
  if (left.includes(undefined)) return { column, fault: NOT_SEARCHABLE };
  if (left.some((found) => found !== 0))
    return { column, fault: "its numbers below and from a number on do not add up" };
  return { column, fault: await faultOfNumbers({ unit, column, count }) };
};
