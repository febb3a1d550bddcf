import { isRange, type LocalSelector } from "../../adapters/local.ts";
import type { Uncertainty } from "../../schema/count.ts";
import { allOf } from "../understand/predicates.ts";
import { isUnsayable } from "./conjunction.ts";
import { exactly, type Target } from "./exact.ts";
import { conjunctsOf, type Formula, isOnSample, ownFormula, samplesHad } from "./formula.ts";
import { type Ends, NOT_COUNTED, type Plan } from "./tree.ts";

/** What bounds are made for: the reason why the number is not counted itself, and the ends that are wanted. */
type Goal = { readonly because: Uncertainty; readonly ends: Ends };
type Bounded = Target & { readonly samplesPerDonor: number | undefined };

/** Plan of a formula that cannot be said, from parts that can. */
export const approximately = (formula: Formula, target: Bounded, goal: Goal): Plan => {
  const { because, ends } = goal;
  switch (formula.op) {
    case "all":
      return ofAll(conjunctsOf(formula), target, goal);
    case "any": {
      const parts = formula.of.map((part) => boundsOf(part, target, ends));
      return between(goal, { atLeast: parts, atMost: [{ op: "sum", of: parts }, whole(target)] });
    }
    case "not": {
      const part = boundsOf(formula.of, target, { min: ends.max, max: ends.min });
      const rest: Plan = { op: "minus", whole: whole(target), part };
      return { op: "between", because, atLeast: [rest], atMost: [rest] };
    }
    case "sample":
      return withSample(formula.of, [], target, goal);
    case "has":
    case "sure":
    case "own":
      return between(goal, { atLeast: [], atMost: [whole(target)] });
  }
};

/** One end costs nothing where the other one alone is wanted. */
const between = (
  { because, ends }: Goal,
  { atLeast, atMost }: { readonly atLeast: readonly Plan[]; readonly atMost: readonly Plan[] },
): Plan => ({ op: "between", because, atLeast: ends.min ? atLeast : [], atMost: ends.max ? atMost : [] });

const boundsOf = (formula: Formula, target: Bounded, ends: Ends): Plan => {
  const exact = exactly(formula, target, true);
  return isUnsayable(exact) ? approximately(formula, target, { because: exact.unsayable, ends }) : exact;
};

/** A conjunction counted exactly, or null where the local API cannot say it. */
const said = (parts: readonly Formula[], target: Target): Plan | null => {
  const exact = exactly({ op: "all", of: parts }, target, true);
  return isUnsayable(exact) ? null : exact;
};

const whole = (target: Target): Plan => said([], target) ?? NOT_COUNTED;

/** The largest conjunction that can be said, of `seed` and of as many `others` as go with it. */
const together = (
  seed: readonly Formula[],
  others: readonly Formula[],
  target: Target,
): { readonly parts: readonly Formula[]; readonly bounds: Plan | null } => {
  let parts = seed;
  let bounds = seed.length === 0 ? null : said(seed, target);
  if (seed.length > 0 && bounds === null) return { parts, bounds };
  for (const other of others) {
    const wider = said([...parts, other], target);
    if (wider === null) continue;
    parts = [...parts, other];
    bounds = wider;
  }
  return { parts, bounds };
};

/**
 * At least what the parts have in common as parts of the whole, and what meets a stronger conjunction that can be said; at
 * most the smallest of the parts and of the conjunctions of some.
 */
const ofAll = (parts: readonly Formula[], target: Bounded, goal: Goal): Plan => {
  const { because, ends } = goal;
  const easyFirst = [...parts].sort((a, b) => samplesHad(a).length - samplesHad(b).length);
  const first = together([], easyFirst, target);
  const left = easyFirst.filter((part) => !first.parts.includes(part));
  const floor = ends.min ? said(stronger(parts, target), target) : null;
  const otherSample = (part: Formula): boolean => target.unit === "SAMPLES" && part.op === "sample";
  // Where the floor meets all that is left by the counted sample itself, what the parts have in common is no larger.
  const overlaps = ends.min && !(floor !== null && left.every(otherSample));
  // A condition on another sample of the donor takes nothing away for sure, so it bounds the samples by their whole only.
  const capping = ends.max ? left.filter((part) => first.bounds === null || !otherSample(part)) : [];
  const summands = [
    ...(first.bounds === null ? [] : [first.bounds]),
    ...(overlaps ? left : capping).map((part) =>
      boundsOf(part, target, { min: overlaps, max: capping.includes(part) }),
    ),
  ];
  const all = overlaps ? [whole(target)] : [];
  const onDonors = first.parts.filter((part) => samplesHad(part).length === 0 && !isOnSample(part));
  const caps = capping.flatMap((part) => capsOf(part, easyFirst, { onDonors, target, because }));
  return between(goal, {
    atLeast: [
      ...all.map((each): Plan => ({ op: "overlap", whole: each, parts: summands })),
      ...(floor === null ? [] : [floor]),
    ],
    atMost: [...all, ...summands, ...caps],
  });
};

