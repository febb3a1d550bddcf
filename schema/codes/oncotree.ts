import { once } from "../once.ts";
import { type CodeTable, codeGraph } from "./code-graph.ts";
import { crossReferences } from "./cross-reference.ts";
import { byCode, entryOf, tablesIn } from "./rows.ts";

/**
 * OncoTree: cancers by tissue and type.
 *
 * Where `data/oncotree.json` comes from (code, name, parent, references to ICD-10, Japanese name): OncoTree 2025-10-03,
 * Memorial Sloan Kettering Cancer Center and cBioPortal, CC BY 4.0, rearranged. The references to ICD-10 and the Japanese
 * names of common cancers are ours: a cancer without one of its own is where its parent is, and everything else is a
 * neoplasm of some kind. Those of the 89 codes that Mondo or the Disease Ontology match with ICD-10 agree with them (of
 * Merkel cell carcinoma with WHO's C44, not with ICD-10-CM's C4A); the others are judged by name.
 */
export const oncotreeTable: () => CodeTable = once(() => {
  type OncotreeRow = readonly [code: string, en: string, parent?: string, icd10?: string, ja?: string];
  const rows = byCode(tablesIn<{ readonly codes: OncotreeRow }>("oncotree").codes);
  return {
    graph: codeGraph(rows, 2),
    row: (code) => {
      const [, en, , , ja] = entryOf(rows, code);
      return { en, ja: ja ?? null, withdrawn: false };
    },
    synonyms: () => [],
    icd10: (code) => crossReferences(entryOf(rows, code)[3]),
  };
});
