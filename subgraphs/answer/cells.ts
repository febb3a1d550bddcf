import type { LocalQuestion, Unit } from "../../adapters/local.ts";
import type { Uncertainty } from "../../schema/count.ts";
import type { Facet } from "../../schema/wire/question.ts";
import { type Bank, plan } from "../plan/plan.ts";
import { type Ends, exactNodes, NOT_COUNTED, type Plan } from "../plan/tree.ts";
import { type Cell, cellsOf, groupedBy } from "../understand/facet-cells.ts";
import type { Pair, Side, Understood } from "../understand/inner-and-outer.ts";
import type { Interpreter } from "../understand/interpret.ts";
import { EVERY_SAMPLE, keyOf } from "../understand/predicates.ts";

/** At most so many cells of one facet are counted one by one; each of the others is one interval, 0 to the total. */
export const MAX_CELLS = 200;

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

/** Plans the cells of a facet, row by row: by a breakdown of the engine where it has one, else one by one. */
export const planFacet = (facet: Facet, whole: Cell, interpreter: Interpreter, bank: Bank): readonly PlannedCell[] => {
  const cells = cellsOf(facet, whole, interpreter);
  return brokenDown(facet, cells, whole, interpreter) ?? oneByOne(cells, bank);
};

/** The local questions of some cells, each once. */
export const questionsOf = (cells: readonly PlannedCell[]): readonly LocalQuestion[] => {
  const numbers = cells.flatMap(({ donors, samples }) => [donors, samples]);
  const plans = new Set(numbers.flatMap(({ inner, outer }) => [inner, outer]));
  const nodes = [...plans].flatMap((plan) => [...exactNodes(plan)]);
  return [...new Set(nodes.flatMap(({ terms }) => terms.map(({ question }) => question)))];
};

const planNumber = (of: Understood, unit: Unit, bank: Bank): PlannedNumber => {
  const planOf = (side: Side, ends?: Ends): Plan =>
    plan({ unit, donors: of.donors[side], samples: of.samples[side] }, bank, ends);
  if (same(of.donors) && (unit === "DONORS" || same(of.samples))) {
    const both = planOf("inner");
    return { inner: both, outer: both, because: of.because };
  }
  return {
    inner: planOf("inner", { min: true, max: false }),
    outer: planOf("outer", { min: false, max: true }),
    because: of.because,
  };
};

const same = ({ inner, outer }: Pair<object>): boolean => inner === outer || keyOf(inner) === keyOf(outer);

/** One question with a breakdown, or one for each end, or null where the engine has no such breakdown. */
const brokenDown = (
  facet: Facet,
  cells: readonly Cell[],
  { DONORS, SAMPLES }: Cell,
  interpreter: Interpreter,
): readonly PlannedCell[] | null => {
  const by = groupedBy(facet, interpreter);
  // A question counts donors and samples at once, so both must mean the same donors.
  if (by === null || keyOf(DONORS.donors) !== keyOf(SAMPLES.donors)) return null;
  const questionOf = (side: Side): LocalQuestion => ({
    donors: DONORS.donors[side],
    samples: SAMPLES.samples[side],
    by: by[side],
  });
  const inner = questionOf("inner");
  const outer = [DONORS.donors, SAMPLES.samples, by].every(same) ? inner : questionOf("outer");
  return cells.map((cell, i) => ({
    donors: cellNumber("DONORS", cell.DONORS, { inner, outer }, i),
    samples: cellNumber("SAMPLES", cell.SAMPLES, { inner, outer }, i),
  }));
};

const cellNumber = (unit: Unit, of: Understood, questions: Pair<LocalQuestion>, cell: number): PlannedNumber => {
  const { donors, samples, because } = of;
  const node = (side: Side): Plan => ({
    op: "exact",
    unit,
    donors: donors[side],
    samples: unit === "DONORS" ? EVERY_SAMPLE : samples[side],
    terms: [{ times: 1, question: questions[side], cell }],
  });
  const inner = node("inner");
  return { inner, outer: questions.inner === questions.outer ? inner : node("outer"), because };
};

const oneByOne = (cells: readonly Cell[], bank: Bank): readonly PlannedCell[] => {
  let left = MAX_CELLS;
  return cells.map((cell) => {
    if (left === 0) return { donors: UNPLANNED, samples: UNPLANNED };
    const planned = planCell(cell, bank);
    if (questionsOf([planned]).length > 0) left -= 1;
    return planned;
  });
};
const UNPLANNED: PlannedNumber = { inner: NOT_COUNTED, outer: NOT_COUNTED, because: new Set() };
