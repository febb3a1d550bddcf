import type { Adapter } from "../../adapters/adapter.ts";
import {
  type Capabilities,
  isRange,
  type LocalCounts,
  type LocalPredicate,
  type LocalQuestion,
  type LocalSelector,
  type Range,
  type Unit,
} from "../../adapters/local.ts";
import type { BankError } from "../../schema/bank-error.ts";
import { donorHolds, evaluateLocal, type LocalDonor, type LocalTrees, sampleHolds } from "../adapters/evaluate.ts";

/** What the local API does to its counts. */
export type Blur = { readonly kind: "exact" } | { readonly kind: "floor" | "round"; readonly n: number };

/**
 * A local API as weak as its capabilities say: where it knows AND only, it refuses everything else and joins sample
 * conditions in its own way (`joins`), whether or not its capabilities admit to know which.
 */
export const memoryAdapter = (
  population: readonly LocalDonor[],
  capabilities: Capabilities,
  trees: LocalTrees,
  joins: "same" | "any",
  blur: Blur,
  unsupported: (message: string) => BankError,
): Adapter => ({
  capabilities,
  release: async () => RELEASE,
  count: async (questions) =>
    questions.map((question) => {
      const fault = refused(question, capabilities);
      if (fault !== null) return unsupported(fault);
      return blurred(counted(population, question, capabilities, trees, joins), blur);
    }),
  [Symbol.asyncDispose]: async () => undefined,
});

export const RELEASE = { id: "memory@1", date: "2026-04-01", kind: "ANNOUNCED" } as const;

const counted = (
  population: readonly LocalDonor[],
  question: LocalQuestion,
  capabilities: Capabilities,
  trees: LocalTrees,
  joins: "same" | "any",
): LocalCounts => {
  if (capabilities.donors.logic === "boolean" && capabilities.donors.sampleAnd === undefined) {
    return evaluateLocal(population, question, trees);
  }
  const exact = (n: number): Range => ({ min: n, max: n });
  const donors = population.filter((donor) => joined(donor, question.donors, trees, capabilities, joins));
  const samples = donors.reduce(
    (n, d) => n + d.samples.filter((s) => sampleHolds(s, question.samples, trees)).length,
    0,
  );
  return { donors: exact(donors.length), samples: exact(samples) };
};

/** Evaluates a donor's predicate the way this API joins conditions on samples. */
const joined = (
  donor: LocalDonor,
  predicate: LocalPredicate,
  trees: LocalTrees,
  capabilities: Capabilities,
  joins: "same" | "any",
): boolean => {
  if (capabilities.donors.sampleAnd === undefined) return donorHolds(donor, predicate, trees);
  if (joins === "any") return donorHolds(donor, apart(predicate), trees);
  if (predicate.op !== "all") return donorHolds(donor, predicate, trees);
  const samples = predicate.of.flatMap((part) => (part.op === "sample" ? [part.of] : []));
  const others = predicate.of.filter((part) => part.op !== "sample");
  const held: LocalPredicate[] = samples.length === 0 ? [] : [{ op: "sample", of: { op: "all", of: samples } }];
  return donorHolds(donor, { op: "all", of: [...others, ...held] }, trees);
};

/** Every filter on samples by itself; the two ends of a range are two filters. */
const apart = (predicate: LocalPredicate): LocalPredicate => {
  switch (predicate.op) {
    case "all":
    case "any":
      return { op: predicate.op, of: predicate.of.map(apart) };
    case "not":
      return { op: "not", of: apart(predicate.of) };
    case "has":
    case "sure":
      return predicate;
    case "sample":
      return { op: "all", of: filters(predicate.of).map((of) => ({ op: "sample", of })) };
  }
};

const filters = (selector: LocalSelector): readonly LocalSelector[] => {
  if (selector.op === "all") return selector.of.flatMap(filters);
  if (selector.op !== "has" || !isRange(selector.test)) return [selector];
  const { from, to, missing } = selector.test;
  const ends = [
    ...(from === null ? [] : [{ from, to: null, missing }]),
    ...(to === null ? [] : [{ from: null, to, missing }]),
  ];
  return ends.length < 2 ? [selector] : ends.map((test) => ({ ...selector, test }));
};

/** Why this API would refuse the question, or null. */
const refused = (question: LocalQuestion, capabilities: Capabilities): string | null => {
  const { counts, donors, samples, fields, facets, doubtfulSamples, doubtfulDonors } = capabilities;
  if (!doubtfulSamples && !doubtfulDonors && JSON.stringify(question).includes('"sure"')) return "wanted all";
  const units: readonly Unit[] = question.only === undefined ? ["DONORS", "SAMPLES"] : [question.only];
  if (!units.every((unit) => counts.includes(unit))) return `wanted ${counts.join(" or ")}`;
  if (question.by?.some(({ field }) => !facets.includes(field))) return "wanted no breakdown";
  for (const unit of units) {
    const leaves = [...leavesOf(question.donors), ...(unit === "SAMPLES" ? leavesOf(question.samples) : [])];
    for (const { field, test } of leaves) {
      const capability = fields[field];
      if (capability === undefined || !capability.on.includes(unit)) return `wanted no filter on ${field} for ${unit}`;
      if (test.doubt && capability.doubt === undefined) return `wanted no doubt of ${field}`;
      if (!capability.rest && (test.missing || (!isRange(test) && test.negate)))
        return `wanted plain codes of ${field}`;
      if (isRange(test)) continue;
      if (!capability.several && test.codes.length > 1) return `wanted one code of ${field}`;
      const known = test.below ? capability.tree : capability.codes;
      if (known !== undefined && test.codes.some((code) => !known.has(code))) return `wanted a listed code of ${field}`;
    }
    const { logic, sampleAnd } = unit === "DONORS" ? donors : samples;
    if (logic === "and" && !(isConjunction(question.donors) && isConjunction(question.samples)))
      return "wanted AND only";
    if (unit === "SAMPLES" && sampleAnd !== undefined && JSON.stringify(question.donors).includes('"sample"')) {
      return "wanted nothing about other samples";
    }
  }
  return null;
};

const leavesOf = (
  tree: LocalPredicate | LocalSelector,
): readonly Extract<LocalPredicate | LocalSelector, { op: "has" }>[] => {
  switch (tree.op) {
    case "all":
    case "any":
      return tree.of.flatMap(leavesOf);
    case "not":
    case "sample":
      return leavesOf(tree.of);
    case "has":
      return [tree];
    case "sure":
      return [];
  }
};

const isConjunction = (tree: LocalPredicate | LocalSelector): boolean =>
  tree.op === "has" ||
  tree.op === "sure" ||
  (tree.op === "sample" && isConjunction(tree.of)) ||
  (tree.op === "all" && tree.of.every(isConjunction));

const blurred = (counts: LocalCounts, blur: Blur): LocalCounts => {
  const one = ({ min: n }: Range): Range => {
    if (blur.kind === "exact" || n === 0) return { min: n, max: n };
    if (blur.kind === "floor") return n <= blur.n ? { min: 1, max: blur.n } : { min: n, max: n };
    const shown = Math.round(n / blur.n) * blur.n;
    return { min: Math.max(1, shown - Math.ceil(blur.n / 2)), max: shown + Math.ceil(blur.n / 2) };
  };
  const both = ({ donors, samples }: { donors: Range; samples: Range }) => ({
    donors: one(donors),
    samples: one(samples),
  });
  return { ...both(counts), ...(counts.cells === undefined ? {} : { cells: counts.cells.map(both) }) };
};
