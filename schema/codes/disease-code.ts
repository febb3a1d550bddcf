import { nearest } from "../question-error.ts";
import { type Label, labelOf } from "../text.ts";
import { bbjCodes, bbjRow } from "./bbj.ts";
import type { CodeGraph } from "./code-graph.ts";
import { icd10Children, icd10Label, icd10Level, icd10Names, normalizeIcd10, suggestIcd10 } from "./icd10.ts";
import { isMondo, mondoCodes, mondoNumber, mondoRow } from "./mondo.ts";
import { oncotreeTable } from "./oncotree.ts";
import { nandoTable, noticeNumber, noticeNumbers, orphaTable } from "./rare.ts";

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

const both = (en: string, ja: string | null): readonly string[] => (ja === null || ja === en ? [en] : [en, ja]);
const plain = (code: string): string => code.normalize("NFKC").trim().toUpperCase();
const number = (code: string): string => plain(code).replace(/^0+(?=\d)/, "");
const none = (): readonly string[] => [];
/** Of numbers that follow each other: the nearest one. */
const nearestNumber = (text: string, codes: readonly string[]): readonly string[] => {
  const far = (code: string): number => Math.abs(Number(code) - Number(plain(text)));
  const best = codes.reduce((one, other) => (far(other) < far(one) ? other : one));
  return Number.isNaN(far(best)) ? [] : [best];
};

const icd10: CodeSystem = {
  normalize: normalizeIcd10,
  suggest: suggestIcd10,
  label: icd10Label,
  names: icd10Names,
  synonyms: none,
  children: (code) => (icd10Level(code) === "SUBCATEGORY" ? [] : icd10Children(code).map((child) => `ICD10:${child}`)),
  withdrawn: () => false,
  codes: none,
  graph: () => null,
};

const orpha: CodeSystem = {
  normalize: (code) => known(orphaTable().graph, number(code).replace(/^ORPHA:?/, "")),
  suggest: (text) => nearest(number(text), orphaTable().graph.codes),
  label: (code) => {
    const { en, ja } = orphaTable().row(code);
    return labelOf(en, ja);
  },
  names: (code) => {
    const { en, ja } = orphaTable().row(code);
    return both(en, ja);
  },
  synonyms: none,
  children: (code) =>
    orphaTable()
      .graph.children(code)
      .map((child) => `ORPHA:${child}`),
  withdrawn: (code) => orphaTable().row(code).withdrawn,
  codes: () => orphaTable().graph.codes,
  graph: () => orphaTable().graph,
};

const nanbyo: CodeSystem = {
  normalize: (code) => (noticeNumbers().has(number(code)) ? number(code) : null),
  suggest: (text) => nearestNumber(text, [...noticeNumbers().keys()]),
  label: (code) => labelOf(noticeNumber(code).en, noticeNumber(code).ja),
  names: (code) => both(noticeNumber(code).en, noticeNumber(code).ja),
  synonyms: (code) => nandoTable().synonyms(noticeNumber(code).root),
  children: (code) => nando.children(noticeNumber(code).root),
  withdrawn: () => false,
  codes: () => [...noticeNumbers().keys()],
  graph: () => null,
};

const nando: CodeSystem = {
  normalize: (code) => known(nandoTable().graph, plain(code)),
  suggest: (text) => nearest(plain(text), nandoTable().graph.codes),
  label: (code) => labelOf(nandoTable().row(code).en, nandoTable().row(code).ja),
  names: (code) => both(nandoTable().row(code).en, nandoTable().row(code).ja),
  synonyms: (code) => nandoTable().synonyms(code),
  children: (code) =>
    nandoTable()
      .graph.children(code)
      .map((child) => `NANDO:${child}`),
  withdrawn: (code) => nandoTable().row(code).withdrawn,
  codes: () => nandoTable().graph.codes,
  graph: () => nandoTable().graph,
};

const oncotree: CodeSystem = {
  normalize: (code) => known(oncotreeTable().graph, plain(code)),
  suggest: (text) => nearest(plain(text), oncotreeTable().graph.codes),
  label: (code) => labelOf(oncotreeTable().row(code).en, oncotreeTable().row(code).ja),
  names: (code) => both(oncotreeTable().row(code).en, oncotreeTable().row(code).ja),
  synonyms: none,
  children: (code) =>
    oncotreeTable()
      .graph.children(code)
      .map((child) => `ONCOTREE:${child}`),
  withdrawn: () => false,
  codes: () => oncotreeTable().graph.codes,
  graph: () => oncotreeTable().graph,
};

const bbj: CodeSystem = {
  normalize: (code) => {
    const own = number(code.replace(/^BBJ-/i, ""));
    return bbjCodes.includes(own) ? own : null;
  },
  suggest: (text) => nearestNumber(text.replace(/^BBJ-/i, ""), bbjCodes),
  label: (code) => labelOf(bbjRow(code).en, bbjRow(code).ja),
  names: (code) => both(bbjRow(code).en, bbjRow(code).ja),
  synonyms: none,
  children: none,
  withdrawn: () => false,
  codes: () => bbjCodes,
  graph: () => null,
};

const mondo: CodeSystem = {
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
  synonyms: none,
  children: none,
  withdrawn: () => false,
  codes: mondoCodes,
  graph: () => null,
};

const known = (graph: CodeGraph, code: string): string | null => (graph.has(code) ? code : null);

const SYSTEMS: { readonly [S in DiseaseSystem]: CodeSystem } = {
  ICD10: icd10,
  ORPHA: orpha,
  NANBYO: nanbyo,
  NANDO: nando,
  ONCOTREE: oncotree,
  BBJ: bbj,
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
