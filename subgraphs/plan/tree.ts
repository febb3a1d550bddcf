import type { LocalPredicate, LocalQuestion, LocalSelector, Range, Unit } from "../../adapters/local.ts";
import type { Uncertainty } from "../../schema/count.ts";
import { once } from "../../schema/once.ts";

/**
 * A plan: how a number follows from local counts, as data. Each node is an interval that holds the number it stands for:
 * - `exact`: the number itself, by one local question or a signed sum of several.
 * - `known`: a constant, for which nothing is asked.
 * - `sum`: at most the parts added up, where they may overlap.
 * - `minus`: the whole less a part of it.
 * - `overlap`: what all parts have in common, each of them a part of the whole.
 * - `holders`: the donors of these samples; a donor has at least one of them and at most `perDonor` (undefined: any number).
 * - `between`: no less than each of `atLeast`, no more than each of `atMost`.
 */
export type Plan =
  | Exact
  | { readonly op: "known"; readonly range: Range; readonly because: readonly Uncertainty[] }
  | { readonly op: "sum"; readonly of: readonly Plan[] }
  | { readonly op: "minus"; readonly whole: Plan; readonly part: Plan }
  | { readonly op: "overlap"; readonly whole: Plan; readonly parts: readonly Plan[] }
  | { readonly op: "holders"; readonly samples: Plan; readonly perDonor: number | undefined }
  | Between;

export type Exact = {
  readonly op: "exact";
  /** What the node counts: donors that meet `donors`, or those of their samples that `samples` selects. */
  readonly unit: Unit;
  readonly donors: LocalPredicate;
  /** Every sample, where donors are counted: their number does not depend on it. */
  readonly samples: LocalSelector;
  /** The node's count is the sum of these local counts, each taken `times`. */
  readonly terms: readonly Term[];
};

/** An exact node whose predicates are put together when somebody reads them, which disclosure alone does. */
export const exactNode = (
  unit: Unit,
  terms: readonly Term[],
  counted: () => { readonly donors: LocalPredicate; readonly samples: LocalSelector },
): Exact => {
  const read = once(counted);
  return {
    op: "exact",
    unit,
    get donors() {
      return read().donors;
    },
    get samples() {
      return read().samples;
    },
    terms,
  };
};

/** One local count: the question's total, or its cell of that number, row by row. */
export type Term = { readonly times: number; readonly question: LocalQuestion; readonly cell?: number };

type Between = {
  readonly op: "between";
  readonly atLeast: readonly Plan[];
  readonly atMost: readonly Plan[];
  /** Why the number is not counted itself. */
  readonly because: Uncertainty;
};

/** Which ends of an interval are wanted. For an end that is not, nothing is asked, and it means nothing. */
export type Ends = { readonly min: boolean; readonly max: boolean };

/** A number that is known without asking. */
export const known = (range: Range, ...because: readonly Uncertainty[]): Plan => ({ op: "known", range, because });

/** What is known of a number that the local API does not count: nothing. */
export const NOT_COUNTED = known({ min: 0, max: null }, "NOT_COUNTED");

/** The exact nodes that a number follows from, each once. They are looked for once for each plan. */
export const exactNodes = (plan: Plan): readonly Exact[] => {
  if (plan.op === "exact") return [plan];
  const known = nodesOf.get(plan);
  if (known !== undefined) return known;
  const nodes = new Set<Exact>();
  visit(plan, (node) => node.op === "exact" && nodes.add(node));
  const found = [...nodes];
  nodesOf.set(plan, found);
  return found;
};
const nodesOf = new WeakMap<Plan, readonly Exact[]>();

/** Why a number may be wider than its local counts. */
export const reasonsOf = (plan: Plan): ReadonlySet<Uncertainty> => {
  const reasons = new Set<Uncertainty>();
  visit(plan, (node) => {
    if (node.op === "between") reasons.add(node.because);
    if (node.op === "known") for (const reason of node.because) reasons.add(reason);
  });
  return reasons;
};

/** Gives the interval of a number from the intervals of its exact nodes. `count` may be asked for a node again and again. */
export const evaluate = (plan: Plan, count: (node: Exact) => Range): Range => {
  if (plan.op === "exact") return count(plan);
  const values = new Map<Plan, Range>();
  const value = (node: Plan): Range => {
    if (node.op === "exact") return count(node);
    if (node.op === "known") return node.range;
    const found = values.get(node) ?? computed(node, value);
    values.set(node, found);
    return found;
  };
  return value(plan);
};

const computed = (node: Inner, value: (part: Plan) => Range): Range => {
  switch (node.op) {
    case "sum": {
      const parts = node.of.map(value);
      return { min: added(parts), max: addedMax(parts) };
    }
    case "minus": {
      const [whole, part] = [value(node.whole), value(node.part)];
      return {
        min: part.max === null ? 0 : Math.max(0, whole.min - part.max),
        max: whole.max === null ? null : Math.max(0, whole.max - part.min),
      };
    }
    case "overlap": {
      const [whole, parts] = [value(node.whole), node.parts.map(value)];
      return { min: commonMin(whole, parts), max: least([whole, ...parts]) };
    }
    case "holders": {
      const { min, max } = value(node.samples);
      return { min: min === 0 ? 0 : Math.max(1, Math.ceil(min / (node.perDonor ?? min))), max };
    }
    case "between":
      return { min: greatest(node.atLeast.map(value)), max: least(node.atMost.map(value)) };
  }
};

/** What k parts of one whole have in common is no less than their sum less (k - 1) times the whole. */
const commonMin = (whole: Range, parts: readonly Range[]): number => {
  if (parts.length === 1) return added(parts);
  return whole.max === null ? 0 : Math.max(0, added(parts) - (parts.length - 1) * whole.max);
};
const added = (ranges: readonly Range[]): number => ranges.reduce((sum, { min }) => sum + min, 0);
const addedMax = (ranges: readonly Range[]): number | null =>
  ranges.reduce<number | null>((sum, { max }) => (sum === null || max === null ? null : sum + max), 0);
const greatest = (ranges: readonly Range[]): number => ranges.reduce((most, { min }) => Math.max(most, min), 0);
const least = (ranges: readonly Range[]): number | null =>
  ranges.reduce<number | null>((a, { max: b }) => (a === null ? b : b === null ? a : Math.min(a, b)), null);

/** Visits every node, parents first: those that have parts once, the others as often as they are a part. */
const visit = (plan: Plan, see: (node: Plan) => unknown, seen = new Set<Plan>()): void => {
  see(plan);
  if (plan.op === "exact" || plan.op === "known" || seen.has(plan)) return;
  seen.add(plan);
  for (const parts of partsOf(plan)) for (const part of parts) visit(part, see, seen);
};

/** A node that has parts. */
type Inner = Exclude<Plan, { readonly op: "exact" | "known" }>;

const partsOf = (node: Inner): readonly (readonly Plan[])[] => {
  switch (node.op) {
    case "sum":
      return [node.of];
    case "minus":
      return [[node.whole, node.part]];
    case "overlap":
      return [[node.whole], node.parts];
    case "holders":
      return [[node.samples]];
    case "between":
      return [node.atLeast, node.atMost];
  }
};
