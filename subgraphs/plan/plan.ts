import {
  type Capabilities,
  isRange,
  type LocalPredicate,
  type LocalQuestion,
  type LocalSelector,
  type Range,
  type Unit,
} from "../../adapters/local.ts";
import type { Uncertainty } from "../../schema/answer.ts";
import type { BrokenReason } from "../../schema/broken-reasons.ts";
import { allOf, keyOf } from "../understand/predicates.ts";
import {
  conjuncts,
  donorFormula,
  existsLeaves,
  type Formula,
  ownFormula,
  speaksOfSample,
  toDonors,
  toSelector,
} from "./formula.ts";
import { CannotSay, filterCount, signedSum } from "./polynomial.ts";

/** A local question, and which of its two counts is wanted. */
export type Ask = { readonly question: LocalQuestion; readonly unit: Unit };

/** Which ends of an interval are wanted: what serves only the other end is not asked for, and that end is then as good as open. */
export type Ends = { readonly min: boolean; readonly max: boolean };
const BOTH: Ends = { min: true, max: true };
const MAX_ONLY: Ends = { min: false, max: true };

/** Local counts to ask for, and the arithmetic that makes one interval of them. */
export type Plan = {
  readonly asks: readonly Ask[];
  /** Takes one range per ask, in that order. */
  readonly value: (ranges: readonly Range[]) => Range;
  /** Why the interval may be wider than the local counts. */
  readonly because: ReadonlySet<Uncertainty>;
};

/** Local counts that cannot all be true: a signed sum below zero, or a least number above the greatest. Holds no count. */
export class Contradiction extends Error {
  readonly reason: BrokenReason;

  constructor(message: string, reason: BrokenReason = "CONTRADICTION") {
    super(message);
    this.reason = reason;
  }
}

/**
 * Plans the count of donors that `donors` holds for, or of their samples that `samples` selects. Exact where the local API
 * can say it, by one question or a signed sum; else bounds that surely hold (DESIGN.md section 5).
 * @param samplesPerDonor the bank's warranted bound; absent: none.
 * @param ends both, unless the other end comes from another predicate.
 */
export const plan = (
  donors: LocalPredicate,
  samples: LocalSelector,
  unit: Unit,
  capabilities: Capabilities,
  samplesPerDonor?: number,
  ends: Ends = BOTH,
): Plan => {
  if (!capabilities.counts.includes(unit)) return constant({ min: 0, max: null }, "NOT_COUNTED");
  if (isNothing(donors) || (unit === "SAMPLES" && isNothing(samples))) return constant({ min: 0, max: 0 });
  const formula = unit === "DONORS" ? donorFormula(donors) : sampleFormula(donors, samples, capabilities);
  try {
    return exactPlan(formula, unit, capabilities, samples);
  } catch (error) {
    if (!(error instanceof CannotSay)) throw error;
    return planner(unit, capabilities, samples, samplesPerDonor).inside(formula, error.reason, ends);
  }
};

/**
 * Samples counted, and what their donors must meet. That a donor has a sample like the one counted goes without saying;
 * an engine with full logic is told it all the same, so that both counts are one query.
 */
const sampleFormula = (
  donors: LocalPredicate,
  samples: LocalSelector,
  { samples: { logic } }: Capabilities,
): Formula => {
  const parts = conjuncts(donorFormula(donors));
  const unsaid = (part: Formula): boolean => part.op === "exists" && keyOf(part.of) === keyOf(samples);
  return { op: "all", of: [...(logic === "and" ? parts.filter((part) => !unsaid(part)) : parts), ownFormula(samples)] };
};

const isNothing = (tree: LocalPredicate | LocalSelector): boolean => tree.op === "any" && tree.of.length === 0;

