import { isTurnOver, nextTurn } from "../../net/turns.ts";
import { codeSystem, isDiseaseSystem, splitDisease } from "../../schema/codes/disease-code.ts";
import { rootsOf } from "../../schema/codes/hierarchy.ts";
import { parseValue } from "../../schema/parse-value.ts";
import { wanted } from "../../schema/question-error.ts";
import { text } from "../../schema/text.ts";
import { findDiseases } from "../../schema/words/find-diseases.ts";
import type { Call } from "../banks/answering.ts";
import type { Bank } from "../banks/bank.ts";
import { LIMITS } from "../limits.ts";
import { type Concept, describeConcepts, type MatchedCode } from "./describe-concepts.ts";
import { requireFirst } from "./require-first.ts";

/** Arguments of `concepts`, as they came. */
export type ConceptArgs = {
  readonly text?: string | null;
  readonly codes?: readonly string[] | null;
  readonly under?: string | null;
  readonly first: number;
};

/**
 * Diseases by text, by code, or below a code. No bank is asked unless it is selected, and then once for all of them.
 * @throws {QuestionError} for an unknown code, and where not exactly one of the three is given
 */
export const concepts = async (args: ConceptArgs, banks: readonly Bank[], call: Call): Promise<readonly Concept[]> => {
  // A request may search many times, each through all names.
  if (isTurnOver()) await nextTurn(call.signal);
  const found = codesOf(args);
  return describeConcepts(found, banks, call);
};

const codesOf = ({ text: asked, codes, under, first }: ConceptArgs): readonly MatchedCode[] => {
  const given = Object.entries({ text: asked, codes, under }).flatMap(([key, value]) => (value == null ? [] : [key]));
  if (given.length !== 1) throw wanted("concepts", ONE, given.length === 0 ? "none" : given.join(", "));
  requireFirst(first, "concepts.first");
  if (asked != null)
    return findDiseases(asked.slice(0, MOST_TEXT), first).hits.map(({ code, matched, kind }) => ({
      code,
      match: { name: matched, kind },
    }));
  if (under != null) return below(under).slice(0, first).map(unmatched);
  const all = codes ?? [];
  if (all.length > LIMITS.codes) {
    throw wanted("concepts.codes", text(`at most ${LIMITS.codes}`, `${LIMITS.codes}個以内`), String(all.length));
  }
  const known = all.map((code, i) => parseValue(code, `concepts.codes[${i}]`, "DISEASE", "all"));
  return [...new Set(known)].slice(0, first).map(unmatched);
};

const ONE = text("exactly one of text, codes and under", "text・codes・under のうち1つだけ");
/** Characters of a text that are searched: longer than any name. */
export const MOST_TEXT = 200;

const unmatched = (code: string): MatchedCode => ({ code, match: null });
/** @param under as it came: a scalar of the contract may be anything in a variable */
const below = (under: unknown): readonly string[] => {
  const name = typeof under === "string" ? under.normalize("NFKC").trim().toUpperCase() : "";
  if (isDiseaseSystem(name)) return rootsOf(name);
  const [system, code] = splitDisease(parseValue(under, "concepts.under", "DISEASE"));
  return codeSystem(system).children(code);
};
