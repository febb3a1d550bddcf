import { remember } from "../once.ts";
import { icd10Span, normalizeIcd10 } from "./icd10.ts";
import { byCode, entryOf, tablesIn } from "./rows.ts";
import { type Span, unionSpans } from "./spans.ts";

/**
 * The 51 target diseases of BioBank Japan, each defined by codes of ICD-10.
 *
 * Where `data/bbj.json` comes from (number, names, ICD-10): a list of facts compiled from public pages, with the numbers
 * of TogoVar and the codes of the NBDC Human Database. It is not an official list of BioBank Japan (see NOTICE).
 */
const rows = byCode(
  tablesIn<{ readonly codes: readonly [code: string, en: string, ja: string, icd10: string] }>("bbj").codes,
);

/** The numbers 1 to 51. */
export const bbjCodes: readonly string[] = [...rows.keys()];

export const bbjRow = (
  code: string,
): { readonly en: string; readonly ja: string; readonly icd10: readonly string[] } => {
  const [, en, ja, icd10] = entryOf(rows, code);
  return { en, ja, icd10: icd10.split(" ") };
};

/** The atoms of ICD-10 that a target disease stands for. */
export const bbjSpans: (code: string) => readonly Span[] = remember((code) =>
  unionSpans(bbjRow(code).icd10.flatMap((each) => icd10Span(normalizeIcd10(each)!, true))),
);
