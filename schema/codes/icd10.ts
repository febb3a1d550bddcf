import { once } from "../once.ts";
import { type Label, labelOf } from "../text.ts";
import { entryOf, tablesIn } from "./rows.ts";
import { type Span, unionSpans } from "./spans.ts";

/**
 * ICD-10 as one line of atoms. Every category (`E11`) and every subcategory (`E11.2`) is an atom; sorted, a category with
 * all below it is one contiguous span. Ranges of categories (`E10-E14`) are codes too; chapters and blocks are ranges.
 *
 * Where `data/icd10.json` comes from:
 * - Structure and English labels: ICD-10-CM 2021, a work of the United States government, as far as it agrees with ICD-10.
 *   English labels of its subcategories are left out, because the same code often means something else in ICD-10.
 * - Japanese labels of codes: 「診断群分類（DPC）電子点数表」（厚生労働省）, edition of 2024-11-19, edited: half-width letters and
 *   digits, other readings in ＜＞ removed. Japanese chapter names: the government's notice of the classification.
 * - Japanese names of blocks, of groups and of the categories that the table above leaves out are ours.
 * - Chapters and blocks follow ICD-10. Four chapters are wider by the categories that only the American edition has
 *   (`C00-D49`, `K00-K95`, `O00-O9A`, `V00-Y99`); their ICD-10 ranges are named as well. Labels that no source has are ours.
 *
 * No source lists the fourth characters of ICD-10 in full. So each category has all of `.0` to `.9`: a subcategory that no
 * edition uses is an atom without records. `icd10Children` names only those that a source lists.
 */

/** What kind of code it is; RANGE is one that is neither chapter nor block. */
export type Icd10Level = "CHAPTER" | "BLOCK" | "CATEGORY" | "SUBCATEGORY" | "RANGE";

type Named = readonly [code: string, en: string, ja?: string, fourths?: string];
const data = tablesIn<{
  readonly chapters: Named;
  readonly blocks: Named;
  readonly ranges: Named;
  readonly categories: Named;
  readonly subcategories: readonly [code: string, ja: string];
}>("icd10");
const codesOf = (rows: readonly Named[]): ReadonlySet<string> => new Set(rows.map(([code]) => code));
const chapters = codesOf(data.chapters);
const blocks = codesOf(data.blocks);
const categories = codesOf(data.categories);
/** Names of chapters, blocks, other ranges and categories. */
const labels: ReadonlyMap<string, Label> = new Map(
  [data.ranges, data.blocks, data.chapters, data.categories].flat().map(([code, en, ja]) => [code, labelOf(en, ja)]),
);
const subcategoriesJa: ReadonlyMap<string, string> = new Map(data.subcategories);
const listed: ReadonlyMap<string, string> = new Map(data.categories.map(([code, , , fourths = ""]) => [code, fourths]));

/** Ranges that people mean by one everyday name (C18-C20 is bowel cancer) and that are neither chapter nor block. */
export const icd10Groups: readonly string[] = data.ranges.map(([code]) => code);

/** Every category, sorted. */
export const icd10Categories: readonly string[] = [...categories];

/** 0, and the sum of the numbers up to each of them. */
const sumsOf = (numbers: readonly number[]): readonly number[] => {
  const sums = [0];
  for (const each of numbers) sums.push(sums.at(-1)! + each);
  return sums;
};

const ordinalOf: ReadonlyMap<string, number> = new Map(icd10Categories.map((code, ordinal) => [code, ordinal]));
/** Each category's fourth characters: letters are listed last and sort after the digits. */
const fourths: readonly string[] = icd10Categories.map(
  (category) => `0123456789${entryOf(listed, category).replace(/\d/g, "")}`,
);
/** The atom of each category; the last entry is the number of atoms. */
const starts: readonly number[] = sumsOf(fourths.map((of) => 1 + of.length));

/** The atom of a category or subcategory; undefined for any other text. */
const atomOf = (code: string): number | undefined => {
  const ordinal = ordinalOf.get(code.slice(0, 3));
  if (ordinal === undefined || code.length === 3) return ordinal === undefined ? undefined : starts[ordinal];
  const fourth = code.length === 5 && code[3] === "." ? fourths[ordinal]!.indexOf(code[4]!) : -1;
  return fourth < 0 ? undefined : starts[ordinal]! + 1 + fourth;
};
const isAtom = (code: string): boolean => atomOf(code) !== undefined;

