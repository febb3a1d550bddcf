import { once } from "../once.ts";
import { codeSystem, DISEASE_SYSTEMS, type DiseaseSystem } from "./disease-code.ts";
import { foldLines } from "./fold.ts";
import { icd10Categories, icd10Chapters, icd10Children } from "./icd10.ts";

/** The disease that a name belongs to. Among equally good matches the lower `rank` comes first. */
export type Named = { readonly code: string; readonly rank: number };

/** Every name of every disease, by its number; the names of one code follow each other. */
export type ConceptIndex = {
  /** As the source writes them. */
  readonly names: readonly string[];
  readonly named: readonly Named[];
  /** Folded, each on a line of its own: one string is searched faster than thirty thousand. */
  readonly lines: string;
  /** Offset of each line in `lines`, and of the end of the last one. */
  readonly starts: readonly number[];
};

export const conceptIndex = once((): ConceptIndex => {
  const { names, named } = conceptNames();
  const lines = foldLines(`\n${names.join("\n")}\n`);
  const starts = [1];
  for (let end = lines.indexOf("\n", 1); end >= 0; end = lines.indexOf("\n", end + 1)) starts.push(end + 1);
  return { names, named, lines, starts };
});

/** The first half of the work: the names as they are. */
export const conceptNames = once((): Pick<ConceptIndex, "names" | "named"> => {
  const [names, named]: [string[], Named[]] = [[], []];
  const add = (name: string, of: Named): void => {
    names.push(name);
    named.push(of);
  };
  for (const system of DISEASE_SYSTEMS) {
    const { names: namesOf, synonyms, codes } = codeSystem(system);
    const rankOf = ranksOf(system);
    for (const own of system === "ICD10" ? icd10Listed() : codes()) {
      const of = { code: `${system}:${own}`, rank: rankOf(own) };
      for (const name of namesOf(own)) add(name, of);
      const others = synonyms(own);
      if (others.length === 0) continue;
      const asSynonym = { ...of, rank: of.rank + SYNONYM };
      for (const synonym of others) add(synonym, asSynonym);
    }
  }
  return { names, named };
});

/** Order of systems among equally good matches. */
const ORDER: readonly DiseaseSystem[] = ["ICD10", "NANBYO", "ORPHA", "ONCOTREE", "BBJ", "NANDO", "MONDO"];
const SYNONYM = 10;
const WITHDRAWN = 100;

/** The rank of a code's own names, by the code. */
export const ranksOf = (system: DiseaseSystem): ((code: string) => number) => {
  const first = ORDER.indexOf(system);
  const { withdrawn } = codeSystem(system);
  return (code) => first + (withdrawn(code) ? WITHDRAWN : 0);
};

/** Chapters, blocks, categories and the subcategories that a source lists. */
export const icd10Listed = once((): ReadonlySet<string> => {
  const found = new Set<string>();
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
