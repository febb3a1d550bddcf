import { isTurnOver, nextTurn } from "../../net/turns.ts";
import { codeSystem, isDiseaseSystem, splitDisease } from "../../schema/codes/disease-code.ts";
import { codesBehind, countBelow, pathOf, rootsOf } from "../../schema/codes/hierarchy.ts";
import { type RelatedCode, relatedCodes } from "../../schema/codes/relations.ts";
import { withdrawnCode } from "../../schema/codes/withdrawn.ts";
import { parseValue } from "../../schema/parse-value.ts";
import { wanted } from "../../schema/question-error.ts";
import { type Text, text } from "../../schema/text.ts";
import type { Verdict } from "../../schema/verdict.ts";
import { valueLabel } from "../../schema/vocabulary.ts";
import type { Card } from "../../schema/wire/card.ts";
import type { Question } from "../../schema/wire/question.ts";
import { findDiseases } from "../../schema/words/find-diseases.ts";
import type { Call } from "../banks/answering.ts";
import type { Bank } from "../banks/bank.ts";
import { LIMITS } from "../limits.ts";

/** Arguments of `concepts`, as they came. */
export type ConceptArgs = {
  readonly text?: string | null;
  readonly codes?: readonly string[] | null;
  readonly under?: string | null;
  readonly first: number;
};

/** Concept of the SDL; what costs something is made when it is selected. */
export type Concept = {
  readonly code: string;
  readonly label: Text;
  readonly matched: string | null;
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

/**
 * Diseases by text, by code, or below a code. No bank is asked unless it is selected, and then once for all of them.
 * @throws {QuestionError} for an unknown code, and where not exactly one of the three is given
 */
export const concepts = async (args: ConceptArgs, banks: readonly Bank[], call: Call): Promise<readonly Concept[]> => {
  // A request may search many times, each through all names.
  if (isTurnOver()) await nextTurn(call.signal);
  const found = codesOf(args);
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
  return found.map(({ code, matched }) => {
    const [system, own] = splitDisease(code);
    const withdrawn = withdrawnCode(system, own);
    const { normalize, children } = codeSystem(system);
    return {
      code,
      label: withdrawn?.label ?? valueLabel("DISEASE", code),
      matched,
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

type Found = { readonly code: string; readonly matched: string | null };

const codesOf = ({ text: asked, codes, under, first }: ConceptArgs): readonly Found[] => {
  const given = Object.entries({ text: asked, codes, under }).flatMap(([key, value]) => (value == null ? [] : [key]));
  if (given.length !== 1) throw wanted("concepts", ONE, given.length === 0 ? "none" : given.join(", "));
  if (first < 1 || first > LIMITS.first) {
    throw wanted("concepts.first", text(`1 to ${LIMITS.first}`, `1から${LIMITS.first}`), String(first));
  }
  if (asked != null) return findDiseases(asked.slice(0, MOST_TEXT), first).hits;
  if (under != null) return below(under).slice(0, first).map(unmatched);
  const all = codes ?? [];
  if (all.length > LIMITS.codes) {
    throw wanted("concepts.codes", text(`at most ${LIMITS.codes}`, `${LIMITS.codes}個以内`), String(all.length));
  }
  const known = all.map((code, i) => parseValue(code, `concepts.codes[${i}]`, "DISEASE", "all"));
  return [...new Set(known)].slice(0, first).map(unmatched);
};

const ONE = text("exactly one of text, codes and under", "text・codes・under のうち1つだけ");
/** Longer than any name. */
const MOST_TEXT = 200;

const unmatched = (code: string): Found => ({ code, matched: null });
const below = (under: string): readonly string[] => {
  const name = under.normalize("NFKC").trim().toUpperCase();
  if (isDiseaseSystem(name)) return rootsOf(name);
  const [system, code] = splitDisease(parseValue(under, "concepts.under", "DISEASE"));
  return codeSystem(system).children(code);
};