const planner = (
  unit: Unit,
  capabilities: Capabilities,
  samples: LocalSelector,
  samplesPerDonor: number | undefined,
) => {
  const exact = (formula: Formula): Plan => exactPlan(formula, unit, capabilities, samples, { only: unit });
  const whole = (): Plan => attempt(() => exact({ op: "all", of: [] })) ?? constant({ min: 0, max: null });

  const bounds = (formula: Formula, ends: Ends): Plan => {
    try {
      return exact(formula);
    } catch (error) {
      if (!(error instanceof CannotSay)) throw error;
      return inside(formula, error.reason, ends);
    }
  };
  const wholeIf = (wanted: boolean): Plan => (wanted ? whole() : constant(NOTHING));

  /** Bounds of a formula that cannot be said, from parts that can. */
  const inside = (formula: Formula, reason: Uncertainty, ends: Ends): Plan => {
    switch (formula.op) {
      case "all":
        return all(conjuncts(formula), reason, ends);
      case "any": {
        const parts = formula.of.map((part) => bounds(part, ends));
        return fold([...parts, wholeIf(ends.max)], reason, (ranges) => {
          const [total, ...parts] = [ranges.at(-1) ?? NOTHING, ...ranges.slice(0, -1)];
          return { min: greatest(parts.map((p) => p.min)), max: least([sumMax(parts), total.max]) };
        });
      }
      case "not":
        return fold(
          [bounds(formula.of, { min: ends.max, max: ends.min }), whole()],
          reason,
          ([part = NOTHING, total = NOTHING]) => ({
            min: part.max === null ? 0 : Math.max(0, total.min - part.max),
            max: total.max === null ? null : Math.max(0, total.max - part.min),
          }),
        );
      case "exists":
        return existing([], formula.of, reason, ends);
      case "donor":
      case "own":
        return fold([wholeIf(ends.max)], reason, ([total = NOTHING]) => ({ min: 0, max: total.max }));
    }
  };

  /** The largest conjunction that can be said, of `seed` and of as many others as go with it. */
  const together = (
    seed: readonly Formula[],
    others: readonly Formula[],
  ): { said: readonly Formula[]; plan: Plan | null } => {
    let said = seed;
    let found = seed.length === 0 ? null : attempt(() => exact({ op: "all", of: seed }));
    if (seed.length > 0 && found === null) return { said, plan: null };
    for (const other of others) {
      const wider = attempt(() => exact({ op: "all", of: [...said, other] }));
      if (wider === null) continue;
      said = [...said, other];
      found = wider;
    }
    return { said, plan: found };
  };

  /** AND of k parts: max(0, sum of the minima - (k-1) x all) .. least maximum. */
  const all = (parts: readonly Formula[], reason: Uncertainty, ends: Ends): Plan => {
    const easyFirst = [...parts].sort((a, b) => existsLeaves(a).length - existsLeaves(b).length);
    const { said, plan: first } = together([], easyFirst);
    const left = easyFirst.filter((part) => !said.includes(part));
    const floor = ends.min ? attempt(() => exact({ op: "all", of: stronger(parts) })) : null;
    const ofDonor = (part: Formula): boolean => unit === "SAMPLES" && part.op === "exists";
    // Samples that meet all parts themselves are no fewer than the sum of the parts would leave.
    const summed = ends.min && !(floor !== null && left.every(ofDonor));
    // Of samples by another one of their donor nothing is known but that they are among all.
    const capping = ends.max ? left.filter((part) => first === null || !ofDonor(part)) : [];
    const summands = [
      ...(first === null ? [] : [first]),
      ...(summed ? left : capping).map((part) => bounds(part, { min: summed, max: capping.includes(part) })),
    ];
    const donorsOnly = said.filter((part) => existsLeaves(part).length === 0 && !speaksOfSample(part));
    const caps = capping.flatMap((part) => {
      const group = together(
        [part],
        easyFirst.filter((other) => other !== part),
      ).plan;
      return [
        ...(group === null ? [] : [group]),
        ...(part.op === "exists" ? [existing(donorsOnly, part.of, reason, MAX_ONLY)] : []),
      ];
    });
    const n = summands.length;
    return fold([wholeIf(summed), ...summands, ...caps, ...(floor === null ? [] : [floor])], reason, (ranges) => {
      const [total = NOTHING, ...rest] = ranges;
      const added = rest.slice(0, n).reduce((sum, range) => sum + range.min, 0);
      const left = total.max === null ? (n === 1 ? added : 0) : added - (n - 1) * total.max;
      const floorMin = floor === null ? 0 : (rest.at(-1)?.min ?? 0);
      const ceilings = rest.slice(0, floor === null ? undefined : -1);
      return {
        min: Math.max(0, summed ? left : 0, floorMin),
        max: least([total.max, ...ceilings.map((range) => range.max)]),
      };
    });
  };

  /** Conjuncts that imply the given ones and may be sayable: two samples are surely had by who has one that meets both. */
  const stronger = (parts: readonly Formula[]): readonly Formula[] => {
    const others = parts.filter((part) => part.op !== "exists");
    const exists = parts.flatMap((part) => (part.op === "exists" ? [part.of] : []));
    if (exists.length === 0) return parts;
    if (unit === "SAMPLES") return [...others, ...exists.map(ownFormula)];
    return capabilities.donors.sampleAnd === "same" ? [...others, { op: "exists", of: allOf(exists) }] : parts;
  };

  /**
   * Donors with one sample that meets several parts, where the API cannot join these: at most the donors with each part,
   * and, where samples that meet them all can be counted, between their number / samples per donor and their number.
   */
  const existing = (also: readonly Formula[], selector: LocalSelector, reason: Uncertainty, ends: Ends): Plan => {
    if (unit === "SAMPLES") {
      const own = ends.min ? attempt(() => exact({ op: "all", of: [...also, ownFormula(selector)] })) : null;
      return fold([wholeIf(ends.max), ...(own === null ? [] : [own])], reason, ([total = NOTHING, same = NOTHING]) => ({
        min: same.min,
        max: total.max,
      }));
    }
    const parts = ends.max && selector.op === "all" && selector.of.length > 1 ? selector.of : [];
    const choices = selector.op === "any" ? selector.of : [];
    const apart = ends.max && capabilities.donors.sampleAnd === "any" ? metApart(also, selector) : null;
    const each =
      apart === null
        ? parts.map((part) => bounds({ op: "all", of: [...also, { op: "exists", of: part }] }, MAX_ONLY))
        : [apart];
    const some = choices.map((part) => existing(also, part, reason, ends));
    const counted = attempt(() =>
      exactPlan({ op: "all", of: [...also, ownFormula(selector)] }, "SAMPLES", capabilities, selector, {
        only: "SAMPLES",
      }),
    );
    // Whoever meets the parts apart is among all.
    const all = wholeIf(ends.max && apart === null);
    return fold([all, ...each, ...some, ...(counted === null ? [] : [counted])], reason, (ranges) => {
      const [total = NOTHING, ...rest] = ranges;
      const ofEach = rest.slice(0, each.length);
      const ofSome = rest.slice(each.length, each.length + some.length);
      const tubes = counted === null ? null : (rest.at(-1) ?? NOTHING);
      const byTubes =
        tubes === null || tubes.min === 0 ? 0 : Math.max(1, Math.ceil(tubes.min / (samplesPerDonor ?? tubes.min)));
      return {
        min: Math.max(byTubes, greatest(ofSome.map((range) => range.min))),
        max: least([
          total.max,
          ...ofEach.map((range) => range.max),
          ofSome.length === 0 ? null : sumMax(ofSome),
          tubes === null ? null : tubes.max,
        ]),
      };
    });
  };

  /** Donors who have a sample for each part of a selector, and for each end of a range: whoever has one for all does. */
  const metApart = (also: readonly Formula[], selector: LocalSelector): Plan | null => {
    const parts = (selector.op === "all" ? selector.of : [selector]).flatMap(ends);
    const { said, plan: found } = together(
      also,
      parts.map((part): Formula => ({ op: "exists", of: part })),
    );
    return said.length > also.length ? found : null;
  };

  return { inside };
};

