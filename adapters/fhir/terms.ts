import { FIELD_NAMES, FIELDS, type FieldName } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import { conjuncts } from "../kit/conjuncts.ts";
import { Unsupported } from "../kit/unsupported.ts";
import { isRange, type LocalQuestion, type LocalSelector, type Test, type Unit } from "../local.ts";
import type { FhirOptions } from "./options.ts";
import type { Proven } from "./probe.ts";
import type { Param } from "./search.ts";
import { comparisons, type Word, wordOf } from "./words.ts";

/** A search that is counted `times` times, which may be negative. */
export type Term = { readonly times: number; readonly params: readonly Param[] };

/**
 * A count as a sum of searches. `wider`: the searches hold for more than was asked, since two conditions on one sample may
 * be met by two samples of a donor.
 */
export type Sum = { readonly terms: readonly Term[]; readonly wider: boolean };

/** What a question is put into searches with. */
export type Language = {
  readonly mapping: MappedCodes;
  readonly proven: Proven;
  readonly words: { readonly [U in Unit]: { readonly [F in FieldName]?: Word } };
};

/** Looks every word up once. */
export const languageOf = (options: FhirOptions, mapping: MappedCodes, proven: Proven): Language => {
  const words = (unit: Unit) => Object.fromEntries(FIELD_NAMES.map((field) => [field, wordOf(options, field, unit)]));
  return { mapping, proven, words: { DONORS: words("DONORS"), SAMPLES: words("SAMPLES") } };
};

const MOST_TERMS = 32;
const EVERYTHING: readonly Term[] = [{ times: 1, params: [] }];

/** Donors as searches for Patients. @throws {Unsupported} */
export const donorSum = (question: LocalQuestion, language: Language): Sum => {
  const { tests, samples } = conjuncts(question.donors);
  const own = tests.map(({ field, test }) => ownTerms(field, test, "DONORS", language));
  const parts = samples.map(conditionsOf);
  const keys = parts.map((conditions) => new Set(conditions.map(keyOf)));
  // A condition whose tests are all among another's says nothing new.
  const implied = (at: number) =>
    keys.some((other, index) => {
      if (index === at || ![...keys[at]!].every((key) => other.has(key))) return false;
      return other.size > keys[at]!.size || index < at;
    });
  const needed = parts.filter((_, at) => !implied(at)).map((conditions) => hasTerms(conditions, language));
  if (needed.length > 1) requireApart(language);
  requireFewDiseases(tests, language);
  return {
    terms: product([...own, ...needed.map(({ terms }) => terms)]),
    wider: needed.some(({ wider }) => wider),
  };
};

/** Samples, and what their donors must meet, as searches for Specimens. @throws {Unsupported} */
export const sampleSum = (question: LocalQuestion, language: Language): Sum => {
  const { tests, samples } = conjuncts(question.donors);
  const selected = conditionsOf(question.samples);
  const keys = new Set(selected.map(keyOf));
  if (!samples.flatMap(conditionsOf).every((condition) => keys.has(keyOf(condition)))) {
    throw new Unsupported("wanted conditions on the samples counted, got one on other samples of their donors");
  }
  requireFewDiseases(tests, language);
  const all = [...tests, ...selected];
  return { terms: product(all.map(({ field, test }) => ownTerms(field, test, "SAMPLES", language))), wider: false };
};

type Condition = { readonly field: FieldName; readonly test: Test };
const keyOf = ({ field, test }: Condition): string => `${field} ${JSON.stringify(test)}`;

/** @throws {Unsupported} where two `_has` of one kind might have to be met by one resource */
const requireApart = ({ proven }: Language): void => {
  if (!proven.apart) throw new Unsupported("wanted one condition by way of other resources, got two");
};

const requireFewDiseases = (tests: readonly Condition[], language: Language): void => {
  if (tests.filter(({ field }) => field === "DISEASE").length > 1) requireApart(language);
};

const conditionsOf = (selector: LocalSelector): readonly Condition[] => {
  if (selector.op === "has") return [selector];
  if (selector.op !== "all") throw new Unsupported(`wanted a conjunction, got "${selector.op}"`);
  return [...new Map(selector.of.flatMap(conditionsOf).map((one) => [keyOf(one), one])).values()];
};

