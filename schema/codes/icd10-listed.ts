import { once } from "../once.ts";
import { icd10Categories, icd10Chapters, icd10Children, icd10Groups } from "./icd10.ts";

/** Everything of ICD-10 that a source lists: chapters, blocks, other named ranges, categories and subcategories. */
export const icd10Listed = once((): ReadonlySet<string> => {
  const found = new Set<string>(icd10Groups);
  const addRange = (code: string): void => {
    if (!code.includes("-")) return;
    found.add(code);
    icd10Children(code).forEach(addRange);
  };
  icd10Chapters.forEach(addRange);
  for (const category of icd10Categories) {
    found.add(category);
    for (const code of icd10Children(category)) found.add(code);
  }
  return found;
});
