import { remember } from "../once.ts";
import type { CodeGraph } from "./code-graph.ts";
import { codeSystem, type DiseaseSystem, splitDisease } from "./disease-code.ts";
import { icd10Chapters, icd10Children, icd10Parent } from "./icd10.ts";
import { noticeNumber } from "./rare.ts";
import { withdrawnCode } from "./withdrawn.ts";

/** Codes in use of a system that lie below none of its others, sorted as the system lists them: the beginning of its tree. */
export const rootsOf = remember((system: string): readonly string[] => {
  const { codes, graph } = codeSystem(system as DiseaseSystem);
  if (system === "ICD10") return icd10Chapters.map((code) => `ICD10:${code}`);
  const tree = graph();
  const roots = tree === null ? codes() : tree.codes.filter((code) => tree.parents(code).length === 0);
  return roots.filter((code) => inUse(system, code)).map((code) => `${system}:${code}`);
});

/**
 * The codes above a disease, from the top of its system's tree down to its parent; where a code has several parents, by the
 * first one. Empty for a code at the top, and for a withdrawn one.
 */
export const pathOf = (curie: string): readonly string[] => {
  const [system, code] = splitDisease(curie);
  if (codeSystem(system).normalize(code) !== code) return [];
  const tree = codeSystem(system).graph();
  const parentOf = system === "ICD10" ? icd10Parent : tree === null ? () => null : firstParent(tree);
  const path: string[] = [];
  for (let above = parentOf(code); above !== null && !path.includes(above); above = parentOf(above))
    path.unshift(above);
  return path.map((above) => `${system}:${above}`);
};

const firstParent =
  (tree: CodeGraph) =>
  (code: string): string | null =>
    tree.parents(code)[0] ?? null;

/** How many codes that a source lists lie below a disease, at any depth, each once. */
export const countBelow = remember((curie: string): number => {
  const [system, code] = splitDisease(curie);
  if (codeSystem(system).normalize(code) !== code) return 0;
  if (system === "ICD10") return icd10Below(code);
  if (system === "NANBYO") return codeSystem("NANDO").graph()!.below(noticeNumber(code).root).size - 1;
  const tree = codeSystem(system).graph();
  return tree === null ? 0 : tree.below(code).size - 1;
});

const icd10Below = (code: string): number => icd10Children(code).reduce((sum, child) => sum + 1 + icd10Below(child), 0);

/** The codes that make up a group such as ICD10:C18-C20, which are blocks and categories; of any other code, the code alone. */
export const codesBehind = (curie: string): readonly string[] => {
  const [system, code] = splitDisease(curie);
  return system === "ICD10" && code.includes("-") ? codeSystem(system).children(code) : [curie];
};

const inUse = (system: string, code: string): boolean => withdrawnCode(system as DiseaseSystem, code) === null;
