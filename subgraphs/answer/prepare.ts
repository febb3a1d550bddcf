import type { LocalQuestion } from "../../adapters/local.ts";
import { isSampleField } from "../../schema/fields.ts";
import type { Question } from "../../schema/wire/question.ts";
import type { Understanding } from "../../schema/wire/reading.ts";
import type { Cell } from "../understand/facet-cells.ts";
import { understand } from "../understand/inner-and-outer.ts";
import type { Interpreter } from "../understand/interpret.ts";
import { readQuestion, understandingOf } from "../understand/reading.ts";
import { type PlannedCell, planCell, planFacet, questionsOf } from "./cells.ts";
import { leastSamples } from "./relate.ts";

/**
 * A question as one bank counts it: it follows from the mapping and from what the local API can say, and from no data.
 * `least`: how many of the counted samples each counted donor has at least.
 */
export type Prepared = {
  readonly questions: readonly LocalQuestion[];
  readonly understanding: readonly Understanding[];
  readonly total: PlannedCell;
  readonly least: number;
  readonly facets: readonly { readonly cells: readonly PlannedCell[]; readonly least: number }[];
};

/** Understands and plans a question. @throws {QuestionError} */
export const prepare = (question: Question, interpreter: Interpreter): Prepared => {
  const { capabilities, mapping } = interpreter;
  const bank = { capabilities, samplesPerDonor: mapping.yaml.size.samplesPerDonor };
  const read = readQuestion(question);
  const whole: Cell = {
    DONORS: understand(read, interpreter, "DONORS"),
    SAMPLES: understand(read, interpreter, "SAMPLES"),
  };
  const least = leastSamples(read.expr);
  const total = planCell(whole, bank);
  const facets = question.facets.map((facet) => {
    const ofSample = [facet.by, facet.across].some((axis) => axis !== undefined && isSampleField(axis.field));
    return { cells: planFacet(facet, whole, interpreter, bank), least: ofSample ? 1 : least };
  });
  return {
    questions: questionsOf([total, ...facets.flatMap(({ cells }) => cells)]),
    understanding: understandingOf(read, interpreter),
    total,
    least,
    facets,
  };
};
