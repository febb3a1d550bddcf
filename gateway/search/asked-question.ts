import { type Canonical, canonical, questionHash } from "../../schema/canonical.ts";
import { once } from "../../schema/once.ts";
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
  const id = questionHash(json);
  const shown = saidLater({ id, where: json.where }, form);
  return { json, shown, criteria: form.criteria, facets: plans };
};

/** The question as it is shown. Its words are made where they are selected: those of a thousand codes take as long as the rest. */
const saidLater = (question: Pick<Public.Question, "id" | "where">, { expr, criteria }: Canonical): Public.Question => {
  const says = once(() => questionSays(expr));
  return {
    ...question,
    get says() {
      return says();
    },
    criteria: criteria.map(({ path, field, criterion }) => {
      const own = once(() => criterionSays(criterion));
      return {
        path,
        field,
        get says() {
          return own();
        },
      };
    }),
  };
};
