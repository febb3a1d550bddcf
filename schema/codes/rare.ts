import { once } from "../once.ts";
import { type CodeTable, codeGraph } from "./code-graph.ts";
import { type CrossReference, crossReferences } from "./cross-reference.ts";
import { byCode, entryOf, tablesIn } from "./rows.ts";

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

/** A notice number with the NANDO class that means the same. */
export type NoticeNumber = {
  readonly en: string;
  readonly ja: string;
  readonly root: string;
  readonly orpha: readonly CrossReference[];
  readonly icd10: readonly CrossReference[];
};

const names = (cell: string | undefined): readonly string[] => (cell ? cell.split("|") : []);

type NumberRow = readonly [number: string, en: string, ja: string, root: string, orpha?: string, icd10?: string];
type ClassRow = readonly [
  id: string,
  en: string,
  ja?: string,
  parents?: string,
  number?: string,
  synonymsEn?: string,
  synonymsJa?: string,
  withdrawn?: string,
];
type OrphaRow = readonly [code: string, en: string, parents?: string, icd10?: string, withdrawn?: string];

const nando = once(() => tablesIn<{ readonly numbers: NumberRow; readonly classes: ClassRow }>("nando"));

/** The notice numbers 1 to 348, by number. */
export const noticeNumbers: () => ReadonlyMap<string, NoticeNumber> = once(
  () =>
    new Map(
      nando().numbers.map(([number, en, ja, root, orpha, icd10]) => [
        number,
        { en, ja, root, orpha: crossReferences(orpha), icd10: crossReferences(icd10) },
      ]),
    ),
);

/** The numbers, as codes of NANBYO. */
export const noticeNumberCodes = once((): readonly string[] => [...noticeNumbers().keys()]);

/** One of them. @throws {RangeError} */
export const noticeNumber = (number: string): NoticeNumber => entryOf(noticeNumbers(), number);

/** Notice numbers by their NANDO class. */
export const numberOfClass: () => ReadonlyMap<string, NoticeNumber> = once(
  () => new Map([...noticeNumbers().values()].map((number) => [number.root, number])),
);

/** NANDO's classes. A class that is a notice number has its references. */
export const nandoTable: () => CodeTable = once(() => {
  const rows = byCode(nando().classes);
  return {
    graph: codeGraph(rows, 3),
    row: (code) => {
      const [, en, ja, , , , , withdrawn] = entryOf(rows, code);
      return { en, ja: ja || null, withdrawn: withdrawn === "W" };
    },
    synonyms: (code) => {
      const [, , , , , synonymsEn, synonymsJa] = entryOf(rows, code);
      return [...names(synonymsEn), ...names(synonymsJa)];
    },
    icd10: (code) => numberOfClass().get(code)?.icd10 ?? [],
  };
});

/** Orphanet's codes. A code that is the same as a notice number has its Japanese name. */
export const orphaTable: () => CodeTable = once(() => {
  const rows = byCode(tablesIn<{ readonly codes: OrphaRow }>("orpha").codes);
  const japanese = new Map<string, string>();
  for (const { ja, orpha } of noticeNumbers().values()) {
    for (const { relation, code } of orpha) if (relation === "=") japanese.set(code, ja);
  }
  return {
    graph: codeGraph(rows, 2),
    row: (code) => {
      const [, en, , , withdrawn] = entryOf(rows, code);
      return { en, ja: japanese.get(code) ?? null, withdrawn: withdrawn === "W" };
    },
    synonyms: () => [],
    icd10: (code) => crossReferences(entryOf(rows, code)[3]),
  };
});
