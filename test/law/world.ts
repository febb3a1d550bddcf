import type { Capabilities, FieldCapability } from "../../adapters/local.ts";
import { FIELD_NAMES, FIELDS, type FieldName, isNumberField } from "../../schema/fields.ts";
import type { BankYaml, Meaning } from "../../subgraphs/mapping/bank-yaml.ts";
import type { Mapping } from "../../subgraphs/mapping/mapping.ts";
import type { LocalDonor, LocalSample, NumberInDoubt } from "../adapters/evaluate.ts";
import { bankYaml } from "../bank-yaml.ts";
import type { TrueDonor, TrueSample, World } from "../oracle.ts";
import { isOrBelow } from "../oracle-codes.ts";
import { DISEASES, DOMAIN, type Random, random } from "./domain.ts";

const KEYS = {
  DISEASE: "disease",
  SEX: "sex",
  COHORT: "cohort",
  FAMILY: "family",
  PROGRAMME: "programme",
  DATA: "data",
  CENTRE: "centre",
  SAMPLE_TYPE: "sampleType",
  SAMPLE_ORIGIN: "sampleOrigin",
  STORAGE: "storage",
} as const satisfies { readonly [F in FieldName]?: keyof BankYaml };
type Codes = { [code: string]: Meaning };
const TRUE_DISEASES = DISEASES.filter((code) => !code.includes("-"));

/** A random bank.yaml: overlapping, broader, narrower and exact codes, fields left out, warrants given or not. */
export const yamlOf = (seed: number): { readonly yaml: BankYaml; readonly system: boolean } => {
  const r = random(seed);
  const system = r.chance(0.3);
  const sections: { [K in (typeof KEYS)[keyof typeof KEYS]]?: Codes } & Pick<Partial<BankYaml>, "use" | "age"> = {};
  for (const [field, key] of Object.entries(KEYS)) {
    if (r.chance(0.08) || (field === "DISEASE" && system)) continue;
    sections[key] = codesOf(field as FieldName, r);
  }
  if (r.chance(0.9)) sections.use = { whenAbsent: r.pick(["denied", "unknown"]), codes: codesOf("USE", r) };
  if (r.chance(0.3)) sections.age = { off: [r.int(-1, 0), r.int(0, 1)] };
  const complete = [...Object.values(KEYS), "use" as const, "age" as const, "year" as const].filter(() =>
    r.chance(0.55),
  );
  const size = {
    enrolmentsPerPerson: 1,
    ...(r.chance(0.5) ? { donors: 12, samples: 48, samplesPerDonor: 4 } : {}),
  };
  return { yaml: bankYaml({ size, complete, ...sections }), system };
};

const codesOf = (field: FieldName, r: Random): Codes => {
  const targets = field === "DISEASE" ? DISEASES.map((c) => `ICD10:${c}`) : DOMAIN[field as keyof typeof DOMAIN];
  const codes: Codes = {};
  for (const code of ["a", "b", "c", "d"].slice(0, r.int(1, 4))) {
    const is = [...new Set([r.pick<string>(targets), ...(r.chance(0.3) ? [r.pick<string>(targets)] : [])])];
    const relation = r.chance(0.1) ? "broader" : field === "DISEASE" && r.chance(0.15) ? "exact" : undefined;
    // A range of categories recorded "exactly" denotes a bare category; the small world has none of most of them.
    codes[code] =
      relation === undefined || (relation === "exact" && is.some((c) => c.includes("-"))) ? is : { is, relation };
  }
  return codes;
};

type Spelled = { readonly code: string; readonly is: readonly string[]; readonly relation?: string };

/** The local codes of a field as bank.yaml spells them. */
const spelledCodes = (yaml: BankYaml, field: FieldName): readonly Spelled[] => {
  const section = field === "USE" ? yaml.use?.codes : (yaml[KEYS[field as keyof typeof KEYS]] as Codes | undefined);
  return Object.entries(section ?? {}).map(([code, meaning]) =>
    Array.isArray(meaning)
      ? { code, is: meaning as string[] }
      : { code, ...(meaning as { is: string[]; relation?: string }) },
  );
};

