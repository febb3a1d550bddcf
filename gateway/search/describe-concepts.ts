import { codeSystem, splitDisease } from "../../schema/codes/disease-code.ts";
import { codesBehind, countBelow, pathOf } from "../../schema/codes/hierarchy.ts";
import { type RelatedCode, relatedCodes } from "../../schema/codes/relations.ts";
import { withdrawnCode } from "../../schema/codes/withdrawn.ts";
import type { Text } from "../../schema/text.ts";
import type { Verdict } from "../../schema/verdict.ts";
import { valueLabel } from "../../schema/vocabulary.ts";
import type { Card } from "../../schema/wire/card.ts";
import type { Question } from "../../schema/wire/question.ts";
import type { WordsMatch } from "../../schema/words/find-words.ts";
import type { Call } from "../banks/answering.ts";
import type { Bank } from "../banks/bank.ts";

/** Match of the SDL: the name that a text met, and in which way. */
export type Match = { readonly name: string; readonly kind: WordsMatch | "CODE" };
/** A disease, and by which name it was found; null where it was given. */
export type MatchedCode = { readonly code: string; readonly match: Match | null };

/** Concept of the SDL; what costs something is made when it is selected. */
export type Concept = {
  readonly code: string;
  readonly label: Text;
  readonly matched: string | null;
  readonly match: Match | null;
  readonly hasChildren: boolean;
  readonly withdrawn: boolean;
  readonly below: () => number;
  readonly path: () => readonly Relation[];
  readonly codes: () => readonly string[];
  readonly related: () => readonly Relation[];
  readonly banks: () => Promise<readonly ConceptSupport[]>;
};

/** Relation of the SDL. */
type Relation = RelatedCode & { readonly label: Text };

/** ConceptSupport of the SDL. */
export type ConceptSupport = { readonly bank: Card; readonly verdict: Verdict };

/** Concepts of these diseases, in their order. No bank is asked unless it is selected, and then once for all of them. */
export const describeConcepts = (
  found: readonly MatchedCode[],
  banks: readonly Bank[],
  call: Call,
): readonly Concept[] => {
  let verdicts: Promise<readonly ReadonlyMap<string, Verdict>[]> | null = null;
  const support = async (code: string): Promise<readonly ConceptSupport[]> => {
    if (verdicts === null) {
      const codes = found.flatMap(({ code: each }) => (withdrawnCode(...splitDisease(each)) === null ? [each] : []));
      verdicts = Promise.all(banks.map((bank) => verdictsOf(bank, codes, call)));
    }
    const known = await verdicts;
    return banks.flatMap((bank, i) => {
      const verdict = known[i]?.get(code);
      return verdict === undefined ? [] : [{ bank: bank.card(), verdict }];
    });
  };
  return found.map(({ code, match }) => {
    const [system, own] = splitDisease(code);
    const withdrawn = withdrawnCode(system, own);
    const { normalize, children } = codeSystem(system);
    return {
      code,
      label: withdrawn?.label ?? valueLabel("DISEASE", code),
      matched: match?.name ?? null,
      match,
      hasChildren: normalize(own) !== null && children(own).length > 0,
      withdrawn: withdrawn !== null,
      below: () => countBelow(code),
      path: () => pathOf(code).map((above) => labelled({ code: above, verdict: "BROADER" })),
      codes: () => codesBehind(code),
      related: () => relatedCodes(code).map(labelled),
      // A question may not ask for a withdrawn code, so no bank is asked for it either.
      banks: async () => (withdrawn === null ? support(code) : []),
    };
  });
};

const labelled = (related: RelatedCode): Relation => ({ ...related, label: valueLabel("DISEASE", related.code) });

/** How a bank reads the question of each code alone. Codes are left out where the bank does not answer in time. */
const verdictsOf = async (bank: Bank, codes: readonly string[], call: Call): Promise<ReadonlyMap<string, Verdict>> => {
  const questions = codes.map((code): Question => ({ v: 1, where: { disease: { codes: [code] } }, facets: [] }));
  const readings = await bank.readings(questions, call);
  return new Map(
    readings.flatMap((reading, i) => {
      const verdict = reading?.understanding[0]?.verdict;
      return verdict === undefined ? [] : [[codes[i]!, verdict]];
    }),
  );
};
