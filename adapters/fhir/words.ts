import { type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import type { RangeTest, Unit } from "../local.ts";
import type { FhirOptions } from "./options.ts";
import type { Param } from "./search.ts";

/** How a field is asked for on one resource: the parameter's name, with the way that leads to it. */
export type Word = { readonly name: string; readonly spell: (code: string) => string };

const DONOR_KEYS = {
  SEX: "sex",
  COHORT: "cohort",
  FAMILY: "family",
  PROGRAMME: "programme",
  DATA: "data",
  USE: "use",
  CENTRE: "centre",
} as const;
const SAMPLE_KEYS = {
  SAMPLE_TYPE: "type",
  SAMPLE_ORIGIN: "origin",
  STORAGE: "storage",
  AGE_AT_COLLECTION: "age",
  COLLECTED_YEAR: "year",
} as const;

/**
 * The parameter by which a field is asked for when this unit is counted: a donor's own (`gender`), what another resource
 * says of the donor (`_has:Condition:patient:code`), a sample's own (`type`) or its donor's (`patient.gender`,
 * `patient._has:Condition:patient:code`). Undefined where bank.yaml names none.
 */
export const wordOf = (options: FhirOptions, field: FieldName, unit: Unit): Word | undefined => {
  const { donors, diseases, samples } = options;
  const onSamples = samples === undefined ? "" : `${samples.reference === "patient" ? "patient" : "subject:Patient"}.`;
  const way = unit === "DONORS" ? "" : onSamples;
  if (field === "DISEASE") {
    if (diseases === undefined) return undefined;
    const { resource, reference, code, system } = diseases;
    return { name: `${way}_has:${resource}:${reference}:${code}`, spell: speller(system) };
  }
  if (!isSampleField(field)) {
    const given = donors[DONOR_KEYS[field]];
    return given && { name: way + given.param, spell: speller(given.system) };
  }
  const given = samples?.[SAMPLE_KEYS[field]];
  if (samples === undefined || given === undefined) return undefined;
  const has = unit === "DONORS" ? `_has:${samples.resource}:${samples.reference}:` : "";
  return { name: has + given.param, spell: speller(given.system) };
};

/** The resource that is counted. */
export const resourceOf = (unit: Unit): string => (unit === "DONORS" ? "Patient" : "Specimen");

/** A code that no server has. */
export const NO_CODE = "odan-no-such-code";

/** Comma, bar, dollar and backslash mean something in a value and are escaped, but for the bar after a system. */
export const escaped = (text: string): string => text.replace(/[\\,|$]/g, (sign) => `\\${sign}`);

/** Spells a local code as a token: `system|code`, or the bare code. */
const speller = (system: string | { readonly [code: string]: string } | undefined): Word["spell"] => {
  const token = (uri: string, code: string): string => `${escaped(uri)}|${escaped(code)}`;
  return (local) => {
    if (typeof system === "string") return token(system, local);
    const own = system?.[local];
    if (own !== undefined) return token(own, local);
    const [, prefix = "", rest = ""] = /^([^:]+):(.+)$/s.exec(local) ?? [];
    const ofPrefix = system?.[prefix];
    if (ofPrefix !== undefined) return token(ofPrefix, rest);
    const bar = local.indexOf("|");
    return bar > 0 ? token(local.slice(0, bar), local.slice(bar + 1)) : escaped(local);
  };
};

/** The lowest and the highest number that a field can be compared with, as the server reads them. */
export const extremes = (field: FieldName): { readonly low: string; readonly high: string } =>
  field === "COLLECTED_YEAR" ? { low: "0001", high: "9999" } : { low: "0", high: "999" };

/**
 * A range as comparisons that hold together: `ge` its first number and `lt` the one after its last, which is right for
 * numbers, quantities, years and days alike. Null: no number lies in it.
 */
export const comparisons = (name: string, field: FieldName, { from, to }: RangeTest): readonly Param[] | null => {
  const year = field === "COLLECTED_YEAR";
  const low = Math.max(year ? 1 : 0, from ?? 0);
  const end = to === null ? null : to + 1;
  if (end !== null && end <= low) return null;
  const spelled = (number: number) => (year ? String(number).padStart(4, "0") : String(number));
  if (year && low > 9999) return null;
  const lower: Param = [name, `ge${spelled(low)}`];
  const upper: readonly Param[] = end === null || (year && end > 9999) ? [] : [[name, `lt${spelled(end)}`]];
  return from === null && upper.length > 0 ? upper : [lower, ...upper];
};

/** The fields that bank.yaml both names a parameter for and maps; numbers need no mapping. */
export const askable = (
  options: FhirOptions,
  mapping: MappedCodes,
  fields: readonly FieldName[],
): readonly FieldName[] =>
  fields.filter(
    (field) =>
      wordOf(options, field, "DONORS") !== undefined &&
      (isNumberField(field) || (mapping[field]?.codes.length ?? 0) > 0),
  );
