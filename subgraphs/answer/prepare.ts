import type { LocalQuestion } from "../../adapters/local.ts";
import { isSampleField } from "../../schema/fields.ts";
import type { Question } from "../../schema/wire/question.ts";
import type { Understanding } from "../../schema/wire/reading.ts";
import { openBook } from "../plan/book.ts";
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
  readonly facets: readonly PlannedFacet[];
};
type PlannedFacet = { readonly cells: readonly PlannedCell[]; readonly least: number };

/**
 * Understands and plans a question, giving way to the event loop meanwhile. One without facets is planned at once.
 * @throws {QuestionError}, and signal.reason where the signal aborts meanwhile
 */
export const prepare = async (question: Question, interpreter: Interpreter, signal: AbortSignal): Promise<Prepared> => {
  const { capabilities, mapping } = interpreter;
  const bank = { capabilities, samplesPerDonor: mapping.yaml.size.samplesPerDonor, book: openBook(capabilities) };
  const read = readQuestion(question);
  const whole: Cell = {
    DONORS: understand(read, interpreter, "DONORS"),
    SAMPLES: understand(read, interpreter, "SAMPLES"),
  };
  const least = leastSamples(read.expr);
  const total = planCell(whole, bank);
  const planWith = { interpreter, bank, signal, asked: new Set<LocalQuestion>() };
  const facets: PlannedFacet[] = [];
  for (const facet of question.facets) {
    const ofSample = [facet.by, facet.across].some((axis) => axis !== undefined && isSampleField(axis.field));
    const cells = await planFacet(facet, whole, planWith);
    facets.push({ cells, least: ofSample ? 1 : least });
  }
  return {
    questions: await questionsOf([total, ...facets.flatMap(({ cells }) => cells)], signal),
    understanding: understandingOf(read, interpreter),
    total,
    least,
    facets,
  };
};
