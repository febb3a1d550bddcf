import type { LocalQuestion, Range, Unit } from "../../adapters/local.ts";
import type { CellCounts, Count } from "../../schema/count.ts";
import { isSampleField } from "../../schema/fields.ts";
import type { Bounds } from "../../schema/release.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { Facet, Question } from "../../schema/wire/question.ts";
import type { Disclose } from "../disclose/disclose.ts";
import { plan } from "../plan/plan.ts";
import type { Ends, Plan } from "../plan/tree.ts";
import { type Cell, cellsOf, groupedBy } from "../understand/facet-cells.ts";
import { keyOf } from "../understand/predicates.ts";
import type { FieldReader } from "../understand/read-field.ts";
import { readQuestion, understandingOf } from "../understand/reading.ts";
import { type Pair, type Understood, understand } from "../understand/understand.ts";
import { Contradiction } from "./contradiction.ts";
import { agree, leastSamples, relate } from "./relate.ts";
import { type Found, type Tallied, tally } from "./tally.ts";

/** At most so many cells of one facet are counted one by one; the rest is one interval, 0 to the total. */
export const MAX_CELLS = 200;

/** What came back, with what else an answer is made of: the bank's bounds, and the last step before a number leaves it. */
export type Counted = Tallied & { readonly disclose: Disclose };

/** A question as one bank counts it. It hangs on the mapping and on what the local API can say, and on no data. */
export type Prepared = {
  readonly questions: readonly LocalQuestion[];
  /** Takes one outcome per question, in that order. @throws {BankError} {Contradiction} */
  readonly read: (counted: Counted) => Answer;
};

/** Reads and plans a question. @throws {QuestionError} */
export const prepare = (question: Question, reader: FieldReader): Prepared => {
  const { samplesPerDonor } = reader.mapping.yaml.size;
  const read = readQuestion(question);
  const whole: Cell = { DONORS: understand(read, reader, "DONORS"), SAMPLES: understand(read, reader, "SAMPLES") };
  const sheet = tally();

  const planned = (unit: Unit, of: Understood): Pending => {
    const bank = { capabilities: reader.capabilities, samplesPerDonor };
    const planOf = (side: keyof Pair<unknown>, ends?: Ends): Plan =>
      plan({ unit, donors: of.donors[side], samples: of.samples[side] }, bank, ends);
    if (same(of.donors) && (unit === "DONORS" || same(of.samples))) {
      const both = sheet.add(planOf("inner"));
      return (counted, upTo) => {
        const found = both(counted);
        return conclude(counted, unit, of, found, found, upTo);
      };
    }
    const inner = sheet.add(planOf("inner", { min: true, max: false }));
    const outer = sheet.add(planOf("outer", { min: false, max: true }));
    return (counted, upTo) => conclude(counted, unit, of, inner(counted), outer(counted), upTo);
  };
  const grouped = (cells: readonly Cell[], facet: Facet): readonly PendingCell[] | null => {
    const by = groupedBy(facet, reader);
    // One question with a breakdown counts donors and samples at once, so both must mean the same donors.
    if (by === null || keyOf(whole.DONORS.donors) !== keyOf(whole.SAMPLES.donors)) return null;
    const { donors } = whole.DONORS;
    const { samples } = whole.SAMPLES;
    const inner = sheet.addGrouped({ donors: donors.inner, samples: samples.inner, by: by.inner });
    const outer = sheet.addGrouped({ donors: donors.outer, samples: samples.outer, by: by.outer });
    const pending =
      (unit: Unit, cell: Cell, i: number): Pending =>
      (counted, upTo) =>
        conclude(counted, unit, cell[unit], inner(counted, i, unit), outer(counted, i, unit), upTo);
    return cells.map((cell, i) => ({ donors: pending("DONORS", cell, i), samples: pending("SAMPLES", cell, i) }));
  };
  const oneByOne = (cells: readonly Cell[]): readonly PendingCell[] => {
    let left = MAX_CELLS;
    return cells.map((cell) => {
      if (left === 0) return { donors: notCounted, samples: notCounted };
      const before = sheet.questions.length;
      const pending = { donors: planned("DONORS", cell.DONORS), samples: planned("SAMPLES", cell.SAMPLES) };
      if (sheet.questions.length > before) left -= 1;
      return pending;
    });
  };
  /** Joins the two ends of a number, and checks them against each other and what the bank warrants. */
  const conclude = (
    { size, disclose }: Counted,
    unit: Unit,
    of: Understood,
    inner: Found,
    outer: Found,
    upTo: number | null,
  ): Drawn => {
    const { min } = inner.range;
    const max = outer.range.max === null ? upTo : Math.min(outer.range.max, upTo ?? outer.range.max);
    if (max !== null && min > max) {
      const bound = unit === "DONORS" ? size.donors : size.samples;
      throw new Contradiction(
        `count of ${unit.toLowerCase()}: wanted no more than the bank warrants or than it is part of, got more`,
        bound !== null && min > bound ? "ABOVE_BOUND" : "CONTRADICTION",
      );
    }
    const disclosed = (): Count =>
      disclose({
        unit,
        inner: { donors: of.donors.inner, samples: of.samples.inner, min },
        outer: { donors: of.donors.outer, samples: of.samples.outer, max },
        because: [...new Set([...of.because, ...inner.because, ...outer.because])],
      });
    return { min, max, disclosed };
  };

  const totals: PendingCell = { donors: planned("DONORS", whole.DONORS), samples: planned("SAMPLES", whole.SAMPLES) };
  const facets = question.facets.map((facet) => {
    const cells = cellsOf(facet, whole, reader);
    return grouped(cells, facet) ?? oneByOne(cells);
  });
  const understanding = understandingOf(read, reader);
  const least = leastSamples(read.expr);

  const settle = (counted: Counted, pending: PendingCell, upTo: Bounds, atLeast: number): CellCounts => {
    const donors = pending.donors(counted, upTo.donors);
    const samples = pending.samples(counted, upTo.samples);
    agree(donors, samples, atLeast, samplesPerDonor);
    return relate({ donors: donors.disclosed(), samples: samples.disclosed() }, atLeast, samplesPerDonor);
  };
  return {
    questions: sheet.questions,
    read: (counted) => {
      const total = settle(counted, totals, counted.size, least);
      const upTo = { donors: total.donors.max, samples: total.samples.max };
      return {
        ...total,
        understanding,
        facets: facets.map((cells, i) => {
          const { by, across } = question.facets[i] as Facet;
          const ofSample = isSampleField(by.field) || (across !== undefined && isSampleField(across.field));
          return { cells: cells.map((cell) => settle(counted, cell, upTo, ofSample ? 1 : least)) };
        }),
      };
    },
  };
};

/** A raw number, which stays here, and what is let out of it. */
type Drawn = Range & { readonly disclosed: () => Count };

/** A number that waits for the outcomes; `upTo` is the warranted bound, or the total that a cell is part of. */
type Pending = (counted: Counted, upTo: number | null) => Drawn;
type PendingCell = { readonly donors: Pending; readonly samples: Pending };

/** Whether the bank says one thing only: then one plan has both ends. */
const same = ({ inner, outer }: Pair<object>): boolean => inner === outer || keyOf(inner) === keyOf(outer);

const notCounted: Pending = (_, upTo) => ({
  min: 0,
  max: upTo,
  disclosed: () => ({ min: 0, max: upTo, because: upTo === 0 ? [] : ["NOT_COUNTED"] }),
});
