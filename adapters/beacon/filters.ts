import { FIELD_NAMES, type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import { conjuncts } from "../kit/conjuncts.ts";
import { Unsupported } from "../kit/unsupported.ts";
import {
  type FieldCapability,
  isRange,
  type LocalQuestion,
  type LocalSelector,
  type RangeTest,
  type Test,
  type Unit,
} from "../local.ts";
import type { Term } from "./discovery.ts";
import type { BeaconOptions } from "./options.ts";

/** One filter of a Beacon request. */
export type Filter = {
  readonly id: string;
  readonly scope: string;
  readonly includeDescendantTerms?: boolean;
  readonly operator?: string;
  readonly value?: string;
};

/**
 * What to ask at one endpoint. `meaning`: the beacon's conjunction is the question's, or it holds for fewer (`narrower`)
 * or for more (`wider`).
 */
export type Asked = { readonly filters: readonly Filter[]; readonly meaning: "exact" | "narrower" | "wider" };

/** The filters that the beacon lists, by field and id: what can be asked, and how. */
export type Vocabulary = {
  readonly fields: { readonly [F in FieldName]?: FieldCapability };
  readonly terms: ReadonlyMap<string, Term>;
};

/**
 * Finds the mapped codes among the listed terms. Codes that are not listed for the entry type to which their field belongs
 * are left out, and so is a field of which none is left. A listed code above others (a block of ICD-10) is no code of a
 * record, but with its descendants it asks for the listed codes below it.
 */
export const vocabulary = (
  options: BeaconOptions,
  mapping: MappedCodes,
  terms: ReadonlyMap<string, Term>,
): Vocabulary => {
  const fields: { [F in FieldName]?: FieldCapability } = {};
  for (const field of FIELD_NAMES) {
    const number = isNumberField(field);
    const numberId = numberFilter(options, field)?.id;
    const ids = number ? (numberId === undefined ? [] : [numberId]) : (mapping[field]?.codes ?? []);
    const own: Unit = isSampleField(field) ? "SAMPLES" : "DONORS";
    const listed = ids.filter((id) => isUsable(terms.get(id), own, own, options));
    if (listed.length === 0) continue;
    const other: Unit = own === "SAMPLES" ? "DONORS" : "SAMPLES";
    const onBoth = listed.every((id) => isUsable(terms.get(id), other, own, options));
    const tree = field === "DISEASE" && options.filters.disease.descendants ? mapping.DISEASE?.tree : undefined;
    const known = new Set(listed);
    const subtree = ([code, below]: readonly [string, readonly string[]]): readonly [string, readonly string[]][] =>
      isUsable(terms.get(code), own, own, options) ? [[code, below.filter((id) => known.has(id))]] : [];
    fields[field] = {
      on: onBoth ? ["DONORS", "SAMPLES"] : [own],
      rest: false,
      several: false,
      ...(number ? {} : { codes: known }),
      ...(tree === undefined ? {} : { tree: new Map([...tree].flatMap(subtree)) }),
    };
  }
  return { fields, terms };
};

/** Says a question's donors as filters on individuals. @throws {Unsupported} */
export const donorFilters = (question: LocalQuestion, options: BeaconOptions, words: Vocabulary): Asked => {
  const { tests, samples } = conjuncts(question.donors);
  const own = tests.flatMap(({ field, test }) => filtersOf(field, test, options, words));
  const each = samples.map((part) => selectorFilters(part, options, words));
  // A condition whose filters are all among another's says nothing new.
  const needed = each.filter(
    (part, at) => !each.some((other, index) => index !== at && covers(other, part, index < at)),
  );
  const joined = unique(needed.flat());
  requireUsable(joined, "DONORS", "SAMPLES", options, words);
  const meaning = meaningOf(needed.length, Math.max(0, ...needed.map(({ length }) => length)), options.sampleAnd);
  return { filters: unique([...own, ...joined]), meaning };
};

/** What the beacon's AND of `conditions` on samples says, of which each takes `filters` filters at most. */
const meaningOf = (conditions: number, filters: number, sampleAnd: BeaconOptions["sampleAnd"]): Asked["meaning"] => {
  const oneSample = conditions <= 1;
  const oneEach = filters <= 1;
  if (oneSample && oneEach) return "exact";
  if (sampleAnd === "same") return oneSample ? "exact" : "narrower";
  if (sampleAnd === "any") return oneEach ? "exact" : "wider";
  if (oneSample || oneEach) return oneSample ? "wider" : "narrower";
  throw new Unsupported("wanted conditions on one sample, or one filter for each, got several of several");
};

/** Says a question's samples, and their donors, as filters on biosamples. @throws {Unsupported} */
export const sampleFilters = (question: LocalQuestion, options: BeaconOptions, words: Vocabulary): Asked => {
  const { tests, samples } = conjuncts(question.donors);
  const selected = selectorFilters(question.samples, options, words);
  for (const part of samples) {
    if (!covers(selected, selectorFilters(part, options, words), true)) {
      throw new Unsupported("wanted conditions on the samples counted, got one on other samples of their donors");
    }
  }
  const own = tests.flatMap(({ field, test }) => filtersOf(field, test, options, words));
  requireUsable(own, "SAMPLES", "DONORS", options, words);
  return { filters: unique([...own, ...selected]), meaning: "exact" };
};

const requireUsable = (
  filters: readonly Filter[],
  unit: Unit,
  own: Unit,
  options: BeaconOptions,
  words: Vocabulary,
): void => {
  const refused = filters.find(({ id }) => !isUsable(words.terms.get(id), unit, own, options));
  if (refused === undefined) return;
  throw new Unsupported(
    `wanted a filter for ${unit.toLowerCase()}, got ${refused.id}, which the beacon does not list for them`,
  );
};

const selectorFilters = (selector: LocalSelector, options: BeaconOptions, words: Vocabulary): readonly Filter[] => {
  if (selector.op === "has") return filtersOf(selector.field, selector.test, options, words);
  if (selector.op !== "all") throw new Unsupported(`wanted a conjunction, got "${selector.op}"`);
  return unique(selector.of.flatMap((part) => selectorFilters(part, options, words)));
};

const filtersOf = (field: FieldName, test: Test, options: BeaconOptions, words: Vocabulary): readonly Filter[] => {
  const capability = words.fields[field];
  if (capability === undefined) throw new Unsupported(`${field}: wanted a filter that the beacon lists, got none`);
  const scope = isSampleField(field) ? options.scopes.samples : options.scopes.donors;
  if (isRange(test)) return rangeFilters(field, test, scope, options);
  const [id] = test.codes;
  if (id === undefined || test.codes.length > 1 || test.negate || test.missing) {
    throw new Unsupported(`${field}: wanted one code, got several, "not" or "missing"`);
  }
  if ((test.below ? capability.tree : capability.codes)?.has(id) !== true) {
    throw new Unsupported(`${field}: wanted a code that the beacon lists, got another`);
  }
  const custom = words.terms.get(id)?.type === "custom";
  return [{ id, scope, ...(custom ? {} : { includeDescendantTerms: test.below === true }) }];
};

/**
 * Completed years a to b are `>= a` and `< b + 1`: this is right whether the beacon compares whole years or days.
 * Years of collection are whole numbers.
 */
const rangeFilters = (field: FieldName, test: RangeTest, scope: string, options: BeaconOptions): readonly Filter[] => {
  const filter = numberFilter(options, field);
  if (filter === undefined) throw new Unsupported(`${field}: wanted a test of codes, got one of numbers`);
  const { from, to, missing } = test;
  if (missing && from === null && to === null) return [];
  if (missing) throw new Unsupported(`${field}: wanted numbers, got "missing"`);
  const { id } = filter;
  const spell = (years: number) => (filter.value === "duration" ? `P${years}Y` : String(years));
  if (from !== null && from === to && field === "COLLECTED_YEAR")
    return [{ id, operator: "=", value: spell(from), scope }];
  const lower = { id, operator: ">=", value: spell(Math.max(0, from ?? 0)), scope };
  if (to === null) return [lower];
  const upper = { id, operator: "<", value: spell(Math.max(0, to + 1)), scope };
  return from === null ? [upper] : [lower, upper];
};

const numberFilter = ({ filters }: BeaconOptions, field: FieldName) => {
  if (field === "AGE_AT_COLLECTION") return filters.age;
  return field === "COLLECTED_YEAR" ? filters.year : undefined;
};

/** A term without scopes is taken to be usable on its own entry type only. */
const isUsable = (term: Term | undefined, unit: Unit, own: Unit, { scopes }: BeaconOptions): boolean => {
  if (term === undefined) return false;
  if (term.scopes.length === 0) return unit === own;
  return term.scopes.includes(unit === "DONORS" ? scopes.donors : scopes.samples);
};

const keyOf = (filter: Filter): string => JSON.stringify(Object.entries(filter).sort());

const unique = (filters: readonly Filter[]): readonly Filter[] => {
  return [...new Map(filters.map((filter) => [keyOf(filter), filter])).values()];
};

/** Whether `all` holds every filter of `some`; `equal` says what to answer where they are the same. */
const covers = (all: readonly Filter[], some: readonly Filter[], equal: boolean): boolean => {
  const keys = new Set(all.map(keyOf));
  const within = some.every((filter) => keys.has(keyOf(filter)));
  return within && (equal || some.length < keys.size);
};
