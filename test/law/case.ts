import fc from "fast-check";
import type { Capabilities, DoubtReason, FieldCapability, Logic, Unit } from "../../adapters/local.ts";
import { FIELD_NAMES, type FieldName, isNumberField } from "../../schema/fields.ts";
import type { Mapping } from "../../subgraphs/mapping/mapping.ts";
import { DISEASES, DOMAIN, type Random, random } from "./domain.ts";
import type { Blur } from "./memory-adapter.ts";

/** One case of the law. Donors, mapping and API are grown from numbers, so that shrinking takes donors and criteria away. */
export type Case = {
  readonly donors: readonly number[];
  readonly mapping: number;
  readonly api: number;
  readonly where: object;
  readonly facets: readonly FacetAsked[];
};
export type FacetAsked = { readonly by: AxisAsked; readonly across?: AxisAsked };
export type AxisAsked = { readonly field: FieldName; readonly values: readonly string[] };

const some = <T>(values: readonly T[], max = 3) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: max });
const range = (from: number, to: number) =>
  fc
    .tuple(
      fc.integer({ min: from, max: to }),
      fc.integer({ min: from, max: to }),
      fc.constantFrom("both", "from", "to"),
    )
    .map(([a, b, ends]) => ({
      ...(ends === "to" ? {} : { from: Math.min(a, b) }),
      ...(ends === "from" ? {} : { to: Math.max(a, b) }),
    }));
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

/** What questions are made of: values by field; for numbers the ends between which ranges lie, and bands for facets. */
export type Domain = {
  readonly DISEASE: readonly string[];
  readonly SEX: readonly string[];
  readonly COHORT: readonly string[];
  readonly CENTRE: readonly string[];
  readonly PROGRAMME: readonly string[];
  readonly DATA: readonly string[];
  readonly USE: readonly string[];
  readonly SAMPLE_TYPE: readonly string[];
  readonly SAMPLE_ORIGIN: readonly string[];
  readonly STORAGE: readonly string[];
  readonly ages: readonly [from: number, to: number];
  readonly years: readonly [from: number, to: number];
  readonly AGE_AT_COLLECTION: readonly string[];
  readonly COLLECTED_YEAR: readonly string[];
};

/** Random questions with facets, in the values of a domain. */
export const questionsIn = (domain: Domain): fc.Arbitrary<Pick<Case, "where" | "facets">> => {
  const sample = fc
    .record({
      type: fc.option(some(domain.SAMPLE_TYPE), { nil: undefined, freq: 4 }),
      origin: optional(some(domain.SAMPLE_ORIGIN, 2)),
      ageAtCollection: optional(range(...domain.ages)),
      collectedYear: optional(range(...domain.years)),
      storage: optional(some(domain.STORAGE, 2)),
    })
    .map(withoutUndefined);
  const leaf = fc.oneof(
    { weight: 4, arbitrary: fc.record({ sample }) },
    {
      weight: 4,
      arbitrary: fc
        .record({ codes: some(domain.DISEASE), descendants: fc.option(fc.boolean(), { nil: undefined }) })
        .map((disease) => ({ disease: withoutUndefined(disease) })),
    },
    some(domain.SEX, 2).map((sex) => ({ sex })),
    some(domain.COHORT, 2).map((cohort) => ({ cohort })),
    some(["TRIO", "RELATIVE_HELD"], 2).map((family) => ({ family })),
    some(domain.PROGRAMME, 2).map((programme) => ({ programme })),
    some(domain.DATA, 2).map((data) => ({ data })),
    some(domain.USE, 2).map((use) => ({ use })),
    some(domain.CENTRE, 2).map((centre) => ({ centre })),
  );
  const where = fc.letrec<{ where: object }>((tie) => ({
    where: fc.oneof(
      { maxDepth: 3, depthIdentifier: "where" },
      { weight: 5, arbitrary: leaf },
      { weight: 2, arbitrary: fc.array(tie("where"), { minLength: 1, maxLength: 3 }).map((all) => ({ all })) },
      { weight: 2, arbitrary: fc.array(tie("where"), { minLength: 1, maxLength: 3 }).map((any) => ({ any })) },
      { weight: 2, arbitrary: tie("where").map((not) => ({ not })) },
      { weight: 1, arbitrary: fc.tuple(leaf, leaf).map(([a, b]) => ({ ...a, ...b })) },
      { weight: 1, arbitrary: fc.tuple(leaf, tie("where")).map(([a, not]) => ({ ...a, not })) },
      { weight: 1, arbitrary: fc.constant({}) },
    ),
  })).where;
  const axis: fc.Arbitrary<AxisAsked> = fc.constantFrom(...FIELD_NAMES).chain((field) =>
    some([...(field === "FAMILY" ? ["TRIO", "RELATIVE_HELD"] : domain[field]), "NOT_RECORDED"], 4).map((values) => ({
      field,
      values,
    })),
  );
  const facet = fc
    .record({ by: axis, across: fc.option(axis, { nil: undefined, freq: 2 }) })
    .map((f) => withoutUndefined(f) as FacetAsked);
  return fc.record({ where, facets: fc.array(facet, { maxLength: 1 }) });
};

const grown = fc.record({
  donors: fc.array(fc.nat(), { minLength: 1, maxLength: 10, size: "max" }),
  mapping: fc.nat(),
  api: fc.nat(),
});

