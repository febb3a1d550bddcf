import { type CodeGraph, codeGraph } from "./code-graph.ts";
import { type CrossReference, crossReferences } from "./cross-reference.ts";
import nando from "./data/nando.json" with { type: "json" };
import orphanet from "./data/orpha.json" with { type: "json" };
import { once } from "./once.ts";

/**
 * Rare diseases: Orphanet's nomenclature, Japan's designated intractable diseases by notice number, and NANDO's classes.
 *
 * Where `data/orpha.json` comes from (code, name, parents, references to ICD-10, W where withdrawn): ORDO 4.1.8 by way of
 * Orphanet's orphapacket, and Orphanet's alignment with ICD-10. © Orphanet / INSERM, CC BY 4.0, rearranged.
 *
 * Where `data/nando.json` comes from: `classes` (id, English and Japanese name, parents, notice number, synonyms, W where
 * withdrawn) from NANDO 2025-08-26, © DBCLS, CC BY 4.0, rearranged. `numbers` (notice number, names, NANDO class,
 * references to ORPHA and ICD-10) joined by us by way of Mondo and by name, with these links of the sources corrected:
 * 208 and 209 had each other's disease; 101 was linked to total aganglionosis, 293 to cloacal exstrophy (both are now
 * without reference), 230 to pulmonary hemosiderosis (it is now broader than ORPHA:661), 257
 * (hepatic) was broader than all glycogen storage diseases (it is now near them). Where NANDO's classes below a number lie
 * outside the ORPHA code that is called alike, the number is broader than that code; where the code holds another number, it
 * is narrower, or merely near. ORPHA codes of the classes stand beside, where Mondo and the names agree on them. Where Orphanet's
 * reference of the same disease names another code of ICD-10, both stand, so that the number is sure of neither.
 */

/** One code as its table has it. */
export type RareCode = {
  readonly en: string;
  readonly ja: string | null;
  readonly synonyms: readonly string[];
  readonly icd10: readonly CrossReference[];
  /** From a notice number to ORPHA codes. */
  readonly orpha: readonly CrossReference[];
  readonly withdrawn: boolean;
};

export type RareTable = {
  readonly graph: CodeGraph;
  readonly row: (code: string) => RareCode;
};

/** A notice number with the NANDO class that means the same. */
export type NoticeNumber = RareCode & { readonly number: string; readonly root: string };

const words = (cell: string | undefined): readonly string[] => (cell ? cell.split(" ") : []);
const names = (cell: string | undefined): readonly string[] => (cell ? cell.split("|") : []);

/** The notice numbers 1 to 348, by number. */
export const noticeNumbers: () => ReadonlyMap<string, NoticeNumber> = once(
  () =>
    new Map(
      (nando.numbers as readonly (readonly string[])[]).map(([number, en, ja, root, orpha, icd10]) => [
        number!,
        {
          number: number!,
          en: en!,
          ja: ja!,
          root: root!,
          synonyms: [],
          orpha: crossReferences(orpha),
          icd10: crossReferences(icd10),
          withdrawn: false,
        },
      ]),
    ),
);

/** Notice numbers by their NANDO class. */
export const numberOfClass: () => ReadonlyMap<string, NoticeNumber> = once(
  () => new Map([...noticeNumbers().values()].map((number) => [number.root, number])),
);

/** NANDO's classes. A class that is a notice number has its references. */
export const nandoTable: () => RareTable = once(() => {
  const rows = new Map(
    (nando.classes as readonly (readonly string[])[]).map(
      (row): [string, RareCode & { parents: readonly string[] }] => {
        const [code, en, ja, parents, , synonymsEn, synonymsJa, withdrawn] = row;
        const number = numberOfClass().get(code!);
        return [
          code!,
          {
            en: en!,
            ja: ja || null,
            parents: words(parents),
            synonyms: [...names(synonymsEn), ...names(synonymsJa)],
            orpha: number?.orpha ?? [],
            icd10: number?.icd10 ?? [],
            withdrawn: withdrawn === "W",
          },
        ];
      },
    ),
  );
  return {
    graph: codeGraph([...rows].map(([code, { parents }]) => [code, parents])),
    row: (code) => rows.get(code)!,
  };
});

/** Orphanet's codes. A code that is the same as a notice number has its Japanese name. */
export const orphaTable: () => RareTable = once(() => {
  const japanese = new Map(
    [...noticeNumbers().values()].flatMap(({ ja, orpha }) =>
      orpha.flatMap(({ relation, code }): [string, string | null][] => (relation === "=" ? [[code, ja]] : [])),
    ),
  );
  const table = orphanet.codes as readonly (readonly string[])[];
  const rows = new Map(table.map((row) => [row[0]!, row]));
  return {
    graph: codeGraph(table.map(([code, , parents]) => [code!, words(parents)])),
    row: (code) => {
      const [, en, , icd10, withdrawn] = rows.get(code)!;
      return {
        en: en!,
        ja: japanese.get(code) ?? null,
        synonyms: [],
        // Read by few of those who ask for a name.
        get icd10() {
          return crossReferences(icd10);
        },
        orpha: [],
        withdrawn: withdrawn === "W",
      };
    },
  };
});
