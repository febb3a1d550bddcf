import { type CodeSet, codeSet, icd10Set } from "../../schema/codes/code-set.ts";
import { codeSystem, type DiseaseSystem } from "../../schema/codes/disease-code.ts";
import {
  icd10Atoms,
  icd10Categories,
  icd10Chapters,
  icd10Children,
  icd10Label,
  icd10Span,
} from "../../schema/codes/icd10.ts";
import { once } from "../../schema/once.ts";
import type { SystemSection } from "./bank-yaml.ts";
import type { FieldMapping, LocalCode } from "./field-mapping.ts";

export type SystemCodes = Part & { readonly system: readonly DiseaseSystem[] };

/**
 * The codes of whole systems as local codes, each denoting that code alone within its own system, and the tree above them. Banks
 * that spell the same systems alike share one object.
 */
export const systemCodes = ({ system, spelling }: SystemSection): SystemCodes => {
  const systems = typeof system === "string" ? [system] : [...new Set(system)];
  const key = JSON.stringify([systems, spelling]);
  const codes = made.get(key) ?? codesOfSystems(systems, spelling);
  made.set(key, codes);
  return codes;
};

const made = new Map<string, SystemCodes>();

const codesOfSystems = (systems: readonly DiseaseSystem[], spelling: Spelling): SystemCodes => {
  const parts = systems.map((each) => {
    if (spelling === "cm") return icd10CmCodes();
    return each === "ICD10" ? icd10Codes(spelling) : graphCodes(each, spelling);
  });
  return {
    system: systems,
    codes: parts.flatMap(({ codes }) => codes),
    tree: new Map(parts.flatMap(({ tree }) => [...tree])),
  };
};

type Spelling = SystemSection["spelling"];
type Part = Pick<FieldMapping, "codes" | "tree">;

const icd10Codes = (spelling: Spelling): Part => {
  const spell = (code: string): string =>
    spelling === "curie" ? `ICD10:${code}` : spelling === "plain" ? code.replace(".", "") : code;
  const codes = icd10Atoms().map((code, index): LocalCode => {
    return { code: spell(code), label: icd10Label(code), is: [`ICD10:${code}`], means: icd10Set([[index, index + 1]]) };
  });
  const below = (code: string): readonly string[] =>
    icd10Span(code, true).flatMap(([start, end]) => codes.slice(start, end).map((local) => local.code));
  const ranges = (code: string): readonly string[] =>
    code.includes("-") ? [code, ...icd10Children(code).flatMap(ranges)] : [];
  const parents = [...icd10Chapters.flatMap(ranges), ...icd10Categories];
  return { codes, tree: new Map(parents.map((code) => [spell(code), below(code)])) };
};

/**
 * ICD-10-CM shares its categories with ICD-10, and below them often has other codes: what is recorded is one of those of its category,
 * and which is not known.
 */
const icd10CmCodes = (): Part => {
  const codes = icd10Categories.map((code): LocalCode => {
    const is = [`ICD10:${code}`];
    return { code, label: icd10Label(code), is, means: codeSet("DISEASE", is, true) };
  });
  const below = (code: string): readonly string[] => (code.includes("-") ? icd10Children(code).flatMap(below) : [code]);
  const ranges = (code: string): readonly string[] =>
    code.includes("-") ? [code, ...icd10Children(code).flatMap(ranges)] : [];
  return { codes, tree: new Map(icd10Chapters.flatMap(ranges).map((code) => [code, below(code)])) };
};

/** Most of these codes are never asked about, so what each of them means is worked out when it is. */
const graphCodes = (system: Exclude<DiseaseSystem, "ICD10">, spelling: Spelling): Part => {
  const { codes, label, graph } = codeSystem(system);
  const spell = (code: string): string => (spelling === "curie" ? `${system}:${code}` : code);
  const local = codes().map((code): LocalCode => {
    const is = [`${system}:${code}`];
    const means = once((): CodeSet => codeSet("DISEASE", is, false));
    return {
      code: spell(code),
      label: label(code),
      is,
      get means() {
        return means();
      },
    };
  });
  const above = graph();
  const parents = above === null ? [] : above.codes.filter((code) => above.children(code).length > 0);
  return {
    codes: local,
    tree: new Map(parents.map((code) => [spell(code), [...above!.below(code)].map(spell)])),
  };
};