export const cases: fc.Arbitrary<Case> = fc
  .tuple(
    grown,
    questionsIn({
      ...DOMAIN,
      DISEASE: DISEASES.map((code) => `ICD10:${code}`),
      ages: [20, 26],
      years: [2010, 2014],
      AGE_AT_COLLECTION: ["20-22", "23-24", "25-29"],
      COLLECTED_YEAR: ["2010", "2011", "2013"],
    }),
  )
  .map(([bank, question]) => ({ ...bank, ...question }));

function withoutUndefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** A local API as weak as the number says. `joins`: what it really does with two conditions on samples. */
export const apiOf = (
  seed: number,
  mapping: Mapping,
): { readonly capabilities: Capabilities; readonly joins: "same" | "any"; readonly blur: Blur } => {
  const r = random(seed);
  const logic = r.chance(0.5) ? "boolean" : "and";
  const sampleAnd = r.chance(logic === "boolean" ? 0.6 : 0.15)
    ? undefined
    : r.pick(["same", "any", "unknown"] as const);
  const joins = sampleAnd === "unknown" || sampleAnd === undefined ? r.pick(["same", "any"] as const) : sampleAnd;
  const donors: Logic = { logic, ...(sampleAnd === undefined ? {} : { sampleAnd }) };
  const samples: Logic = { logic, ...(sampleAnd === undefined ? {} : { sampleAnd: "same" as const }) };
  const counts: readonly Unit[] = r.chance(0.9) ? ["DONORS", "SAMPLES"] : [r.pick(["DONORS", "SAMPLES"] as const)];
  const rest = logic === "boolean" ? r.chance(0.8) : r.chance(0.1);
  const several = logic === "boolean" ? r.chance(0.8) : r.chance(0.2);
  const fields: { [F in FieldName]?: FieldCapability } = {};
  for (const field of FIELD_NAMES) {
    const section = mapping.fields[field];
    if (section === undefined || r.chance(0.07)) continue;
    const on: readonly Unit[] = r.chance(0.9) ? ["DONORS", "SAMPLES"] : [r.pick(["DONORS", "SAMPLES"] as const)];
    const halves = isNumberField(field) && r.chance(0.3) ? { halves: true as const } : {};
    const doubt = r.chance(0.15) ? { doubt: doubtOf(field, r) } : {};
    const listed = codesOf(field, mapping, r);
    fields[field] = { on, rest, several: several || logic === "boolean", ...halves, ...doubt, ...listed };
  }
  const grouping = logic === "boolean" && sampleAnd === undefined && r.chance(0.5);
  const both = FIELD_NAMES.filter((field) => fields[field]?.on.length === 2);
  const facets = grouping && counts.length === 2 ? both : [];
  const blur: Blur = r.chance(0.7) ? { kind: "exact" } : { kind: r.pick(["floor", "round"] as const), n: r.int(2, 5) };
  const doubtful = {
    ...(r.chance(0.2) ? { doubtfulSamples: true as const } : {}),
    ...(r.chance(0.1) ? { doubtfulDonors: true as const } : {}),
  };
  return { capabilities: { counts, donors, samples, fields, facets, ...doubtful }, joins, blur };
};

const doubtOf = (field: FieldName, r: Random): readonly DoubtReason[] =>
  isNumberField(field)
    ? r.pick<readonly DoubtReason[]>([["NOT_UNDERSTOOD"], ["PRECISION"], ["NOT_UNDERSTOOD", "PRECISION"]])
    : ["NOT_UNDERSTOOD"];

const codesOf = (
  field: FieldName,
  mapping: Mapping,
  r: Random,
): Pick<FieldCapability, "codes" | "exhaustive" | "tree"> => {
  const section = mapping.fields[field];
  if (section === undefined || isNumberField(field)) return {};
  const system = section.system !== null;
  const own = system
    ? DISEASES.filter((c) => !c.includes("-")).map((c) => `ICD10:${c}`)
    : section.codes.map(({ code }) => code);
  const exhaustive = r.chance(system ? 0.8 : 0.2);
  const some = own.filter(() => r.chance(exhaustive ? 0.7 : 0.95));
  // Each donor holds one of the codes of a complete attribute.
  const listed = exhaustive && some.length === 0 ? own.slice(0, 1) : some;
  const codes = exhaustive
    ? { codes: new Set(listed), exhaustive: true as const }
    : system || r.chance(0.3)
      ? { codes: new Set(listed) }
      : {};
  const base = "codes" in codes ? listed : own;
  if (field !== "DISEASE" || base.length < 2 || r.chance(0.4)) return codes;
  const tree = new Map<string, readonly string[]>();
  if (system) {
    for (const key of ["ICD10:E11", "ICD10:C34", "ICD10:E10-E14", "ICD10:C22", "ICD10:C22-C24"]) {
      const below = (section.tree.get(key) ?? treeOf(key)).filter((c) => listed.includes(c));
      if (below.length > 0) tree.set(key, below);
    }
  } else {
    for (const key of base)
      if (r.chance(0.5))
        tree.set(
          key,
          base.filter((code) => code === key || r.chance(0.4)),
        );
  }
  return { ...codes, tree };
};

/** Ranges that are no blocks are not in a mapping's tree, and a server may list them all the same. */
const treeOf = (key: string): readonly string[] => {
  const [first = "", last = ""] = key.slice(6).split("-");
  return DISEASES.filter((c) => !c.includes("-") && c.slice(0, 3) >= first && c.slice(0, 3) <= last).map(
    (c) => `ICD10:${c}`,
  );
};
