import type { Capabilities, FieldCapability } from "../../adapters/local.ts";
import type { Verdict } from "../../schema/answer.ts";
import { DISEASE_SYSTEMS, splitDisease } from "../../schema/codes/disease-code.ts";
import { FIELD_NAMES, FIELDS, type FieldName, isNumberField } from "../../schema/fields.ts";
import { valueLabel, valuesOf } from "../../schema/vocabulary.ts";
import type { Both } from "../mapping/bank-yaml.ts";
import type { FieldMapping } from "../mapping/field-mapping.ts";
import { type Mapping, mappedFields, toText } from "../mapping/mapping.ts";
import type { About } from "../releases/edition.ts";
import { type FieldReader, fieldReader } from "../understand/read-field.ts";

/** `self` of the contract: all that a bank tells of itself, as plain data. */
export const selfOf = (reader: FieldReader, about: About | null) => {
  const { mapping, capabilities } = reader;
  const { yaml } = mapping;
  return {
    id: mapping.id,
    name: shown(yaml.name),
    description: yaml.description === undefined ? null : shown(yaml.description),
    url: yaml.url ?? null,
    contact: { name: shown(yaml.contact.name), email: yaml.contact.email },
    access: {
      requestUrl: yaml.access.requestUrl ?? null,
      eligible: yaml.access.eligible,
      terms: yaml.access.terms === undefined ? null : shown(yaml.access.terms),
      licence: yaml.access.licence ?? null,
    },
    size: {
      donors: about === null ? (yaml.size.donors ?? null) : about.size.donors,
      samples: about === null ? (yaml.size.samples ?? null) : about.size.samples,
      enrolmentsPerPerson: yaml.size.enrolmentsPerPerson,
    },
    centres: yaml.centres.map(({ id, name }) => ({ id, name: shown(name) })),
    adapter: yaml.adapter.kind,
    state: yaml.state,
    capabilities: {
      counts: capabilities.counts,
      sameSample: capabilities.donors.sampleAnd === undefined || capabilities.donors.sampleAnd === "same",
      fields: FIELD_NAMES.map((field) => fieldSupport(field, reader)),
    },
    disclosure: {
      threshold: null,
      zeroShown: true,
      spread: 0,
      says: {
        en: "Disclosure control is off: numbers are shown as they were counted.",
        ja: "開示制御は無効です。集計したままの数を表示します。",
        missing: null,
      },
    },
    release: about === null ? null : { ...about.release, bank: mapping.id },
  };
};

/** What a bank could answer going by its mapping alone: stands in until its local API has been reached. */
export const declaredReader = (mapping: Mapping): FieldReader => {
  const all: FieldCapability = { on: ["DONORS", "SAMPLES"], rest: true, several: true };
  const fields = Object.fromEntries(mappedFields(mapping).map((field) => [field, all]));
  const logic = { logic: "boolean" } as const;
  const capabilities: Capabilities = {
    counts: ["DONORS", "SAMPLES"],
    donors: logic,
    samples: logic,
    fields,
    facets: [],
  };
  return fieldReader(mapping, capabilities);
};

const fieldSupport = (field: FieldName, reader: FieldReader) => {
  const capability = reader.capability(field, "DONORS") ?? reader.capability(field, "SAMPLES");
  const section = reader.mapping.fields[field];
  const values =
    capability === undefined || isNumberField(field)
      ? []
      : askable(field, reader.mapping).map((value) => ({
          value: { value, label: shown(valueLabel(field, value)) },
          verdict: reader.values(field, [value], true).verdict,
        }));
  const coded: Verdict = section?.system ? (section.complete ? "EXACT" : "NARROWER") : "BROADER";
  const verdict: Verdict =
    capability === undefined || section === undefined
      ? "UNSUPPORTED"
      : field === "DISEASE"
        ? coded
        : isNumberField(field)
          ? reader.range(field, 0, null).verdict
          : worst(values.map((v) => v.verdict));
  return {
    field,
    verdict,
    facet: capability !== undefined,
    systems: field === "DISEASE" ? diseaseSystems(section) : field === "PROGRAMME" ? ["PROGRAMME"] : null,
    values,
  };
};

/** The systems that the bank codes diseases in or, where it has codes of its own, that its mapping speaks of. */
const diseaseSystems = (section: FieldMapping | undefined): readonly string[] => {
  if (section === undefined) return [];
  const spoken = new Set(section.codes.flatMap(({ is }) => is.map((code) => splitDisease(code)[0])));
  return section.system ?? DISEASE_SYSTEMS.filter((system) => spoken.has(system));
};

/** The values that a bank's field is told by: the fixed ones, or those that the mapping names. Diseases are too many. */
const askable = (field: FieldName, mapping: Mapping): readonly string[] => {
  if (field === "DISEASE") return [];
  if (FIELDS[field].values === "fixed") return valuesOf(field);
  return [...new Set(mapping.fields[field]?.codes.flatMap(({ is }) => is) ?? [])].sort();
};

const ORDER: readonly Verdict[] = ["NOT_COLLECTED", "EXACT", "NARROWER", "PARTLY_RECORDED", "BROADER", "UNSUPPORTED"];
const worst = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.reduce<Verdict>((a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a), "NOT_COLLECTED");

const shown = (both: Both) => {
  const given = typeof both === "string" ? {} : both;
  const missing =
    typeof both === "string" ? null : given.en === undefined ? "EN" : given.ja === undefined ? "JA" : null;
  return { ...toText(both), missing };
};
