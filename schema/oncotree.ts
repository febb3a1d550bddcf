import { type CodeGraph, codeGraph } from "./code-graph.ts";
import { type CrossReference, crossReferences } from "./cross-reference.ts";
import data from "./data/oncotree.json" with { type: "json" };
import { once } from "./once.ts";

/**
 * OncoTree: cancers by tissue and type.
 *
 * Where `data/oncotree.json` comes from (code, name, parent, references to ICD-10, Japanese name): OncoTree 2025-10-03,
 * Memorial Sloan Kettering Cancer Center and cBioPortal, CC BY 4.0, rearranged. The references to ICD-10 and the Japanese
 * names of common cancers are ours: a cancer without one of its own is where its parent is, and everything else is a
 * neoplasm of some kind. Those of the 89 codes that Mondo or the Disease Ontology match with ICD-10 agree with them (of
 * Merkel cell carcinoma with WHO's C44, not with ICD-10-CM's C4A); the others are judged by name.
 */
export type OncotreeTable = {
  readonly graph: CodeGraph;
  readonly row: (code: string) => {
    readonly en: string;
    readonly ja: string | null;
    readonly icd10: readonly CrossReference[];
  };
};

export const oncotreeTable: () => OncotreeTable = once(() => {
  const table = data.codes as readonly (readonly string[])[];
  const rows = new Map(table.map((row) => [row[0]!, row]));
  return {
    graph: codeGraph(table.map(([code, , parent]) => [code!, parent ? [parent] : []])),
    row: (code) => {
      const [, en, , icd10, ja] = rows.get(code)!;
      return { en: en!, ja: ja ?? null, icd10: crossReferences(icd10) };
    },
  };
});
