import type { Verdict } from "../answer.ts";
import { once } from "../once.ts";
import { bbjRow } from "./bbj.ts";
import type { CrossReference, Relation } from "./cross-reference.ts";
import { codeSystem, splitDisease } from "./disease-code.ts";
import { normalizeIcd10 } from "./icd10.ts";
import { mondoOf, mondoRow } from "./mondo.ts";
import { oncotreeTable } from "./oncotree.ts";
import { noticeNumbers, orphaTable } from "./rare.ts";

/** A code of another system, and how it stands to the one that was asked for: the same, BROADER or NARROWER than it. */
export type RelatedCode = {
  readonly code: string;
  readonly verdict: Extract<Verdict, "EXACT" | "BROADER" | "NARROWER">;
};

/**
 * The cross-references of a code in both directions, the same first. What is merely near is no relation. A code that its
 * system has no more has none.
 */
export const relatedCodes = (curie: string): readonly RelatedCode[] => {
  const [system, code] = splitDisease(curie);
  if (codeSystem(system).normalize(code) !== code) return [];
  const mondo = system === "MONDO" ? null : mondoOf(curie);
  const same = system === "MONDO" ? mondoRow(code).counterparts : mondo === null ? [] : [`MONDO:${mondo}`];
  const found = crossReferenced(curie);
  return [
    ...found.filter(({ verdict }) => verdict === "EXACT"),
    ...same.map((each): RelatedCode => ({ code: each, verdict: "EXACT" })),
    ...found.filter(({ verdict }) => verdict !== "EXACT"),
  ];
};

/** What the code's own row names, and what rows of other systems name it. */
const crossReferenced = (curie: string): readonly RelatedCode[] =>
  [
    ...referencesOf(curie).map(({ code, relation }) => ({ code, verdict: VERDICTS[relation] })),
    ...(referrers().get(curie) ?? []),
  ].sort((a, b) => RANK[a.verdict] - RANK[b.verdict]);

type Firm = Exclude<Relation, "~">;
const VERDICTS: { readonly [R in Firm]: RelatedCode["verdict"] } = { "=": "EXACT", "<": "BROADER", ">": "NARROWER" };
/** How the code that is named stands to the one that names it. */
const BACK: { readonly [R in Firm]: RelatedCode["verdict"] } = { "=": "EXACT", "<": "NARROWER", ">": "BROADER" };
const RANK = { EXACT: 0, BROADER: 1, NARROWER: 2 } as const;

type Reference = { readonly code: string; readonly relation: Firm };

/** The references in the code's own row, but for those to codes that are none. */
const referencesOf = (curie: string): readonly Reference[] => {
  const [system, code] = splitDisease(curie);
  switch (system) {
    case "ORPHA":
      return toIcd10(orphaTable().icd10(code));
    case "ONCOTREE":
      return toIcd10(oncotreeTable().icd10(code));
    case "NANBYO": {
      const { root, orpha, icd10 } = noticeNumbers().get(code)!;
      return [
        { code: `NANDO:${root}`, relation: "=" },
        ...orpha.filter(isFirm).map((each) => ({ ...each, code: `ORPHA:${each.code}` })),
        ...toIcd10(icd10),
      ];
    }
    case "BBJ": {
      const { icd10 } = bbjRow(code);
      return toIcd10(icd10.map((each) => ({ code: each, relation: icd10.length === 1 ? "=" : ">" })));
    }
    default:
      return [];
  }
};

const isFirm = (reference: CrossReference): reference is Reference => reference.relation !== "~";

const toIcd10 = (references: readonly CrossReference[]): readonly Reference[] => {
  const found: Reference[] = [];
  for (const each of references) {
    const code = isFirm(each) ? normalizeIcd10(each.code) : null;
    if (code !== null) found.push({ code: `ICD10:${code}`, relation: each.relation as Firm });
  }
  return found;
};

/** Codes whose rows name a code. */
const referrers = once((): ReadonlyMap<string, readonly RelatedCode[]> => {
  const found = new Map<string, RelatedCode[]>();
  for (const system of ["ORPHA", "NANBYO", "ONCOTREE", "BBJ"] as const) {
    for (const own of codeSystem(system).codes()) {
      const from = `${system}:${own}`;
      for (const { code, relation } of referencesOf(from)) {
        const related = { code: from, verdict: BACK[relation] };
        const before = found.get(code);
        if (before === undefined) found.set(code, [related]);
        else before.push(related);
      }
    }
  }
  return found;
});
