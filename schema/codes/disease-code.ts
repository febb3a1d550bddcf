import { nearest } from "../question-error.ts";
import { type Label, labelOf } from "../text.ts";
import { bbjCodes, bbjRow } from "./bbj.ts";
import type { CodeGraph, CodeTable } from "./code-graph.ts";
import { icd10Children, icd10Label, icd10Names, normalizeIcd10, suggestIcd10 } from "./icd10.ts";
import { isMondo, mondoCodes, mondoNumber, mondoRow } from "./mondo.ts";
import { oncotreeTable } from "./oncotree.ts";
import { nandoTable, noticeNumber, noticeNumberCodes, orphaTable } from "./rare.ts";

/** The systems that diseases are coded in. */
export const DISEASE_SYSTEMS = ["ICD10", "ORPHA", "NANBYO", "NANDO", "ONCOTREE", "BBJ", "MONDO"] as const;
export type DiseaseSystem = (typeof DISEASE_SYSTEMS)[number];

/** One system of codes as the rest of the product sees it. Codes are written without their system. */
export type CodeSystem = {
  /** The canonical code, or null where there is no such code. */
  readonly normalize: (code: string) => string | null;
  /** At most three codes that a mistyped one may have meant. */
  readonly suggest: (text: string) => readonly string[];
  readonly label: (code: string) => Label;
  /** What its source calls it, in both languages; empty where the label is made of what others are called. */
  readonly names: (code: string) => readonly string[];
  readonly synonyms: (code: string) => readonly string[];
  /** The next level down, in the same system; of a notice number, NANDO's classes (with their system). */
  readonly children: (code: string) => readonly string[];
  readonly withdrawn: (code: string) => boolean;
  /** Everything that `concepts` can find; ICD-10 keeps its own list. */
  readonly codes: () => readonly string[];
  /** The hierarchy within the system; null where it is flat, or ICD-10. */
  readonly graph: () => CodeGraph | null;
};

const plain = (code: string): string => code.normalize("NFKC").trim().toUpperCase();
const number = (code: string): string => plain(code).replace(/^0+(?=\d)/, "");
const none = (): readonly string[] => [];

/** The members of a system without hierarchy, synonyms and withdrawn codes. */
const FLAT = { synonyms: none, children: none, withdrawn: () => false, graph: () => null } as const;

/** Label and names of codes that have an English name and, unless null, a Japanese one. */
const named = (
  row: (code: string) => { readonly en: string; readonly ja: string | null },
): Pick<CodeSystem, "label" | "names"> => ({
  label: (code) => {
    const { en, ja } = row(code);
    return labelOf(en, ja);
  },
  names: (code) => {
    const { en, ja } = row(code);
    return ja === null || ja === en ? [en] : [en, ja];
  },
});

/** A system with a hierarchy. @param spelled how the table writes a code */
const tree = (system: DiseaseSystem, table: () => CodeTable, spelled: (code: string) => string): CodeSystem => {
  const graph = (): CodeGraph => table().graph;
  const inSystem = (code: string): string => `${system}:${code}`;
  return {
    ...named((code) => table().row(code)),
    normalize: (code) => (graph().has(spelled(code)) ? spelled(code) : null),
    suggest: (text) => nearest(spelled(text), graph().codes),
    synonyms: (code) => table().synonyms(code),
    children: (code) => graph().children(code).map(inSystem),
    withdrawn: (code) => table().row(code).withdrawn,
    codes: () => graph().codes,
    graph,
  };
};

/** A flat system of numbers that follow each other. @param spelled how the table writes a number */
const numbers = (
  codes: () => readonly string[],
  spelled: (code: string) => string,
): Omit<CodeSystem, "label" | "names"> => ({
  ...FLAT,
  normalize: (code) => (codes().includes(spelled(code)) ? spelled(code) : null),
  suggest: (text) => {
    const far = (code: string): number => Math.abs(Number(code) - Number(spelled(text)));
    const best = codes().reduce((one, other) => (far(other) < far(one) ? other : one));
    return Number.isNaN(far(best)) ? [] : [best];
  },
  codes,
});

const nando = tree("NANDO", nandoTable, plain);

const mondo: CodeSystem = {
  ...FLAT,
  normalize: (code) => {
    const own = mondoNumber(plain(code));
    return isMondo(own) ? own : null;
  },
  suggest: (text) => nearest(mondoNumber(plain(text)), mondoCodes()),
  label: (code) => {
    const { name, counterparts } = mondoRow(code);
    const labels = counterparts.map((each) => {
      const [system, own] = splitDisease(each);
      return codeSystem(system).label(own);
    });
    const ja = labels.find(({ missing }) => missing === undefined)?.ja ?? null;
    return labelOf(name ?? labels[0]?.en ?? code, ja);
  },
  names: (code) => {
    const { name } = mondoRow(code);
    return name === null ? [] : [name];
  },
  codes: mondoCodes,
};

const SYSTEMS: { readonly [S in DiseaseSystem]: CodeSystem } = {
  ICD10: {
    ...FLAT,
    normalize: normalizeIcd10,
    suggest: suggestIcd10,
    label: icd10Label,
    names: icd10Names,
    children: (code) => icd10Children(code).map((child) => `ICD10:${child}`),
    codes: none,
  },
  ORPHA: tree("ORPHA", orphaTable, (code) => number(code).replace(/^ORPHA:?/, "")),
  NANBYO: {
    ...numbers(noticeNumberCodes, number),
    ...named(noticeNumber),
    synonyms: (code) => nando.synonyms(noticeNumber(code).root),
    children: (code) => nando.children(noticeNumber(code).root),
  },
  NANDO: nando,
  ONCOTREE: tree("ONCOTREE", oncotreeTable, plain),
  BBJ: {
    ...numbers(
      () => bbjCodes,
      (code) => number(code.replace(/^BBJ-/i, "")),
    ),
    ...named(bbjRow),
  },
  MONDO: mondo,
};

/** What is known of a system's codes. */
export const codeSystem = (system: DiseaseSystem): CodeSystem => SYSTEMS[system];

export const isDiseaseSystem = (system: string): system is DiseaseSystem => Object.hasOwn(SYSTEMS, system);

/** System and code of a canonical disease code such as ICD10:E11. */
export const splitDisease = (curie: string): readonly [system: DiseaseSystem, code: string] => {
  const colon = curie.indexOf(":");
  return [curie.slice(0, colon) as DiseaseSystem, curie.slice(colon + 1)];
};
