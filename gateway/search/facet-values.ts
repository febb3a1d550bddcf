import { codeSystem, splitDisease } from "../../schema/codes/disease-code.ts";
import { icd10Blocks, icd10Categories, icd10Chapters, icd10Span } from "../../schema/codes/icd10.ts";
import { FIELDS, type FieldName, NOT_RECORDED } from "../../schema/fields.ts";
import { once } from "../../schema/once.ts";
import { parseValue } from "../../schema/parse-value.ts";
import type { DiseaseLevel } from "../../schema/public-answer.ts";
import { wanted } from "../../schema/question-error.ts";
import { type Text, text } from "../../schema/text.ts";
import { valueLabel, valuesOf } from "../../schema/vocabulary.ts";
import type { Card } from "../../schema/wire/card.ts";

/**
 * The values of a field that a facet asks every bank for. `listed` may stand in the table; `rest` covers what lies outside
 * of them and is only asked to bound it. `closed`: there is no value of the field beside these.
 */
export type ValueList = {
  readonly listed: readonly string[];
  readonly rest: readonly string[];
  readonly closed: boolean;
};

/** Collection years are listed from here to the current one; earlier ones are one value of the rest. */
const FIRST_YEAR = 2000;
/** The largest number that a criterion can name. */
const LAST = 9999;
const AGE_BANDS = Array.from({ length: 11 }, (_, i) => `${i * 10}-${i * 10 + 9}`);

/** Every value of a field but DISEASE that banks may have. Programmes and centres are those that the banks declare. */
export const valuesOfField = (
  field: Exclude<FieldName, "DISEASE">,
  banks: readonly Card[],
  year: number,
): ValueList => {
  switch (field) {
    case "AGE_AT_COLLECTION":
      return { listed: [...AGE_BANDS, NOT_RECORDED], rest: [`110-${LAST}`], closed: true };
    case "COLLECTED_YEAR": {
      const years = Array.from({ length: year - FIRST_YEAR + 1 }, (_, i) => String(FIRST_YEAR + i));
      return { listed: [...years, NOT_RECORDED], rest: [`0-${FIRST_YEAR - 1}`, `${year + 1}-${LAST}`], closed: true };
    }
    case "PROGRAMME":
      return closed(banks.flatMap(programmesOf).map((programme) => programme.value));
    case "CENTRE":
      return closed([...banks.flatMap((bank) => bank.centres.map((centre) => centre.id)), NOT_RECORDED]);
    default:
      return closed(FIELDS[field].kind === "attribute" ? [...valuesOf(field), NOT_RECORDED] : valuesOf(field));
  }
};

/**
 * The diseases of one level, all of them or those below `under`; without a level the children of `under`, or the chapters.
 * @throws {QuestionError} where nothing lies below `under`
 */
export const diseasesOf = (level: DiseaseLevel | null, under: string | null, at: string): ValueList => {
  if (under === null) return closed(LEVELS[level ?? "CHAPTER"].map(curie));
  const [system, code] = splitDisease(parseValue(under, `${at}.under`, "DISEASE"));
  const below =
    level === null
      ? codeSystem(system).children(code)
      : system === "ICD10"
        ? LEVELS[level].filter(isBelow(code)).map(curie)
        : [];
  if (below.length > 0) return closed(below);
  const want =
    level === null
      ? text("a code with something below it", "下位分類を持つコード")
      : text("a code of ICD-10 with something below it", "下位分類を持つ ICD-10 のコード");
  throw wanted(`${at}.under`, want, JSON.stringify(under));
};

/**
 * Exactly the values that the asker gave, in that order, in their normal form and without duplicates.
 * @throws {QuestionError} for a value that the field does not have
 */
export const givenValues = (field: FieldName, values: readonly string[], at: string): ValueList => {
  const listed = values.map((value, i) => {
    if (value === NOT_RECORDED) return value;
    if (field === "AGE_AT_COLLECTION" || field === "COLLECTED_YEAR") return range(value, `${at}.values[${i}]`);
    return parseValue(value, `${at}.values[${i}]`, field);
  });
  return { listed: [...new Set(listed)], rest: [], closed: false };
};

/** The names of values: programmes and centres are named by the banks, the first one wins; the vocabulary names the others. */
export const labelsBy = (banks: readonly Card[]): ((field: FieldName, value: string) => Text) => {
  const centres = once(() => byFirst(banks.flatMap((bank) => bank.centres.map(({ id, name }) => [id, name] as const))));
  const programmes = once(() =>
    byFirst(banks.flatMap(programmesOf).map(({ value, label }) => [value, label] as const)),
  );
  return (field, value) => {
    const named = field === "CENTRE" ? centres() : field === "PROGRAMME" ? programmes() : null;
    return named?.get(value) ?? valueLabel(field, value);
  };
};

/** A map in which the first entry of a key wins. */
const byFirst = <T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> =>
  new Map([...entries].reverse());

const LEVELS: { readonly [L in DiseaseLevel]: readonly string[] } = {
  CHAPTER: icd10Chapters,
  BLOCK: icd10Blocks,
  CATEGORY: icd10Categories,
};

const curie = (code: string): string => `ICD10:${code}`;
const closed = (values: readonly string[]): ValueList => ({ listed: [...new Set(values)], rest: [], closed: true });

const isBelow = (code: string): ((other: string) => boolean) => {
  const [start, end] = icd10Span(code, true)[0]!;
  return (other) => {
    const [from, to] = icd10Span(other, true)[0]!;
    return start <= from && to <= end && to - from < end - start;
  };
};

const programmesOf = (bank: Card) =>
  bank.capabilities.fields.flatMap((support) =>
    support.field === "PROGRAMME" ? support.values.map(({ value }) => value) : [],
  );

/** `40-49`, or `40` where both ends are the same. */
const range = (value: string, at: string): string => {
  const ends = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(value.normalize("NFKC").trim());
  const [from, to] = ends === null ? [1, 0] : [Number(ends[1]), Number(ends[2] ?? ends[1])];
  if (from <= to) return from === to ? String(from) : `${from}-${to}`;
  throw wanted(at, text("a number or a range such as 40-49", "40-49 のような数値または範囲"), JSON.stringify(value));
};
