import { FIELDS, isNumberField } from "../../schema/fields.ts";
import { type Column, MISSING } from "./columns.ts";
import { allOf, anyOf, type Filter, notOf } from "./filters.ts";
import { absent, among, type Leaf, outside, present, within } from "./leaves.ts";
import type { ProofCount } from "./proof-counts.ts";
import type { Proof, Proving } from "./proving.ts";

/** Most codes of a field that are counted one by one. */
export const MOST_ONE_BY_ONE = 300;

/** A field that stands on the documents that are counted: its values, those that are missing and the rest are all documents. */
export const proveFlat = async (proving: Proving): Promise<Proof> => {
  const { unit, column: given, count, warranted } = proving;
  const kindFault = faultOfKind(given);
  if (kindFault !== undefined) return { column: given, fault: kindFault };
  const [all, some, none] = await Promise.all(
    // Of several values none is missing where there is none at all, also below a nested field.
    [true, present(given), given.many ? notOf(present(given)) : absent(given)].map((filter) => count(unit, filter)),
  );
  if (all === undefined || some === undefined || none === undefined) return { column: given, fault: NOT_SEARCHABLE };
  if (some + none !== all)
    return { column: given, fault: "documents with a value and documents without do not add up" };
  const fault = some === 0 ? faultOfEmpty(given) : undefined;
  if (fault !== undefined) return { column: given, fault };
  const proof = await (isNumberField(given.field) ? proveNumbers(proving, none) : proveCodes(proving, some));
  return proof.fault === undefined && warranted.present && none > 0 ? { ...proof, ...MISSING_VALUES } : proof;
};

export const NOT_SEARCHABLE = "the server refuses to search it";
export const MISSING_VALUES = {
  fault: "`complete` warrants a value in every document, and some have none",
  warrant: true,
} as const;
export const UNMAPPED_VALUES = {
  fault: "`complete` warrants that every value is mapped, and some are not",
  warrant: true,
} as const;

/** Why a field of this type cannot be asked, or undefined. */
export const faultOfKind = ({ field, path, kind }: Column): string | undefined => {
  if (kind === "parts") {
    return `it is a text that is searched by its words: name a field of type keyword, often ${path}.keyword`;
  }
  if (kind === "none") return "it holds other fields and no value of its own";
  if (isNumberField(field)) {
    if (kind === "truth") return "it holds true or false, not numbers";
    return kind === "days" && field !== "COLLECTED_YEAR" ? "it holds dates, not numbers" : undefined;
  }
  return kind === "days" ? "it holds dates, not codes" : undefined;
};

/** An index finds nothing by a path that it does not have, and says nothing. */
export const faultOfEmpty = ({ kind, path }: Column): string | undefined =>
  kind === "unknown"
    ? `no document has a value at ${path}, and the server does not tell that there is such a field`
    : undefined;

const proveCodes = async (proving: Proving, some: number): Promise<Proof> => {
  const { unit, column: given, count, warranted } = proving;
  const column = await askable(unit, given, count);
  if (column.many) return proveSeveral({ ...proving, column });
  const { codes, marks } = column;
  const one = (filter: Filter) => count(unit, filter);
  const each = codes.length > MOST_ONE_BY_ONE ? [] : codes;
  const [mapped, marked, rest, ...singly] = await Promise.all([
    one(codes.length === 0 ? false : among(column, codes)),
    one(marks.length === 0 ? false : among(column, marks)),
    one(allOf([outside(column, [...codes, ...marks]), present(column)])),
    ...each.map((code) => one(among(column, [code]))),
  ]);
  if (mapped === undefined || marked === undefined || rest === undefined) return { column, fault: NOT_SEARCHABLE };
  const sum = singly.reduce<number>((total, found) => total + (found ?? 0), 0);
  if (mapped + marked + rest < some) return { column, fault: "its values and the rest do not add up" };
  if (mapped + marked + rest > some || (each.length > 0 && sum !== mapped)) {
    // Documents hold several values of a field that a donor has one of.
    return proveSeveral({ ...proving, column: { ...column, many: true } });
  }
  if (warranted.mapped && rest > 0) return { column, ...UNMAPPED_VALUES };
  return warranted.present && marked > 0 ? { column, ...MISSING_VALUES } : { column, fault: undefined };
};

/** A field of several values is asked for values and for nothing else; a warrant needs the keys of all that there are. */
const proveSeveral = async ({ unit, column, count, keys, warranted }: Proving): Promise<Proof> => {
  const { codes, marks } = column;
  const [mapped, other] = await Promise.all([
    count(unit, codes.length === 0 ? false : among(column, codes)),
    count(unit, allOf([present(column), notOf(anyOf([among(column, [...codes, ...marks])]))])),
  ]);
  if (mapped === undefined || other === undefined) return { column, fault: NOT_SEARCHABLE };
  if (!warranted.mapped) return { column, fault: undefined };
  const known = new Set([...codes, ...marks, MISSING]);
  const found = await keys(unit, column.path);
  const isMapped = other === 0 && (found === undefined || found.every((key) => known.has(key)));
  return isMapped ? { column, fault: undefined } : { column, ...UNMAPPED_VALUES };
};