/** Upper bounds by one part that could not be joined to the others: with as many of these as go with it. */
const capsOf = (
  part: Formula,
  parts: readonly Formula[],
  at: { readonly onDonors: readonly Formula[]; readonly target: Bounded; readonly because: Uncertainty },
): readonly Plan[] => {
  const { onDonors, target, because } = at;
  const others = parts.filter((other) => other !== part);
  const { bounds } = together([part], others, target);
  const goal: Goal = { because, ends: { min: false, max: true } };
  if (part.op !== "sample") return bounds === null ? [] : [bounds];
  const sampled = withSample(part.of, onDonors, target, goal);
  return bounds === null ? [sampled] : [bounds, sampled];
};

/** Conjuncts that imply the given ones and may be sayable: a donor with one sample that meets two has both samples. */
const stronger = (parts: readonly Formula[], { unit, book }: Target): readonly Formula[] => {
  const others = parts.filter((part) => part.op !== "sample");
  const had = parts.flatMap((part) => (part.op === "sample" ? [part.of] : []));
  if (had.length === 0) return parts;
  if (unit === "SAMPLES") return [...others, ...had.map((selector) => ownFormula(selector, book.own))];
  return book.capabilities.donors.sampleAnd === "same" ? [...others, { op: "sample", of: allOf(had) }] : parts;
};

/**
 * Donors who meet `also` and have such a sample, or samples whose donor has one: at least those that are such samples
 * themselves.
 */
const withSample = (selector: LocalSelector, also: readonly Formula[], target: Bounded, goal: Goal): Plan => {
  if (target.unit === "DONORS") return ofDonorsWith(selector, also, target, goal);
  const same = goal.ends.min ? said([ownFormula(selector, target.book.own)], target) : null;
  return between(goal, { atLeast: same === null ? [] : [same], atMost: [whole(target)] });
};

/**
 * Donors who meet `also` and have one sample that meets several tests, where the API cannot join these: at most the donors
 * who pass each, and, where samples that pass them all can be counted, between their number / samples per donor and their
 * number.
 */
const ofDonorsWith = (selector: LocalSelector, also: readonly Formula[], target: Bounded, goal: Goal): Plan => {
  const { ends } = goal;
  const apart =
    ends.max && target.book.capabilities.donors.sampleAnd === "any" ? metApart(selector, also, target) : null;
  const tests = ends.max && selector.op === "all" && selector.of.length > 1 ? selector.of : [];
  const each =
    apart === null
      ? tests.map((of) => boundsOf({ op: "all", of: [...also, { op: "sample", of }] }, target, MAX_ONLY))
      : [apart];
  const some = selector.op === "any" ? selector.of.map((part) => ofDonorsWith(part, also, target, goal)) : [];
  const samples = exactly(
    { op: "all", of: [...also, ownFormula(selector, target.book.own)] },
    { ...target, unit: "SAMPLES" },
    true,
  );
  const holders: readonly Plan[] = isUnsayable(samples)
    ? []
    : [{ op: "holders", samples, perDonor: target.samplesPerDonor }];
  return between(goal, {
    atLeast: [...holders, ...some],
    // The donors who pass the tests apart are among all.
    atMost: [
      ...(apart === null ? [whole(target)] : []),
      ...each,
      ...(some.length === 0 ? [] : [{ op: "sum" as const, of: some }]),
      ...holders,
    ],
  });
};
const MAX_ONLY: Ends = { min: false, max: true };

/** Donors with a sample for each test, and for each end of a range: an upper bound of those with one sample for all. */
const metApart = (selector: LocalSelector, also: readonly Formula[], target: Target): Plan | null => {
  const filters = (selector.op === "all" ? selector.of : [selector]).flatMap(filtersOf);
  const { parts, bounds } = together(
    also,
    filters.map((of): Formula => ({ op: "sample", of })),
    target,
  );
  return parts.length > also.length ? bounds : null;
};

/**
 * A range as two filters, one for each end: a value that passes it passes both. A test that lets a missing value pass is
 * left out: it says little, and APIs need many counts for it.
 */
const filtersOf = (selector: LocalSelector): readonly LocalSelector[] => {
  if (selector.op !== "has") return [selector];
  const { test } = selector;
  if (test.missing) return [];
  if (!isRange(test) || test.from === null || test.to === null) return [selector];
  return [
    { ...selector, test: { ...test, to: null } },
    { ...selector, test: { ...test, from: null } },
  ];
};
