import { canonical, questionHash } from "../../schema/canonical.ts";
import { parseWhere } from "../../schema/parse.ts";
import type { CriterionAt } from "../../schema/question.ts";
import { questionSays } from "../../schema/says.ts";
import type { Text } from "../../schema/text.ts";
import type { Card } from "../../schema/wire/card.ts";
import type { Question } from "../../schema/wire/question.ts";
import { type FacetInput, type FacetPlan, facetJson, planFacets } from "./facets.ts";

/** A question that has been checked: what the banks are asked, and what the answer says of it. */
export type AskedQuestion = {
  /** Of where and facets. */
  readonly id: string;
  readonly json: Question;
  readonly says: Text;
  readonly criteria: readonly CriterionAt[];
  readonly facets: readonly FacetPlan[];
};

/**
 * Checks a question and brings it into its canonical form, with the values of its facets fixed.
 * @param banks those that are asked: their programmes and centres are the values of these facets
 * @throws {QuestionError}
 */
export const askedQuestion = (
  where: unknown,
  facets: readonly FacetInput[] | null | undefined,
  banks: readonly Card[],
  year: number,
): AskedQuestion => {
  const form = canonical(parseWhere(where));
  const plans = planFacets(facets, banks, year);
  const json: Question = { v: 1, where: form.where, facets: plans.map(facetJson) };
  return { id: questionHash(json), json, says: questionSays(form.expr), criteria: form.criteria, facets: plans };
};