/** A random population: the bank's record first, then one truth that agrees with it and with the mapping's warrants. */
export const worldOf = (
  seeds: readonly number[],
  mapping: Mapping,
  system: boolean,
  { fields, doubtfulSamples, doubtfulDonors }: Pick<Capabilities, "fields" | "doubtfulSamples" | "doubtfulDonors">,
) => {
  const recorded: LocalDonor[] = [];
  const world: { truth: TrueDonor; unrecorded: World[number]["unrecorded"] }[] = [];
  for (const seed of seeds) {
    const r = random(seed);
    const field = (name: FieldName): Held => held(name, { mapping, system, fields, r });
    const donor = Object.fromEntries(
      FIELD_NAMES.filter((f) => FIELDS[f].of === "donor").map((f) => [f, field(f)]),
    ) as Record<FieldName, Held>;
    const samples = Array.from({ length: r.int(0, 4) }, () => sampleOf(field, mapping, fields, r)).map((sample) => {
      const isInDoubt = doubtfulSamples === true && r.chance(0.3);
      return { ...sample, counts: !isInDoubt || r.chance(0.5), local: { ...sample.local, isInDoubt } };
    });
    const counted = samples.filter(({ counts }) => counts);
    const isInDoubt = doubtfulDonors === true && r.chance(0.3);
    recorded.push({ ...localOf(donor), isInDoubt, samples: samples.map((s) => s.local) });
    if (isInDoubt && r.chance(0.5)) continue;
    const one = (f: FieldName): string | null => donor[f].truth[0] ?? null;
    const truth: TrueDonor = {
      sex: one("SEX") ?? "OTHER",
      cohort: one("COHORT") ?? "PATIENT",
      family: one("FAMILY") ?? "NONE",
      centre: one("CENTRE"),
      diagnoses: donor.DISEASE.truth,
      programmes: donor.PROGRAMME.truth,
      data: donor.DATA.truth,
      uses: donor.USE.truth,
      samples: counted.map((s) => s.truth),
    };
    const missing = Object.entries(donor).filter(([, h]) => h.isUnrecorded);
    world.push({
      truth,
      unrecorded: { donor: new Set(missing.map(([f]) => f)), samples: counted.map((s) => s.unrecorded) },
    });
  }
  return { recorded, world: world satisfies World };
};

/** `inDoubt`: codes of which the bank does not know whether they count. */
type Held = {
  readonly local: readonly string[];
  readonly inDoubt: readonly string[];
  readonly truth: readonly string[];
  readonly isUnrecorded: boolean;
};

const localOf = (fields: { readonly [field: string]: Held }) => {
  const each = Object.entries(fields);
  return {
    values: Object.fromEntries(each.map(([field, { local }]) => [field, local])),
    inDoubt: Object.fromEntries(each.map(([field, { inDoubt }]) => [field, inDoubt])),
  };
};

type Grown = {
  readonly mapping: Mapping;
  readonly system: boolean;
  readonly fields: Capabilities["fields"];
  readonly r: Random;
};

/** What a donor or a sample holds of one field: local codes, and a truth that each of them may denote. */
const held = (field: FieldName, { mapping, system, fields, r }: Grown): Held => {
  const section = mapping.fields[field];
  const capability = fields[field];
  const listed = capability?.exhaustive === true ? capability.codes : undefined;
  const { many, kind } = FIELDS[field];
  const domain = field === "DISEASE" ? TRUE_DISEASES.map((c) => `ICD10:${c}`) : DOMAIN[field as keyof typeof DOMAIN];
  const n = many ? r.int(0, 3) : 1;
  const local: string[] = [];
  const inDoubt: string[] = [];
  const truth: string[] = [];
  const asHeld = (): Held => ({
    local,
    inDoubt,
    truth,
    isUnrecorded: local.length === 0 && (inDoubt.length === 0 || r.chance(0.5)),
  });
  for (let i = 0; i < n; i++) {
    const found =
      section === undefined
        ? null
        : pickCode(field, spelledCodes(mapping.yaml, field), section.complete, system, listed, r);
    const missing = section !== undefined && !section.complete && !many && r.chance(0.25);
    if (section === undefined || missing || found === null) {
      // Nothing recorded: an attribute's truth is open, and so is a sample's type; a record that is not there is not there.
      if (section?.complete && !many) return asHeld();
      if (!many ? kind === "attribute" || field === "SAMPLE_TYPE" : section === undefined) {
        truth.push(r.pick<string>(domain));
      }
      continue;
    }
    if (fields[field]?.doubt !== undefined && r.chance(0.4)) {
      inDoubt.push(found.code);
      // What does not count is no record, and leaves an attribute unknown.
      if (r.chance(0.5)) truth.push(r.pick(found.may));
      else if (!many) truth.push(r.pick<string>(domain));
      continue;
    }
    local.push(found.code);
    truth.push(r.pick(found.may));
  }
  if (field === "USE" && truth.length === 0 && section?.whenAbsent === "unknown") {
    truth.push(...domain.filter(() => r.chance(0.5)));
  }
  return asHeld();
};

