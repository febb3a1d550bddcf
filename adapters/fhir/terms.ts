import { FIELDS, type FieldName } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import { type Condition, donorConjunction, sampleConjunction } from "../kit/conjunction.ts";
import { Unsupported } from "../kit/unsupported.ts";
import { type CodeTest, isRange, type LocalQuestion, type Unit } from "../local.ts";
import { correctionsOf } from "./corrections.ts";
import type { Proven } from "./probe.ts";
import type { Param } from "./search.ts";
import { slackFor } from "./slack.ts";
import { comparisons, type Word } from "./words.ts";
import { isWhole, widestBounds, yearBounds, yearSum } from "./years.ts";

/** A search that is counted `times` times, which may be negative. */
export type Term = { readonly times: number; readonly params: readonly Param[] };

/**
 * A count as a sum of searches. `wider`: the searches hold for more than was asked, since two conditions on one sample may
 * be met by two samples of a donor.
 */
export type Sum = {
  readonly terms: readonly Term[];
  /** What counts for sure, where it is another sum; null: nothing. */
  readonly least?: readonly Term[] | null;
  readonly wider: boolean;
  /** Whether a search may have several `_has` of one kind. Without it each of them bounds the count alone. */
  readonly whole: boolean;
  /** How many more there may be, which no search finds; null: any number. */
  readonly more: number | null;
  /** What may have been taken off twice, so that the sum is too small, or added twice, so that it is too large. */
  readonly twice: readonly ("off" | "added")[];
};

/** Parameters that hold together. */
type Params = readonly Param[];

const MOST_TERMS = 32;

/**
 * Writes the counts of a question: donors as searches for Patients, samples as searches for Specimens. A test of codes or no
 * value is two searches, since no one parameter says both; `rest` in the capabilities means any such test, so that the planner
 * cannot take them apart. @throws {Unsupported}
 */
export const sumWriter = (mapping: MappedCodes, proven: Proven) => {
  const alternatives = alternativesOf(mapping, proven);
  const corrected = corrector(proven);
  const twiceIn = ({ field, test }: Condition): Sum["twice"] => {
    if (!hasYearsInDoubt(field) || !isRange(test)) return [];
    return [isWhole(test) ? "off" : "added"];
  };
  const hasYearsInDoubt = (field: FieldName): boolean => isHalved(proven, field);
  const requireApart = (): void => {
    if (!proven.apart) throw new Unsupported("wanted one condition by way of other resources, got two");
  };
  const moreOf = (unit: Unit, tests: readonly Condition[], others: boolean): number | null =>
    slackFor(proven.slack, unit, { others, diseases: tests.filter(({ field }) => field === "DISEASE").length });
  const isWholeOf = (tests: readonly Condition[], samples: number): boolean =>
    proven.apart || (samples < 2 && tests.filter(({ field }) => field === "DISEASE").length < 2);
  /** A test of a field that holds one value in each resource: alternatives that exclude each other add up. */
  const ownTerms = (condition: Condition, unit: Unit): readonly Term[] => {
    const whole = alternatives(condition, unit).map((params) => ({ times: 1, params }));
    const { field, test } = condition;
    if (unit === "DONORS" || !isRange(test) || !hasYearsInDoubt(field)) return whole;
    const missing = test.missing ? whole.slice(-1) : [];
    return [...yearSum(proven.words.SAMPLES.get(field)!.name, test), ...missing];
  };

  /**
   * A donor has a sample that meets all conditions. One `_has` carries one parameter, so only one parameter is exact; of two
   * alternatives both may be met, by two samples, so what they have in common is taken off.
   */
  const hasTerms = (conditions: readonly Condition[]): Omit<Sum, "more" | "whole"> => {
    const each = conditions.map((condition) => alternatives(condition, "DONORS"));
    if (each.some((found) => found.length === 0)) return { terms: [], wider: false, twice: [] };
    const doubt = conditions.some(({ field, test }) => hasYearsInDoubt(field) && isRange(test) && isWhole(test));
    const [first = [], ...others] = each;
    if (others.length === 0 && first.length === 2 && first.every((params) => params.length === 1)) {
      requireApart();
      const both = { times: -1, params: first.flat() };
      return { terms: [...first.map((params) => ({ times: 1, params })), both], wider: doubt, twice: [] };
    }
    const params = each.flatMap((found) => {
      if (found.length > 1) throw new Unsupported("wanted one condition on a donor's sample, got one of several");
      return found[0] ?? [];
    });
    return { terms: [{ times: 1, params }], wider: doubt || params.length > 1, twice: [] };
  };

  return {
    DONORS(question: LocalQuestion): Sum {
      const { tests, samples } = donorConjunction(question);
      const sums = samples.map(hasTerms);
      const own = tests.map((condition) => ownTerms(condition, "DONORS"));
      const terms = product([...own, ...sums.map((sum) => sum.terms)]);
      return {
        ...corrected(terms, "DONORS", tests, samples.length > 0),
        wider: sums.some(({ wider }) => wider),
        whole: isWholeOf(tests, samples.length),
        more: moreOf("DONORS", tests, samples.length > 0),
        twice: [],
      };
    },
    SAMPLES(question: LocalQuestion): Sum {
      const { tests, selected } = sampleConjunction(question);
      const all: readonly Condition[] = [...tests, ...selected];
      const terms = product(all.map((condition) => ownTerms(condition, "SAMPLES")));
      return {
        ...corrected(terms, "SAMPLES", tests, false),
        wider: false,
        whole: isWholeOf(tests, 0),
        more: moreOf("SAMPLES", tests, tests.length > 0),
        twice: all.flatMap(twiceIn),
      };
    },
  };
};