/** The code of every atom, by its number. */
export const icd10Atoms = once((): readonly string[] =>
  icd10Categories.flatMap((category, ordinal) => [
    category,
    ...Array.from(fourths[ordinal]!, (fourth) => `${category}.${fourth}`),
  ]),
);

/** The canonical code (`e112` gives `E11.2`, `E11–e11` gives `E11`), or null where there is no such code. */
export const normalizeIcd10 = (code: string): string | null => {
  if (isAtom(code)) return code;
  const plain = code.normalize("NFKC").trim().toUpperCase();
  const [from = "", to, ...rest] = plain.split(/\s*[-‐‑–—−]\s*/u);
  if (to === undefined) return atomCode(plain);
  if (rest.length > 0) return null;
  const range = `${from}-${to}`;
  if (labels.has(range)) return range;
  const [first, last] = [ordinalOf.get(from), ordinalOf.get(to)];
  if (first === undefined || last === undefined || first > last) return null;
  return first === last ? from : range;
};

const atomCode = (plain: string): string | null => {
  const code = plain.replace(/^(\w{3})(\w)$/, "$1.$2");
  return isAtom(code) ? code : null;
};

/** What kind of code a canonical code is. @throws {RangeError} for a code that is not canonical */
export const icd10Level = (code: string): Icd10Level => {
  if (isAtom(code)) return categories.has(code) ? "CATEGORY" : "SUBCATEGORY";
  if (chapters.has(code)) return "CHAPTER";
  if (blocks.has(code)) return "BLOCK";
  if (normalizeIcd10(code) === code) return "RANGE";
  throw new RangeError(`ICD-10: wanted a canonical code, got ${JSON.stringify(code)}`);
};

/**
 * The atoms that a canonical code stands for: with descendants one span; without, the code itself, or one span for each
 * category of a range.
 * @throws {RangeError} for a code that is not canonical
 */
export const icd10Span = (code: string, descendants: boolean): readonly Span[] => {
  if (icd10Level(code) === "SUBCATEGORY") return [atomSpan(code)];
  const [first, last] = ordinals(code);
  if (descendants) return [[starts[first]!, starts[last + 1]!]];
  return icd10Categories.slice(first, last + 1).map(atomSpan);
};

/**
 * The atoms of several canonical codes together, as sorted spans that do not touch. Without descendants no category is looked at
 * twice, however many ranges hold it. @throws {RangeError} for a code that is not canonical
 */
export const icd10Spans = (codes: readonly string[], descendants: boolean): readonly Span[] => {
  if (descendants) return unionSpans(codes.flatMap((code) => icd10Span(code, true)));
  const isSubcategory = (code: string): boolean => icd10Level(code) === "SUBCATEGORY";
  const groups = unionSpans(
    codes.flatMap((code): readonly Span[] => {
      if (isSubcategory(code)) return [];
      const [first, last] = ordinals(code);
      return [[first, last + 1]];
    }),
  );
  const bare = groups.flatMap(([first, end]) => icd10Categories.slice(first, end).map(atomSpan));
  return unionSpans([...bare, ...codes.filter(isSubcategory).map(atomSpan)]);
};

const atomSpan = (code: string): Span => {
  const atom = atomOf(code);
  if (atom === undefined) throw new RangeError(`ICD-10: wanted a category or subcategory, got ${JSON.stringify(code)}`);
  return [atom, atom + 1];
};

/** Positions of the first and the last category of a category or range; a chapter's own ends may lie between categories. */
const ordinals = (code: string): readonly [first: number, last: number] => {
  const [from = "", to = from] = code.split("-");
  return [
    ordinalOf.get(from) ?? icd10Categories.findIndex((category) => category >= from),
    ordinalOf.get(to) ?? icd10Categories.findLastIndex((category) => category <= to),
  ];
};

type Group = { readonly code: string; readonly first: number; readonly last: number };
const groupOf = (code: string): Group => {
  const [first, last] = ordinals(code);
  return { code, first, last };
};
const isInside = (inner: Group, outer: Group): boolean =>
  inner.first >= outer.first && inner.last <= outer.last && inner.last - inner.first < outer.last - outer.first;