/**
 * One question or one signed sum. An engine with full logic gets both halves of the question whatever the unit, so that
 * the two counts are one query; a part of bounds is of one unit `only`.
 * @throws {CannotSay}
 */
const exactPlan = (
  formula: Formula,
  unit: Unit,
  capabilities: Capabilities,
  samples: LocalSelector,
  alone: Pick<LocalQuestion, "only"> = capabilities.counts.length === 1 ? { only: unit } : {},
): Plan => {
  if (!capabilities.counts.includes(unit)) throw new CannotSay("NOT_COUNTED");
  const logic = unit === "DONORS" ? capabilities.donors : capabilities.samples;
  if (logic.logic === "and") {
    const terms = signedSum(formula, unit, capabilities);
    return {
      asks: terms.map(({ question }) => ({ question, unit })),
      value: (ranges) => addUp(terms.map(({ times }, i) => ({ times, range: ranges[i] ?? NOTHING }))),
      because: new Set(),
    };
  }
  const parts = conjuncts(formula);
  const own = parts.filter(speaksOfSample);
  if (own.some((part, at) => own.some((other, before) => before < at && exclude(part, other)))) {
    return constant({ min: 0, max: 0 });
  }
  const donors = parts.filter((part) => !speaksOfSample(part));
  const leaves = [...new Map(donors.flatMap(existsLeaves).map((s) => [keyOf(s), s])).values()];
  if (logic.sampleAnd !== undefined && !canJoin(logic.sampleAnd, unit, leaves)) throw new CannotSay("SAME_SAMPLE");
  const question: LocalQuestion = {
    donors: allOf(donors.map(toDonors)),
    samples: unit === "SAMPLES" ? allOf(own.map(toSelector)) : samples,
  };
  return {
    asks: [{ question: { ...question, ...alone }, unit }],
    value: ([range = NOTHING]) => range,
    because: new Set(),
  };
};

