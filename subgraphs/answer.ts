import { BankError } from "../adapters/bank-error.ts";
import type { Range, Release, Unit } from "../adapters/local.ts";
import type {
  AnswerJson,
  BoundsJson,
  CellCounts,
  Count,
  FacetJson,
  FailureJson,
  QuestionJson,
} from "../schema/answer.ts";
import { isSampleField } from "../schema/fields.ts";
import type { BankYaml } from "./bank-yaml.ts";
import type { Counter } from "./counter.ts";
import type { Disclose } from "./disclose.ts";
import { type Cell, cellsOf, groupedBy } from "./facet-cells.ts";
import { Contradiction, type Plan, plan } from "./plan.ts";
import { keyOf } from "./predicates.ts";
import type { FieldReader } from "./read-field.ts";
import { readQuestion, understandingOf } from "./reading.ts";
import { agree, leastSamples, relate } from "./relate.ts";
import { type Found, type Outcomes, tally } from "./tally.ts";
import { type Pair, type Understood, understand } from "./understand.ts";

/** What one bank needs to answer: how it reads, how it counts, and the last step before a number leaves it. */
export type AnswerWith = {
  readonly reader: FieldReader;
  /** Bounds that the bank warrants for the release. Default: those of its mapping. */
  readonly size?: BoundsJson;
  readonly count: Counter;
  readonly disclose: Disclose;
};

/** At most so many cells of one facet are counted one by one; the rest is one interval, 0 to the total. */
export const MAX_CELLS = 200;

/**
 * Answers one question from one release. All local questions go out in the same tick, so that those of a batch meet in one
 * call of the adapter. A failing bank is a value; a signal that aborts rejects.
 */
export const answer = async (
  question: QuestionJson,
  { reader, size = boundsOf(reader.mapping.yaml.size), count, disclose }: AnswerWith,
  asOf: Release,
  signal: AbortSignal,
): Promise<AnswerJson | FailureJson> => {
  const { id: bank, yaml } = reader.mapping;
  const read = readQuestion(question);
  const whole: Cell = { DONORS: understand(read, reader, "DONORS"), SAMPLES: understand(read, reader, "SAMPLES") };
  const sheet = tally(size);

  const planned = (unit: Unit, of: Understood): Pending => {
    const planOf = (side: keyof Pair<unknown>): Plan =>
      plan(of.donors[side], of.samples[side], unit, reader.capabilities, yaml.size.samplesPerDonor);
    const [inner, outer] = [sheet.add(planOf("inner")), sheet.add(planOf("outer"))];
    return (outcomes, upTo) => conclude(unit, of, inner(outcomes), outer(outcomes), upTo);
  };
  const grouped = (cells: readonly Cell[], facet: FacetJson): readonly PendingCell[] | null => {
    const by = groupedBy(facet, reader);
    // One question with a breakdown counts donors and samples at once, so both must mean the same donors.
    if (by === null || keyOf(whole.DONORS.donors) !== keyOf(whole.SAMPLES.donors)) return null;
    const { donors } = whole.DONORS;
    const { samples } = whole.SAMPLES;
    const inner = sheet.addGrouped({ donors: donors.inner, samples: samples.inner, by: by.inner });
    const outer = sheet.addGrouped({ donors: donors.outer, samples: samples.outer, by: by.outer });
    const pending =
      (unit: Unit, cell: Cell, i: number): Pending =>
      (outcomes, upTo) =>
        conclude(unit, cell[unit], inner(outcomes, i, unit), outer(outcomes, i, unit), upTo);
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
  const conclude = (unit: Unit, of: Understood, inner: Found, outer: Found, upTo: number | null): Drawn => {
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

  const outcomes = sheet.questions.length === 0 ? [] : await count(sheet.questions, asOf, signal);
  try {
    const { samplesPerDonor } = yaml.size;
    const least = leastSamples(read.expr);
    const settle = (pending: PendingCell, upTo: BoundsJson, atLeast: number): CellCounts => {
      const donors = pending.donors(outcomes, upTo.donors);
      const samples = pending.samples(outcomes, upTo.samples);
      agree(donors, samples, atLeast, samplesPerDonor);
      return relate({ donors: donors.disclosed(), samples: samples.disclosed() }, atLeast, samplesPerDonor);
    };
    const total = settle(totals, size, least);
    const upTo = { donors: total.donors.max, samples: total.samples.max };
    return {
      ...total,
      understanding: understandingOf(read, reader),
      facets: facets.map((cells, i) => {
        const { by, across } = question.facets[i] as FacetJson;
        const ofSample = isSampleField(by.field) || (across !== undefined && isSampleField(across.field));
        return { cells: cells.map((cell) => settle(cell, upTo, ofSample ? 1 : least)) };
      }),
    };
  } catch (error) {
    if (error instanceof Contradiction) {
      return failure(new BankError("BANK_BROKEN", bank, error.message, { reason: error.reason }));
    }
    if (error instanceof BankError) return failure(error);
    throw error;
  }
};

/** A raw number, which stays here, and what is let out of it. */
type Drawn = Range & { readonly disclosed: () => Count };

/** A number that waits for the outcomes; `upTo` is the warranted bound, or the total that a cell is part of. */
type Pending = (outcomes: Outcomes, upTo: number | null) => Drawn;
type PendingCell = { readonly donors: Pending; readonly samples: Pending };

const boundsOf = ({ donors, samples }: BankYaml["size"]): BoundsJson => ({
  donors: donors ?? null,
  samples: samples ?? null,
});

const notCounted: Pending = (_, upTo) => ({
  min: 0,
  max: upTo,
  disclosed: () => ({ min: 0, max: upTo, because: upTo === 0 ? [] : ["NOT_COUNTED"] }),
});

/** An expected failure of the bank as plain JSON. */
export const failure = ({ code, message, retryAfterMs, reason }: BankError): FailureJson => ({
  failure: { code, message, retryAfterMs: retryAfterMs ?? null, ...(reason === undefined ? {} : { reason }) },
});