/** Makes a sum of all that is recorded one of what counts. */
const corrector =
  ({ words, unsure, reference }: Proven) =>
  (
    terms: readonly Term[],
    unit: Unit,
    tests: readonly Condition[],
    bySample: boolean,
  ): Pick<Sum, "terms" | "least"> => {
    const found = correctionsOf(unsure, {
      unit,
      bySample,
      diseases: tests.filter(({ field }) => field === "DISEASE"),
      reference,
      spell: words.DONORS.get("DISEASE")?.spell ?? String,
    }).filter(({ most, least }) => !isNone(most) || least === null || !isNone(least));
    if (found.length === 0) return { terms };
    const least = found.flatMap((correction) => (correction.least === null ? [] : [correction.least]));
    return {
      terms: product([terms, ...found.map(({ most }) => most)]),
      least: least.length < found.length ? null : product([terms, ...least]),
    };
  };

/** Whether a factor changes nothing. */
const isNone = (terms: readonly Term[]): boolean => terms.length === 1 && terms[0]!.params.length === 0;

/** Whether dates are in doubt: see FieldCapability.halves. */
const isHalved = ({ fields }: Pick<Proven, "fields">, field: FieldName): boolean => fields[field]?.halves === true;

/** The parameters of each way to pass a test; the ways exclude each other where a resource holds one value. */
const alternativesOf =
  (mapping: MappedCodes, { fields, words }: Proven) =>
  ({ field, test }: Condition, unit: Unit): readonly Params[] => {
    const capability = fields[field];
    const word = words[unit].get(field);
    if (capability === undefined || word === undefined || !capability.on.includes(unit)) {
      throw new Unsupported(`${field}: wanted a parameter that the server was seen to obey on ${unit}, got none`);
    }
    const { name } = word;
    const marks = (mapping[field]?.absent ?? []).filter((mark) => mark !== "");
    const isRest = test.missing || (!isRange(test) && test.negate);
    if (isRest && !capability.rest) throw new Unsupported(`${field}: wanted codes, got "not" or "missing"`);
    const missing: readonly Params[] = [
      [[`${name}:missing`, "true"]],
      ...(marks.length === 0 || isRange(test) ? [] : [[[name, tokens(word, marks)] as const]]),
    ];
    if (isRange(test)) {
      const found =
        field !== "COLLECTED_YEAR"
          ? comparisons(name, test)
          : isHalved({ fields }, field)
            ? widestBounds(name, test)
            : yearBounds(name, test);
      return [...(found === null ? [] : [found]), ...(test.missing ? missing : [])];
    }
    if (test.below) throw new Unsupported(`${field}: wanted codes, got a hierarchy`);
    if (test.codes.length > 1 && !capability.several) throw new Unsupported(`${field}: wanted one code, got several`);
    if (!test.negate) {
      const found: readonly Params[] = test.codes.length === 0 ? [] : [[[name, tokens(word, test.codes)]]];
      return [...found, ...(test.missing ? missing : [])];
    }
    if (FIELDS[field].many) throw new Unsupported(`${field}: wanted codes, got "not"`);
    return [otherThan(word, test, marks)];
  };

/** No code of the test; without `missing` a value is recorded, and no mark of "no value". */
const otherThan = (word: Word, { codes, missing }: CodeTest, marks: readonly string[]): Params => {
  const others = missing ? codes : [...codes, ...marks];
  const not: Params = others.length === 0 ? [] : [[`${word.name}:not`, tokens(word, others)]];
  return missing ? not : [...not, [`${word.name}:missing`, "false"]];
};

const tokens = ({ spell }: Word, codes: readonly string[]): string => codes.map(spell).join(",");

const product = (factors: readonly (readonly Term[])[]): readonly Term[] =>
  factors.reduce<readonly Term[]>(
    (found, factor) => {
      const next = found.flatMap((left) =>
        factor.map((right) => ({ times: left.times * right.times, params: [...left.params, ...right.params] })),
      );
      if (next.length > MOST_TERMS) throw new Unsupported(`wanted ${MOST_TERMS} searches at most, got more`);
      return next;
    },
    [{ times: 1, params: [] }],
  );
