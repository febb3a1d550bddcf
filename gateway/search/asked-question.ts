import { canonical, questionHash } from "../../schema/canonical.ts";
import { parseWhere } from "../../schema/parse.ts";
import type * as Public from "../../schema/public-answer.ts";
import type { CriterionAt } from "../../schema/question.ts";
import { criterionSays, questionSays } from "../../schema/says.ts";
import type { Card } from "../../schema/wire/card.ts";
import type { Question } from "../../schema/wire/question.ts";
import { type FacetInput, type FacetPlan, facetJson, planFacets } from "./facets.ts";

/** A question that has been checked: what the banks are asked, and what the answer says of it. */
export type AskedQuestion = {
  readonly json: Question;
  /** The question as the asker sees it. Its id is of where and facets. */
  readonly shown: Public.Question;
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
  const shown = {
    id: questionHash(json),
    where: json.where,
    says: questionSays(form.expr),
    criteria: form.criteria.map(({ path, field, criterion }) => ({ path, field, says: criterionSays(criterion) })),
  };
  return { json, shown, criteria: form.criteria, facets: plans };
};