/** The column with the marks and codes that the server takes; where it told the type, they are known. */
const askable = async (unit: Proving["unit"], column: Column, count: ProofCount): Promise<Column> => {
  if (column.kind !== "unknown") return column;
  const takes = async (value: string) => (await count(unit, among(column, [value]))) !== undefined;
  const kept = async (values: readonly string[]) => {
    const taken = await Promise.all(values.map(takes));
    return values.filter((_, at) => taken[at]);
  };
  const marks = await kept(column.marks);
  if (marks.includes("") || column.codes.length > MOST_ONE_BY_ONE) return { ...column, marks };
  const codes = await kept(column.codes);
  return { ...column, marks, codes, all: codes.length === column.codes.length ? column.all : undefined };
};

const proveNumbers = async ({ unit, column: given, count }: Proving, none: number): Promise<Proof> => {
  const column = await comparable(unit, given, count);
  const all = (await count(unit, true)) ?? 0;
  const sums = await Promise.all(
    thresholds(column).map(async (at) => {
      const [below, above] = await Promise.all([count(unit, belowOf(column, at)), count(unit, fromOn(column, at))]);
      return below === undefined || above === undefined ? undefined : below + above + none;
    }),
  );
  if (sums.includes(undefined)) return { column, fault: NOT_SEARCHABLE };
  if (sums.some((sum) => sum !== all)) return { column, fault: "its numbers below and from a number on do not add up" };
  return { column, fault: await faultOfNumbers({ unit, column, count }) };
};

/**
 * The column as its dates can be compared: the format of some has a time, so that the server refuses a day alone. A server
 * that does not tell the type refuses ends that are no dates for a field of dates only.
 */
export const comparable = async (unit: Proving["unit"], column: Column, count: ProofCount): Promise<Column> => {
  const { path: fieldName, kind, field } = column;
  const isUntold = kind === "unknown" && field === "COLLECTED_YEAR";
  if (kind !== "days" && !isUntold) return column;
  const days: Column = { ...column, kind: "days" };
  const takes = async (filter: Filter) => (await count(unit, filter)) !== undefined;
  const takesDays = await takes(fromOn(days, 2000));
  if (kind === "days") return takesDays ? days : { ...column, kind: "moments" };
  const takesWords = await takes({ op: "between", content: { fieldName, value: ["a", "b"] } });
  return takesDays && !takesWords ? days : column;
};

/** Numbers between which a field is divided in two to see that its parts add up. */
export const thresholds = ({ field }: Column): readonly number[] =>
  field === "COLLECTED_YEAR" ? [1990, 2000, 2010, 2014, 2015, 2020] : [1, 18, 30, 40, 50, 60, 70];

/** Numbers below one. */
export const belowOf = (column: Column, at: number): Filter => said(within(column, { from: null, to: at - 1 }));
/** Numbers from one on. */
export const fromOn = (column: Column, at: number): Filter => said(within(column, { from: at, to: null }));
const said = (alternatives: readonly (readonly Leaf[])[]): Filter => anyOf(alternatives.map(allOf));

type Numbers = Pick<Proving, "unit" | "column" | "count">;

/** Numbers that no sample has, numbers that are compared as texts, and times that are in two years. */
export const faultOfNumbers = async ({ unit, column, count }: Numbers): Promise<string | undefined> => {
  const [least, most] = column.field === "COLLECTED_YEAR" ? [1000, 2999] : [0, 149];
  const outOfRange = anyOf([belowOf(column, least), fromOn(column, most + 1)]);
  const asTexts = column.kind === "unknown" ? textOrder(column) : false;
  const atNewYear = column.kind === "days" ? nearNewYear(column) : false;
  const [odd, texts, doubtful] = await Promise.all(
    [outOfRange, asTexts, atNewYear].map((filter) => count(unit, filter)),
  );
  const name = FIELDS[column.field].yaml;
  if (odd !== 0) return `it holds numbers outside ${least} to ${most}, which cannot be the ${name} of a sample`;
  if (texts !== 0) return "its numbers are compared as texts: name a field of numbers";
  // Refused: the format of these dates has no time.
  if (doubtful !== undefined && doubtful > 0)
    return "it holds times near New Year, which are in another year elsewhere";
  return undefined;
};

/** Found only where 9 is after 10, as it is among texts. */
const textOrder = ({ path: fieldName }: Column): Filter =>
  anyOf(
    [
      [10, 9],
      [10_000, 3000],
    ].map(([from = 0, below = 0]) =>
      allOf([
        { op: "gte", content: { fieldName, value: from } },
        { op: "lt", content: { fieldName, value: below } },
      ]),
    ),
  );

/** Times that are in another year in some zone; a day without a time is in its own. */
const nearNewYear = ({ path: fieldName }: Column): Filter =>
  anyOf(
    Array.from({ length: 160 }, (_, at) => 1900 + at).flatMap((year): readonly Filter[] => [
      { op: "between", content: { fieldName, value: [`${year}-01-01T00:00:00.001Z`, `${year}-01-01T14:00:00.000Z`] } },
      { op: "between", content: { fieldName, value: [`${year}-12-31T12:00:00.000Z`, `${year}-12-31T23:59:59.998Z`] } },
    ]),
  );
