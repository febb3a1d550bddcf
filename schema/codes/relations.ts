import { once } from "../once.ts";
import type { Verdict } from "../verdict.ts";
import { bbjRow } from "./bbj.ts";
import type { CrossReference, Relation } from "./cross-reference.ts";
import { codeSystem, type DiseaseSystem, splitDisease } from "./disease-code.ts";
import { normalizeIcd10 } from "./icd10.ts";
import { mondoOf, mondoRow } from "./mondo.ts";
import { oncotreeTable } from "./oncotree.ts";
import { noticeNumber, orphaTable } from "./rare.ts";

/** A code of another system, and how it stands to the one that was asked for: the same, BROADER or NARROWER than it. */
export type RelatedCode = {
  readonly code: string;
  readonly verdict: Extract<Verdict, "EXACT" | "BROADER" | "NARROWER">;
};

/**
 * The cross-references of a code in both directions, EXACT ones first, without `~`; none of a code that is not in use. Those in
 * its own row come before those from rows of other systems to it.
 */
export const relatedCodes = (curie: string): readonly RelatedCode[] => {
  const [system, code] = splitDisease(curie);
  if (codeSystem(system).normalize(code) !== code) return [];
  const mondo = system === "MONDO" ? null : mondoOf(curie);
  const same = system === "MONDO" ? mondoRow(code).counterparts : mondo === null ? [] : [`MONDO:${mondo}`];
  return [
    ...(REFERENCES[system]?.(code) ?? []).map((each) => ({ code: each.code, verdict: VERDICTS[each.relation] })),
    ...(referrers().get(curie) ?? []),
    ...same.map((each): RelatedCode => ({ code: each, verdict: "EXACT" })),
  ].sort((a, b) => RANK[a.verdict] - RANK[b.verdict]);
};

type Firm = Exclude<Relation, "~">;
const VERDICTS: { readonly [R in Firm]: RelatedCode["verdict"] } = { "=": "EXACT", "<": "BROADER", ">": "NARROWER" };
/** The same relation seen from the code that is referred to. */
const BACK: { readonly [R in Firm]: RelatedCode["verdict"] } = { "=": "EXACT", "<": "NARROWER", ">": "BROADER" };
const RANK = { EXACT: 0, BROADER: 1, NARROWER: 2 } as const;

type Reference = { readonly code: string; readonly relation: Firm };

/** By system: the references in a code's own row, without those to unknown codes. */
const REFERENCES: { readonly [S in DiseaseSystem]?: (code: string) => readonly Reference[] } = {
  ORPHA: (code) => toIcd10(orphaTable().icd10(code)),
  NANBYO: (code) => {
    const { root, orpha, icd10 } = noticeNumber(code);
    const toOrpha = orpha.filter(isFirm).map((each) => ({ ...each, code: `ORPHA:${each.code}` }));
    return [{ code: `NANDO:${root}`, relation: "=" }, ...toOrpha, ...toIcd10(icd10)];
  },
  ONCOTREE: (code) => toIcd10(oncotreeTable().icd10(code)),
  BBJ: (code) => {
    const { icd10 } = bbjRow(code);
    return toIcd10(icd10.map((each) => ({ code: each, relation: icd10.length === 1 ? "=" : ">" })));
  },
};

const isFirm = (reference: CrossReference): reference is Reference => reference.relation !== "~";

const toIcd10 = (references: readonly CrossReference[]): readonly Reference[] =>
  references.filter(isFirm).flatMap(({ code, relation }) => {
    const known = normalizeIcd10(code);
    return known === null ? [] : [{ code: `ICD10:${known}`, relation }];
  });

/** Codes whose rows refer to a code, by that code. */
const referrers = once((): ReadonlyMap<string, readonly RelatedCode[]> => {
  const found = new Map<string, RelatedCode[]>();
  for (const [system, referencesOf] of Object.entries(REFERENCES)) {
    for (const own of codeSystem(system as DiseaseSystem).codes()) {
      for (const { code, relation } of referencesOf(own)) {
        const related = { code: `${system}:${own}`, verdict: BACK[relation] };
        const before = found.get(code);
        if (before === undefined) found.set(code, [related]);
        else before.push(related);
      }
    }
  }
  return found;
});