/** Whether no sample meets both: it has one type, one origin, one storage. */
const exclude = (a: Formula, b: Formula): boolean => {
  if (a.op !== "own" || b.op !== "own" || a.field !== b.field || isRange(a.test) || isRange(b.test)) return false;
  const [one, other] = [a.test, b.test];
  if (one.negate || one.missing || other.negate || other.missing) return false;
  return !one.codes.some((code) => other.codes.includes(code));
};

/** Whether an API with full logic but a weaker idea of samples can say these conditions on samples that a donor has. */
const canJoin = (sampleAnd: "same" | "any" | "unknown", unit: Unit, leaves: readonly LocalSelector[]): boolean => {
  if (unit === "SAMPLES") return leaves.length === 0 && sampleAnd === "same";
  const simple = leaves.every((leaf) => leaf.op === "has" && filterCount([leaf]) === 1);
  if (sampleAnd === "any") return simple;
  return leaves.length <= 1 && (sampleAnd === "same" || simple);
};

/**
 * A range as two, one for each end; whatever passes it passes both. What may be missing is left out: it says little, and
 * APIs need many counts for it.
 */
const ends = (selector: LocalSelector): readonly LocalSelector[] => {
  if (selector.op !== "has") return [selector];
  const { test } = selector;
  if (test.missing) return [];
  if (!isRange(test) || test.from === null || test.to === null) return [selector];
  return [
    { ...selector, test: { ...test, to: null } },
    { ...selector, test: { ...test, from: null } },
  ];
};

const NOTHING: Range = { min: 0, max: null };

const constant = (range: Range, because?: Uncertainty): Plan => ({
  asks: [],
  value: () => range,
  because: new Set(because === undefined ? [] : [because]),
});

const attempt = (make: () => Plan): Plan | null => {
  try {
    return make();
  } catch (error) {
    if (error instanceof CannotSay) return null;
    throw error;
  }
};

const fold = (plans: readonly Plan[], reason: Uncertainty, combine: (ranges: readonly Range[]) => Range): Plan => ({
  asks: plans.flatMap(({ asks }) => asks),
  value: (ranges) => {
    let from = 0;
    return combine(
      plans.map((part) => {
        const own = ranges.slice(from, from + part.asks.length);
        from += part.asks.length;
        return part.value(own);
      }),
    );
  },
  because: new Set([reason, ...plans.flatMap(({ because }) => [...because])]),
});

/** Negative terms swap the ends of an interval. @throws {Contradiction} */
const addUp = (terms: readonly { readonly times: number; readonly range: Range }[]): Range => {
  let min = 0;
  let max: number | null = 0;
  for (const { times, range } of terms) {
    // mutant: ends-of-negative-terms
    const [low, high] = times >= 0 ? [range.min, range.max] : [range.max, range.min];
    min = low === null ? Number.NEGATIVE_INFINITY : min + times * low;
    max = high === null || max === null ? null : max + times * high;
  }
  if (max !== null && max < 0)
    throw new Contradiction("local counts contradict each other: wanted a sum >= 0, got less");
  return { min: Math.max(0, min), max };
};

const greatest = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0);
const least = (numbers: readonly (number | null)[]): number | null =>
  numbers.reduce((a, b) => (a === null ? b : b === null ? a : Math.min(a, b)), null);
const sumMax = (ranges: readonly Range[]): number | null =>
  ranges.reduce<number | null>((sum, { max }) => (sum === null || max === null ? null : sum + max), 0);