type Found = { readonly code: string; readonly may: readonly string[] };

const pickCode = (
  field: FieldName,
  codes: readonly Spelled[],
  complete: boolean,
  system: boolean,
  listed: ReadonlySet<string> | undefined,
  r: Random,
): Found | null => {
  const isSystem = system && field === "DISEASE";
  const domain: readonly string[] =
    field === "DISEASE" ? TRUE_DISEASES.map((c) => `ICD10:${c}`) : DOMAIN[field as keyof typeof DOMAIN];
  if (!complete && r.chance(0.15)) return { code: "zz", may: domain };
  if (isSystem) {
    const own = domain.filter((code) => listed === undefined || listed.has(code));
    if (own.length === 0) return null;
    const code = r.pick(own);
    return { code, may: [code] };
  }
  const held = codes.filter(({ code }) => listed === undefined || listed.has(code));
  if (held.length === 0) return null;
  const local = r.pick(held);
  const may = domain.filter((code) => denotes(field, local, code));
  return may.length === 0 ? null : { code: local.code, may };
};

/** Whether a local code may denote a federated one, by its text alone: the test's own reading of a mapping. */
const denotes = (field: FieldName, { is, relation }: Spelled, code: string): boolean =>
  relation === "broader" ||
  is.some((c) => (field === "DISEASE" ? isOrBelow(code, c, relation !== "exact") : c === code));

const sampleOf = (field: (name: FieldName) => Held, mapping: Mapping, fields: Capabilities["fields"], r: Random) => {
  const values = {
    SAMPLE_TYPE: field("SAMPLE_TYPE"),
    SAMPLE_ORIGIN: field("SAMPLE_ORIGIN"),
    STORAGE: field("STORAGE"),
  };
  const number = (name: "AGE_AT_COLLECTION" | "COLLECTED_YEAR", from: number, to: number) => {
    const section = mapping.fields[name];
    const truth = r.int(from, to);
    const [low, high] = section?.off ?? [0, 0];
    const missing = !section?.complete && r.chance(0.2);
    const exact = truth - r.int(low, high);
    const local = fields[name]?.halves && r.chance(0.5) ? exact + r.pick([-0.5, 0.5]) : exact;
    const doubtful = missing ? null : numberInDoubt(local, [from, to], fields[name]?.doubt, r);
    return {
      truth,
      local: missing ? null : local,
      numbers: doubtful === null ? {} : { [name]: doubtful },
      isUnrecorded: missing || (doubtful?.sure === false && r.chance(0.5)),
    };
  };
  const age = number("AGE_AT_COLLECTION", 20, 26);
  const year = number("COLLECTED_YEAR", 2010, 2014);
  const numbers = { ...age.numbers, ...year.numbers };
  const local: LocalSample = { ...localOf(values), age: age.local, year: year.local, numbers };
  const truth: TrueSample = {
    type: values.SAMPLE_TYPE.truth[0] ?? "HAIR",
    origin: values.SAMPLE_ORIGIN.truth[0] ?? null,
    storage: values.STORAGE.truth[0] ?? null,
    age: age.truth,
    year: year.truth,
  };
  const unrecorded = new Set<string>(
    FIELD_NAMES.filter((f) =>
      f === "AGE_AT_COLLECTION"
        ? age.isUnrecorded
        : f === "COLLECTED_YEAR"
          ? year.isUnrecorded
          : !isNumberField(f) && values[f as "STORAGE"]?.isUnrecorded,
    ),
  );
  return { local, truth, unrecorded };
};

/** A number as it is recorded where it may be in doubt: an interval that holds it, or one that does not count. */
const numberInDoubt = (
  recorded: number,
  [from, to]: readonly [number, number],
  doubt: FieldCapability["doubt"],
  r: Random,
): NumberInDoubt | null => {
  if (doubt === undefined || r.chance(0.5)) return null;
  if (doubt.includes("PRECISION") && r.chance(0.5)) {
    return { from: recorded - r.int(0, 2), to: recorded + r.int(0, 2), sure: true };
  }
  if (!doubt.includes("NOT_UNDERSTOOD")) return null;
  const wrong = r.int(from, to);
  if (r.chance(0.3)) return { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, sure: false };
  return r.chance(0.5) ? { from: recorded, to: recorded, sure: false } : { from: wrong, to: wrong, sure: false };
};