/** Chapters and blocks, the narrow ones first. */
const groups: readonly Group[] = [...blocks, ...chapters]
  .map(groupOf)
  .sort((a, b) => a.last - a.first - (b.last - b.first));

/** The next level up: category, then the narrowest block around it, up to the chapter, whose parent is null. */
export const icd10Parent = (code: string): string | null => {
  if (icd10Level(code) === "SUBCATEGORY") return code.slice(0, 3);
  const own = groupOf(code);
  return groups.find((group) => isInside(own, group))?.code ?? null;
};

/** The next level down: blocks and the categories outside them; of a category, the subcategories that a source lists. */
export const icd10Children = (code: string): readonly string[] => {
  const level = icd10Level(code);
  if (level === "SUBCATEGORY") return [];
  if (level === "CATEGORY") return [...entryOf(listed, code)].map((fourth) => `${code}.${fourth}`);
  const own = groupOf(code);
  const inside = groups.filter((group) => isInside(group, own)).reverse();
  const children: string[] = [];
  for (let at = own.first; at <= own.last; ) {
    const widest = inside.find((group) => group.first === at);
    children.push(widest?.code ?? icd10Categories[at]!);
    at = (widest?.last ?? at) + 1;
  }
  return children;
};

/** The chapters, sorted. */
export const icd10Chapters: readonly string[] = [...chapters];

/** What lies directly below the chapters, sorted: their outermost blocks, and the categories that are in no block. */
export const icd10Blocks: readonly string[] = icd10Chapters.flatMap(icd10Children);

/**
 * The name of a canonical code. A subcategory that no source names is called by its category's name with the code.
 * @throws {RangeError} for a code that is not canonical
 */
export const icd10Label = (code: string): Label => {
  const own = labels.get(code);
  if (own !== undefined) return own;
  if (icd10Level(code) === "SUBCATEGORY") return subcategoryLabel(code);
  const [from, to] = ordinals(code);
  const [first, last] = [categoryLabel(from), categoryLabel(to)];
  return labelOf(`${first.en} – ${last.en}`, first.missing || last.missing ? null : `${first.ja}〜${last.ja}`);
};

const categoryLabel = (ordinal: number): Label => entryOf(labels, icd10Categories[ordinal] ?? "");

const subcategoryLabel = (code: string): Label => {
  const own = subcategoriesJa.get(code);
  if (own !== undefined) return { en: own, ja: own, missing: "EN" };
  const category = entryOf(labels, code.slice(0, 3));
  return labelOf(`${category.en} (${code})`, category.missing ? null : `${category.ja}（${code}）`);
};

/** What a source calls a canonical code. Most subcategories are called nothing: their label is their category's. */
export const icd10Names = (code: string): readonly string[] => {
  const own = labels.get(code);
  if (own !== undefined) return own.missing ? [own.en] : [own.en, own.ja];
  const ja = subcategoriesJa.get(code);
  return ja === undefined ? [] : [ja];
};

/** At most three codes that the text may have meant; empty where it does not look like a code. */
export const suggestIcd10 = (text: string): readonly string[] => {
  const plain = text.normalize("NFKC").trim().toUpperCase();
  const [from = "", to] = plain.split(/\s*[-‐‑–—−]\s*/u);
  if (to === undefined) return nearCodes(plain);
  const [first, last] = [atomCode(from) ?? nearCodes(from)[0], atomCode(to) ?? nearCodes(to)[0]];
  const range = first && last ? normalizeIcd10(`${first.slice(0, 3)}-${last.slice(0, 3)}`) : null;
  return range === null ? nearCodes(from) : [range];
};

const nearCodes = (plain: string): readonly string[] => {
  if (!/^[A-Z]\d/.test(plain)) return [];
  const wanted = plain.replace(/[^A-Z\d]/g, "");
  const subcategory = atomCode(wanted.slice(0, 4));
  if (subcategory !== null) return [subcategory];
  if (categories.has(wanted.slice(0, 3))) return [wanted.slice(0, 3)];
  const near = icd10Categories.filter((category) => category.startsWith(wanted.slice(0, 2)));
  return (near.length > 0 ? near : icd10Categories.filter((category) => category[0] === wanted[0]))
    .map((category) => ({ category, far: Math.abs(number(category) - number(wanted)) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ category }) => category);
};

const number = (code: string): number => Number.parseInt(code.slice(1, 3), 36);
