import { FIELDS, type FieldName } from "../fields.ts";
import type { Text } from "../text.ts";
import { buildIndex, type Named } from "./build-index.ts";
import { type FoundWords, findWords } from "./find-words.ts";
import { openIndex } from "./opened-index.ts";
import { OTHER_FIELD_NAMES, OTHER_PROGRAMME_NAMES, OTHER_VALUE_NAMES, type OtherNames } from "./value-names.ts";

/** What can be asked by name beside a disease: a value of a field or, where `field` is null, a bank. */
export type NamedValue = { readonly field: FieldName | null; readonly value: string; readonly label: Text };

/** A search by name over such values: the codes of its hits are the places of the values in the list. */
export type FindValues = (text: string, first: number) => FoundWords;

/** Prepares the search, which takes some milliseconds for a few hundred values. */
export const valueSearch = (values: readonly NamedValue[]): FindValues => {
  if (values.length === 0) return () => ({ hits: [], nearest: [] });
  const index = openIndex(
    buildIndex(
      values.flatMap((value, place) => namesOf(value, String(place))),
      () => 1,
    ),
  );
  return (text, first) => findWords(text, first, index);
};

const namesOf = ({ field, value, label }: NamedValue, code: string): readonly Named[] => {
  const named = (name: string, kind: Named["kind"]): Named => ({ name, code, kind });
  const own = [...new Set([label.en, label.ja])].map((name) => named(name, "NAME"));
  const ids = isWord(value) ? [named(value, "ABBREVIATION")] : [];
  const others = [...listOf(othersOf(field, value))].map((name) => named(name, kindOf(name)));
  // The name of a field finds all its values, behind those that are called so themselves.
  const ofField = field === null ? [] : [FIELDS[field].label, OTHER_FIELD_NAMES[field]].flatMap(listOf);
  const seen = new Set<string>();
  return [...own, ...ids, ...others, ...ofField.map((name) => named(name, "NARROWER"))].filter(({ name }) => {
    const isNew = !seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    return isNew;
  });
};

/** Ids of banks and centres are typed as they are; enum names and codes are found by their labels. */
const isWord = (value: string): boolean => /^[a-z][a-z0-9-]*(?:\/[a-z0-9-]+)?$/.test(value);

const othersOf = (field: FieldName | null, value: string): OtherNames | undefined => {
  if (field === null) return undefined;
  if (field === "PROGRAMME") return OTHER_PROGRAMME_NAMES[value.slice(value.indexOf(":") + 1)];
  const of: { readonly [F in FieldName]?: { readonly [value: string]: OtherNames } } = OTHER_VALUE_NAMES;
  return of[field]?.[value];
};

const listOf = (names: OtherNames | Text | undefined): readonly string[] =>
  names === undefined ? [] : [names.en, names.ja].flat();

/** Capitals alone are an abbreviation, kana alone a reading. */
const kindOf = (name: string): Named["kind"] => {
  if (/^[A-Z0-9-]{2,8}s?$/.test(name)) return "ABBREVIATION";
  return /^[\u3041-\u3096ー]+$/.test(name) ? "READING" : "SYNONYM";
};
