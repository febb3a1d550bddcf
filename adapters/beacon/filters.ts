import { FIELD_NAMES, type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import { type Condition, donorConjunction, sampleConjunction } from "../kit/conjunction.ts";
import { Unsupported } from "../kit/unsupported.ts";
import {
  type Capabilities,
  type CodeTest,
  type FieldCapability,
  isRange,
  type LocalQuestion,
  type RangeTest,
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

type Fields = Capabilities["fields"];
type Terms = ReadonlyMap<string, Term>;

/**
 * How a question on individuals (donors) and on biosamples becomes filters, where these fields can be asked for.
 * @throws {Unsupported} from each of its functions
 */
export const questionFilters = (options: BeaconOptions, fields: Fields, terms: Terms) => {
  const filtersOf = conditionFilters(fields, filterWriter(options, terms));
  const requireUsable = (field: FieldName, { id }: Filter, unit: Unit): void => {
    if (fields[field]?.on.includes(unit) && isUsable(terms.get(id), unit, ownUnit(field), options)) return;
    throw new Unsupported(`wanted a filter for ${unit.toLowerCase()}, got ${id}, which cannot be asked of them`);
  };
  const join = (conditions: readonly Condition[], unit: Unit): readonly Filter[] =>
    unique(
      conditions.flatMap((condition) => {
        const filters = filtersOf(condition);
        for (const filter of filters) requireUsable(condition.field, filter, unit);
        return filters;
      }),
    );
  return {
    DONORS(question: LocalQuestion): Asked {
      const { tests, samples } = donorConjunction(question);
      const each = samples.map((conditions) => join(conditions, "DONORS"));
      const most = Math.max(0, ...each.map(({ length }) => length));
      const filters = unique([...join(tests, "DONORS"), ...each.flat()]);
      return { filters, meaning: meaningOf(each.length, most, options) };
    },
    SAMPLES(question: LocalQuestion): Asked {
      const { tests, selected } = sampleConjunction(question);
      return { filters: unique([...join(tests, "SAMPLES"), ...join(selected, "SAMPLES")]), meaning: "exact" };
    },
  };
};

/**
 * Finds the mapped codes among the listed terms. Codes that are not listed for the entry type to which their field belongs
 * are left out, and so is a field of which none is left. A listed code above others (a block of ICD-10) is no code of a
 * record, but with its descendants it asks for the listed codes below it.
 */
export const declaredFields = (options: BeaconOptions, mapping: MappedCodes, terms: Terms): Fields => {
  const fields: { [F in FieldName]?: FieldCapability } = {};
  for (const field of FIELD_NAMES) {
    const number = numberFilter(options, field);
    const ids = isNumberField(field) ? (number === undefined ? [] : [number.id]) : (mapping[field]?.codes ?? []);
    const own = ownUnit(field);
    const listed = ids.filter((id) => isUsable(terms.get(id), own, own, options));
    if (listed.length === 0) continue;
    const onBoth = listed.every((id) => isUsable(terms.get(id), otherThan(own), own, options));
    const tree = field === "DISEASE" && options.filters.disease.descendants ? mapping.DISEASE?.tree : undefined;
    const known = new Set(listed);
    const subtree = ([code, below]: readonly [string, readonly string[]]): readonly [string, readonly string[]][] =>
      isUsable(terms.get(code), own, own, options) ? [[code, below.filter((id) => known.has(id))]] : [];
    fields[field] = {
      on: onBoth ? ["DONORS", "SAMPLES"] : [own],
      rest: false,
      several: false,
      ...(isNumberField(field) ? {} : { codes: known }),
      // Of a whole code system a beacon lists what it holds.
      ...(mapping[field]?.tree === undefined ? {} : { exhaustive: true as const }),
      ...(tree === undefined ? {} : { tree: new Map([...tree].flatMap(subtree)) }),
    };
  }
  return fields;
};

/** What the beacon's AND of `conditions` on samples says. Each condition takes at most `filters` filters. */
const meaningOf = (conditions: number, filters: number, { sampleAnd }: BeaconOptions): Asked["meaning"] => {
  const oneSample = conditions <= 1;
  const oneEach = filters <= 1;
  if (oneSample && oneEach) return "exact";
  if (sampleAnd === "same") return oneSample ? "exact" : "narrower";
  if (sampleAnd === "any") return oneEach ? "exact" : "wider";
  if (oneSample || oneEach) return oneSample ? "wider" : "narrower";
  throw new Unsupported("wanted conditions on one sample, or one filter for each, got several of several");
};

/** Writes filters: of a code, alone or with all below it, and of a range with both ends inclusive. */
export type FilterWriter = {
  readonly code: (field: FieldName, id: string, below?: boolean) => Filter;
  readonly range: (field: FieldName, range: RangeTest) => readonly Filter[];
};

/** Writes filters as the beacon spells them. */
export const filterWriter = (options: BeaconOptions, terms: Terms): FilterWriter => {
  const scopeOf = (field: FieldName): string => options.scopes[isSampleField(field) ? "samples" : "donors"];
  return {
    code: (field, id, below = false) => {
      const custom = terms.get(id)?.type === "custom";
      return { id, scope: scopeOf(field), ...(custom ? {} : { includeDescendantTerms: below }) };
    },
    range: (field, range) => rangeFilters(field, range, scopeOf(field), options),
  };
};

/** The filters of a condition, which join by AND. */
const conditionFilters =
  (fields: Fields, write: FilterWriter) =>
  ({ field, test }: Condition): readonly Filter[] => {
    if (fields[field] === undefined) throw new Unsupported(`${field}: wanted a filter that the beacon lists, got none`);
    return isRange(test) ? write.range(field, test) : [codeFilter(field, test, fields, write)];
  };

const codeFilter = (
  field: FieldName,
  { codes, negate, missing, below }: CodeTest,
  fields: Fields,
  write: FilterWriter,
): Filter => {
  const [id] = codes;
  if (id === undefined || codes.length > 1 || negate || missing) {
    throw new Unsupported(`${field}: wanted one code, got several, "not" or "missing"`);
  }
  if ((below ? fields[field]?.tree : fields[field]?.codes)?.has(id) !== true) {
    throw new Unsupported(`${field}: wanted a code that the beacon lists, got another`);
  }
  return write.code(field, id, below === true);
};

/**
 * Completed years a to b are `>= a` and `< b + 1`: this is right whether the beacon compares whole years or days.
 * Years of collection are whole numbers.
 */
const rangeFilters = (
  field: FieldName,
  { from, to, missing }: RangeTest,
  scope: string,
  options: BeaconOptions,
): readonly Filter[] => {
  const filter = numberFilter(options, field);
  if (filter === undefined) throw new Unsupported(`${field}: wanted a test of codes, got one of numbers`);
  if (missing) throw new Unsupported(`${field}: wanted numbers, got "missing"`);
  const compare = (operator: string, number: number): Filter => {
    const value = filter.value === "duration" ? `P${number}Y` : String(number);
    return { id: filter.id, operator, value, scope };
  };
  if (from !== null && from === to && field === "COLLECTED_YEAR") return [compare("=", from)];
  const lower = compare(">=", Math.max(0, from ?? 0));
  if (to === null) return [lower];
  const upper = compare("<", Math.max(0, to + 1));
  return from === null ? [upper] : [lower, upper];
};

const numberFilter = ({ filters }: BeaconOptions, field: FieldName) => {
  if (field === "AGE_AT_COLLECTION") return filters.age;
  return field === "COLLECTED_YEAR" ? filters.year : undefined;
};

const ownUnit = (field: FieldName): Unit => (isSampleField(field) ? "SAMPLES" : "DONORS");
const otherThan = (unit: Unit): Unit => (unit === "DONORS" ? "SAMPLES" : "DONORS");

/** A term without scopes is taken to be usable on its own entry type only. */
const isUsable = (term: Term | undefined, unit: Unit, own: Unit, { scopes }: BeaconOptions): boolean => {
  if (term === undefined) return false;
  if (term.scopes.length === 0) return unit === own || scopes.unlisted;
  const listed = (of: Unit): boolean => {
    const wanted = singular(of === "DONORS" ? scopes.donors : scopes.samples);
    return term.scopes.some((scope) => singular(scope) === wanted);
  };
  return listed(unit) || (scopes.unlisted && listed(own));
};

/** Beacons write a scope as the entity or as its path: `individual`, `individuals`. */
const singular = (scope: string): string => scope.toLowerCase().replace(/s$/, "");

const unique = (filters: readonly Filter[]): readonly Filter[] => [
  ...new Map(filters.map((filter) => [JSON.stringify(filter), filter])).values(),
];
