import { DISEASE_SYSTEMS, splitDisease } from "../../schema/codes/disease-code.ts";
import { type CodeField, FIELD_NAMES, FIELDS, type FieldName, isNumberField } from "../../schema/fields.ts";
import type { Verdict } from "../../schema/verdict.ts";
import { valueLabel, valuesOf } from "../../schema/vocabulary.ts";
import { publicPolicy } from "../disclose/policy.ts";
import type { Both } from "../mapping/bank-yaml.ts";
import type { FieldMapping } from "../mapping/field-mapping.ts";
import { type Mapping, toText } from "../mapping/mapping.ts";
import type { About } from "../releases/edition.ts";
import type { Interpreter } from "../understand/interpret.ts";

/** `self` of the contract, with its release; null where none is known. A gateway reads it as a Card. */
export type SentCard = ReturnType<typeof cardOf>;

/** What a bank tells of itself: its bank.yaml, what its interpreter can be asked, and the bounds of its current release. */
export const cardOf = (interpreter: Interpreter, about: About | null) => {
  const { mapping, capabilities } = interpreter;
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
      fields: FIELD_NAMES.map((field) => fieldSupport(field, interpreter)),
    },
    disclosure: publicPolicy(yaml.disclosure),
    release: about === null ? null : { ...about.release, bank: mapping.id },
  };
};

const fieldSupport = (field: FieldName, interpreter: Interpreter) => {
  const section = interpreter.mapping.fields[field];
  const askable = (interpreter.capability(field, "DONORS") ?? interpreter.capability(field, "SAMPLES")) !== undefined;
  const values = (askable ? valuesOfField(field, interpreter.mapping) : []).map((value) => ({
    value: { value, label: shown(valueLabel(field, value)) },
    verdict: interpreter.values(field as CodeField, [value], true).verdict,
  }));
  return {
    field,
    verdict: askable && section !== undefined ? bestVerdict(field, section, interpreter, values) : "UNSUPPORTED",
    facet: askable,
    systems: field === "DISEASE" ? diseaseSystems(section) : field === "PROGRAMME" ? ["PROGRAMME"] : null,
    values,
  };
};

/** The best that a question by this field can expect; by its values, where it has a list of them. */
const bestVerdict = (
  field: FieldName,
  { system, complete }: FieldMapping,
  interpreter: Interpreter,
  values: readonly { readonly verdict: Verdict }[],
): Verdict => {
  if (isNumberField(field)) return interpreter.range(field, 0, null).verdict;
  if (field !== "DISEASE") return worst(values.map(({ verdict }) => verdict));
  if (system === null) return "BROADER";
  return complete ? "EXACT" : "NARROWER";
};

/** The systems that the bank codes diseases in or, where it has codes of its own, that its mapping speaks of. */
const diseaseSystems = (section: FieldMapping | undefined): readonly string[] => {
  if (section === undefined) return [];
  const spoken = new Set(section.codes.flatMap(({ is }) => is.map((code) => splitDisease(code)[0])));
  return section.system ?? DISEASE_SYSTEMS.filter((system) => spoken.has(system));
};

/** The values that a card lists: the fixed ones, or those that the mapping names; none of DISEASE, which has too many. */
const valuesOfField = (field: FieldName, mapping: Mapping): readonly string[] => {
  if (field === "DISEASE" || isNumberField(field)) return [];
  if (FIELDS[field].values === "fixed") return valuesOf(field);
  return [...new Set(mapping.fields[field]?.codes.flatMap(({ is }) => is) ?? [])].sort();
};

const ORDER: readonly Verdict[] = ["NOT_COLLECTED", "EXACT", "NARROWER", "PARTLY_RECORDED", "BROADER", "UNSUPPORTED"];
const worst = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.reduce<Verdict>((a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a), "NOT_COLLECTED");

/** A text of bank.yaml, and which language has none of its own. */
const shown = (both: Both) => {
  const { en, ja } = typeof both === "string" ? { en: both, ja: both } : both;
  const missing = en === undefined ? ("EN" as const) : ja === undefined ? ("JA" as const) : null;
  return { ...toText(both), missing };
};
