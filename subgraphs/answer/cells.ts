import type { LocalQuestion, Unit } from "../../adapters/local.ts";
import { isTurnOver, mapInTurns, nextTurn } from "../../net/turns.ts";
import type { Uncertainty } from "../../schema/count.ts";
import type { Facet } from "../../schema/wire/question.ts";
import { type Bank, plan } from "../plan/plan.ts";
import { type Ends, exactNode, exactNodes, NOT_COUNTED, type Plan } from "../plan/tree.ts";
import { type Cell, type Filling, type Shape, shapeOf } from "../understand/facet-cells.ts";
import { isOne, type Pair, type Side, type Understood } from "../understand/inner-and-outer.ts";
import type { Interpreter } from "../understand/interpret.ts";
import { EVERY_SAMPLE, keyOf } from "../understand/predicates.ts";

/** At most so many cells of one facet are counted one by one; each of the others is one interval, 0 to the total. */
export const MAX_CELLS = 200;
/** At most so many local counts are asked for all cells of a question that are counted one by one. */
export const MAX_COUNTS = 2_000;

/** A number whose least value one plan gives, and whose greatest value another; the same plan where the bank says one thing. */
export type PlannedNumber = Pair<Plan> & {
  /** Why the two differ. */
  readonly because: ReadonlySet<Uncertainty>;
};
export type PlannedCell = { readonly donors: PlannedNumber; readonly samples: PlannedNumber };

/** Plans both counts of a cell, each by local questions of its own. */
export const planCell = (cell: Cell, bank: Bank): PlannedCell => ({
  donors: planNumber(cell.DONORS, "DONORS", bank),
  samples: planNumber(cell.SAMPLES, "SAMPLES", bank),
});

/** The bank that counts the cells of a facet, and the asker's signal. */
export type PlanWith = {
  readonly interpreter: Interpreter;
  readonly bank: Bank;
  readonly signal: AbortSignal;
  /** The local questions of the cells planned one by one so far, of all facets of the question. */
  readonly asked: Set<LocalQuestion>;
};

/**
 * Plans the cells of a facet, row by row: by a breakdown of the engine where it has one, else one by one. Cells that ask the
 * same have the same plan. @throws signal.reason where the signal aborts meanwhile
 */
export const planFacet = async (facet: Facet, whole: Cell, planWith: PlanWith): Promise<readonly PlannedCell[]> => {
  const { interpreter, signal } = planWith;
  const shape = await shapeOf(facet, whole, interpreter, signal);
  const questions = brokenDown(shape, whole);
  if (questions === null) return oneByOne(shape, planWith);
  const made = new Map<Filling, PlannedCell>();
  return mapInTurns(
    shape.cells,
    (cell) => {
      const known = made.get(cell) ?? cellOf(shape, cell, questions);
      made.set(cell, known);
      return known;
    },
    signal,
  );
};

/** The local questions of some cells, each once. @throws signal.reason where the signal aborts meanwhile */
export const questionsOf = async (
  cells: readonly PlannedCell[],
  signal: AbortSignal,
): Promise<readonly LocalQuestion[]> => {
  const questions = new Set<LocalQuestion>();
  const plans = new Set<Plan>();
  await mapInTurns(
    [...new Set(cells)],
    (cell) => {
      for (const plan of plansOf(cell)) {
        if (plans.has(plan)) continue;
        plans.add(plan);
        for (const { terms } of exactNodes(plan)) for (const { question } of terms) questions.add(question);
      }
    },
    signal,
  );
  return [...questions];
};

const plansOf = ({ donors, samples }: PlannedCell): readonly Plan[] => [
  donors.inner,
  donors.outer,
  samples.inner,
  samples.outer,
];

/** Each once: most plans of a cell have none in common. */
const questionsIn = (cell: PlannedCell): readonly LocalQuestion[] => {
  const questions = new Set<LocalQuestion>();
  for (const plan of new Set(plansOf(cell))) {
    for (const { terms } of exactNodes(plan)) for (const { question } of terms) questions.add(question);
  }
  return [...questions];
};

const planNumber = (of: Understood, unit: Unit, bank: Bank): PlannedNumber => {
  const planOf = (side: Side, ends?: Ends): Plan =>
    plan({ unit, donors: of.donors[side], samples: of.samples[side] }, bank, ends);
  if (isOne(of.donors) && (unit === "DONORS" || isOne(of.samples))) {
    const both = planOf("inner");
    return { inner: both, outer: both, because: of.because };
  }
  return {
    inner: planOf("inner", { min: true, max: false }),
    outer: planOf("outer", { min: false, max: true }),
    because: of.because,
  };
};

/** The question with a breakdown that gives all cells, or one for each end; null where the engine has no such breakdown. */
const brokenDown = ({ grouped }: Shape, { DONORS, SAMPLES }: Cell): Pair<LocalQuestion> | null => {
  // A question counts donors and samples at once, so both must mean the same donors.
  if (grouped === null || keyOf(DONORS.donors) !== keyOf(SAMPLES.donors)) return null;
  const questionOf = (side: Side): LocalQuestion => ({
    donors: DONORS.donors[side],
    samples: SAMPLES.samples[side],
    by: grouped[side],
  });
  const inner = questionOf("inner");
  const outer = [DONORS.donors, SAMPLES.samples, grouped].every(isOne) ? inner : questionOf("outer");
  return { inner, outer };
};

const cellOf = (shape: Shape, cell: Filling, questions: Pair<LocalQuestion>): PlannedCell => {
  const numberOf = (unit: Unit): PlannedNumber => {
    const node = (side: Side): Plan =>
      exactNode(unit, [{ times: 1, question: questions[side], cell: cell.place }], () => {
        const { donors, samples } = shape.fill(cell)[unit];
        return { donors: donors[side], samples: unit === "DONORS" ? EVERY_SAMPLE : samples[side] };
      });
    const inner = node("inner");
    const outer = questions.inner === questions.outer ? inner : node("outer");
    return { inner, outer, because: shape.because(cell, unit) };
  };
  return { donors: numberOf("DONORS"), samples: numberOf("SAMPLES") };
};

const oneByOne = async ({ cells, fill }: Shape, { bank, signal, asked }: PlanWith): Promise<readonly PlannedCell[]> => {
  const made = new Map<Filling, { readonly planned: PlannedCell; readonly questions: readonly LocalQuestion[] }>();
  const planned: PlannedCell[] = [];
  let left = MAX_CELLS;
  for (const cell of cells) {
    if (isTurnOver()) await nextTurn(signal);
    const known = left === 0 ? undefined : (made.get(cell) ?? planOf(fill(cell), bank));
    if (known === undefined || asked.size + countNew(known.questions, asked) > MAX_COUNTS) {
      left = 0;
      planned.push(UNPLANNED_CELL);
      continue;
    }
    made.set(cell, known);
    for (const question of known.questions) asked.add(question);
    if (known.questions.length > 0) left -= 1;
    planned.push(known.planned);
  }
  return planned;
};

const planOf = (cell: Cell, bank: Bank) => {
  const planned = planCell(cell, bank);
  return { planned, questions: questionsIn(planned) };
};

const countNew = (questions: readonly LocalQuestion[], asked: ReadonlySet<LocalQuestion>): number =>
  questions.reduce((count, question) => (asked.has(question) ? count : count + 1), 0);

const UNPLANNED: PlannedNumber = { inner: NOT_COUNTED, outer: NOT_COUNTED, because: new Set() };
const UNPLANNED_CELL: PlannedCell = { donors: UNPLANNED, samples: UNPLANNED };
