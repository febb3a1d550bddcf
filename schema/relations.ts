import type { Verdict } from "./answer.ts";
import { bbjCodes, bbjRow } from "./bbj.ts";
import type { CrossReference } from "./cross-reference.ts";
import { splitDisease } from "./disease-code.ts";
import { normalizeIcd10 } from "./icd10.ts";
import { mondoOf, mondoRow } from "./mondo.ts";
import { once } from "./once.ts";
import { oncotreeTable } from "./oncotree.ts";
import { noticeNumbers, orphaTable } from "./rare.ts";

/** A code of another system, and how it stands to the one that was asked for: the same, BROADER or NARROWER than it. */
export type RelatedCode = {
  readonly code: string;
  readonly verdict: Extract<Verdict, "EXACT" | "BROADER" | "NARROWER">;
};

/** The cross-references of a code in both directions, the same first. What is merely near is no relation. */
export const relatedCodes = (curie: string): readonly RelatedCode[] => {
  const [system, code] = splitDisease(curie);
  const mondo = system === "MONDO" ? null : mondoOf(curie);
  const same = system === "MONDO" ? mondoRow(code).counterparts : mondo === null ? [] : [`MONDO:${mondo}`];
  const found = references().get(curie) ?? [];
  return [
    ...found.filter(({ verdict }) => verdict === "EXACT"),
    ...same.map((each): RelatedCode => ({ code: each, verdict: "EXACT" })),
    ...found.filter(({ verdict }) => verdict !== "EXACT"),
  ];
};

const VERDICTS = { "=": ["EXACT", "EXACT"], "<": ["BROADER", "NARROWER"], ">": ["NARROWER", "BROADER"] } as const;
const RANK = { EXACT: 0, BROADER: 1, NARROWER: 2 } as const;

const references = once((): ReadonlyMap<string, readonly RelatedCode[]> => {
  const found = new Map<string, RelatedCode[]>();
  const add = (from: string, related: RelatedCode): void => {
    const before = found.get(from);
    if (before === undefined) found.set(from, [related]);
    else before.push(related);
  };
  const refer = (from: string, system: string, of: readonly CrossReference[]): void => {
    for (const { relation, code } of of) {
      const known = system === "ICD10" ? normalizeIcd10(code) : code;
      if (relation === "~" || known === null) continue;
      const [there, back] = VERDICTS[relation];
      add(from, { code: `${system}:${known}`, verdict: there });
      add(`${system}:${known}`, { code: from, verdict: back });
    }
  };
  for (const code of orphaTable().graph.codes) refer(`ORPHA:${code}`, "ICD10", orphaTable().row(code).icd10);
  for (const { number, root, orpha, icd10 } of noticeNumbers().values()) {
    refer(`NANBYO:${number}`, "NANDO", [{ relation: "=", code: root }]);
    refer(`NANBYO:${number}`, "ORPHA", orpha);
    refer(`NANBYO:${number}`, "ICD10", icd10);
  }
  for (const code of oncotreeTable().graph.codes) refer(`ONCOTREE:${code}`, "ICD10", oncotreeTable().row(code).icd10);
  for (const code of bbjCodes) {
    const { icd10 } = bbjRow(code);
    const relation = icd10.length === 1 ? "=" : ">";
    refer(
      `BBJ:${code}`,
      "ICD10",
      icd10.map((each) => ({ relation, code: each })),
    );
  }
  for (const related of found.values()) related.sort((a, b) => RANK[a.verdict] - RANK[b.verdict]);
  return found;
});