/** A test of a field, of which the resource holds one value: alternatives that exclude each other add up. */
const ownTerms = (field: FieldName, test: Test, unit: Unit, language: Language): readonly Term[] => {
  return alternatives(field, test, unit, language).map((params) => ({ times: 1, params }));
};

/**
 * A donor has a sample that meets all conditions. One `_has` carries one parameter, so only one parameter is exact; of two
 * alternatives both may be met, by two samples, so what they have in common is taken off.
 */
const hasTerms = (conditions: readonly Condition[], language: Language): Sum => {
  const each = conditions.map(({ field, test }) => alternatives(field, test, "DONORS", language));
  if (each.some((found) => found.length === 0)) return { terms: [], wider: false };
  const [first = [], ...others] = each;
  if (others.length === 0 && first.length === 2 && first.every((params) => params.length === 1)) {
    requireApart(language);
    const both = { times: -1, params: first.flat() };
    return { terms: [...first.map((params) => ({ times: 1, params })), both], wider: false };
  }
  const params = each.flatMap((found) => {
    if (found.length > 1) throw new Unsupported("wanted one condition on a donor's sample, got one of several");
    return found[0] ?? [];
  });
  if (params.length === 0) throw new Unsupported("wanted a condition on a donor's sample, got none");
  return { terms: [{ times: 1, params }], wider: params.length > 1 };
};

/** The parameters of each way to pass a test; the ways exclude each other where a resource holds one value. */
const alternatives = (field: FieldName, test: Test, unit: Unit, language: Language): readonly (readonly Param[])[] => {
  const capability = language.proven.fields[field];
  const word = language.words[unit][field];
  if (capability === undefined || word === undefined || !capability.on.includes(unit)) {
    throw new Unsupported(`${field}: wanted a parameter that the server was seen to obey on ${unit}, got none`);
  }
  const { name, spell } = word;
  const absent = (language.mapping[field]?.absent ?? []).filter((mark) => mark !== "");
  const list = (codes: readonly string[]) => codes.map(spell).join(",");
  const recorded: Param = [`${name}:missing`, "false"];
  const missing = (): readonly (readonly Param[])[] => {
    if (!capability.rest) throw new Unsupported(`${field}: wanted codes, got "not" or "missing"`);
    return [
      [[`${name}:missing`, "true"]],
      ...(absent.length === 0 || isRange(test) ? [] : [[[name, list(absent)] as const]]),
    ];
  };
  if (isRange(test)) {
    if (test.missing && test.from === null && test.to === null) return [[]];
    const found = comparisons(name, field, test);
    return [...(found === null ? [] : [found]), ...(test.missing ? missing() : [])];
  }
  if (test.below) throw new Unsupported(`${field}: wanted codes, got a hierarchy`);
  if (test.negate && test.missing && test.codes.length === 0) return [[]];
  if (test.codes.length > 1 && !capability.several) throw new Unsupported(`${field}: wanted one code, got several`);
  if (!test.negate) {
    return [
      ...(test.codes.length === 0 ? [] : [[[name, list(test.codes)] as const]]),
      ...(test.missing ? missing() : []),
    ];
  }
  missing();
  if (FIELDS[field].many) throw new Unsupported(`${field}: wanted codes, got "not"`);
  const others = [...test.codes, ...(test.missing ? [] : absent)];
  const not: readonly Param[] = others.length === 0 ? [] : [[`${name}:not`, list(others)]];
  return [test.missing ? not : [...not, recorded]];
};

const product = (factors: readonly (readonly Term[])[]): readonly Term[] => {
  return factors.reduce<readonly Term[]>((found, factor) => {
    const next = found.flatMap((left) =>
      factor.map((right) => ({ times: left.times * right.times, params: [...left.params, ...right.params] })),
    );
    if (next.length > MOST_TERMS) throw new Unsupported(`wanted ${MOST_TERMS} searches at most, got more`);
    return next;
  }, EVERYTHING);
};
