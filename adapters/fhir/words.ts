import type { FieldName } from "../../schema/fields.ts";
import { DONOR_KEYS, namedFields, SAMPLE_KEYS } from "../kit/field-options.ts";
import type { RangeTest, Unit } from "../local.ts";
import type { FhirOptions, Parameter } from "./options.ts";
import type { Param } from "./search.ts";

/** How a field is asked for on one resource: the parameter's name, with the path that leads to it, and the token of a code. */
export type Word = { readonly name: string; readonly spell: (code: string) => string };

/** The words by which fields are asked for, by the unit that is counted. Both units know the same fields. */
export type Words = { readonly [U in Unit]: ReadonlyMap<FieldName, Word> };

/**
 * The words of bank.yaml. When donors are counted, a parameter of their own (`gender`) or one of a resource that refers to
 * them (`_has:Condition:patient:code`); when samples are, a parameter of their own (`type`) or one of their donor
 * (`patient.gender`, `patient._has:Condition:patient:code`).
 */
export const wordsOf = ({ donors, diseases, samples }: FhirOptions): Words => {
  const words = { DONORS: new Map<FieldName, Word>(), SAMPLES: new Map<FieldName, Word>() };
  const put = (field: FieldName, system: Parameter["system"], onDonors: string, onSamples: string): void => {
    const spell = speller(system);
    words.DONORS.set(field, { name: onDonors, spell });
    words.SAMPLES.set(field, { name: onSamples, spell });
  };
  const ofDonor = (name: string): string =>
    `${samples?.reference === "subject" ? "subject:Patient" : "patient"}.${name}`;
  if (diseases !== undefined) {
    const name = `_has:${diseases.resource}:${diseases.reference}:${diseases.code}`;
    put("DISEASE", diseases.system, name, ofDonor(name));
  }
  for (const { field, said } of namedFields<Parameter>(DONOR_KEYS, donors)) {
    put(field, said.system, said.param, ofDonor(said.param));
  }
  if (samples === undefined) return words;
  for (const { field, said } of namedFields<Parameter>(SAMPLE_KEYS, samples)) {
    put(field, said.system, `_has:${samples.resource}:${samples.reference}:${said.param}`, said.param);
  }
  return words;
};

/** The resource that is counted. */
export const resourceOf = (unit: Unit): string => (unit === "DONORS" ? "Patient" : "Specimen");

/** A code that no server has. */
export const NO_CODE = "odan-no-such-code";

/** Comma, bar, dollar and backslash mean something in a value and are escaped, but for the bar after a system. */
export const escaped = (text: string): string => text.replace(/[\\,|$]/g, (sign) => `\\${sign}`);

/** Spells a local code as a token: `system|code`, or the bare code. */
const speller = (system: Parameter["system"]): Word["spell"] => {
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

/** The lowest and the highest bound that a field can be compared with, as the server reads them. */
export const extremes = (field: FieldName): { readonly low: string; readonly high: string } =>
  field === "COLLECTED_YEAR" ? { low: "0001-01-01", high: "9999-01-01" } : { low: "0", high: "999" };

/**
 * A range of ages as comparisons that hold together: `ge` its first number and `lt` the one after its last, which is right for
 * numbers and quantities alike. Null: no number lies in it.
 */
export const comparisons = (name: string, { from, to }: RangeTest): readonly Param[] | null => {
  const low = Math.max(0, from ?? 0);
  const end = to === null ? null : to + 1;
  if (end !== null && end <= low) return null;
  const upper: readonly Param[] = end === null ? [] : [[name, `lt${end}`]];
  return from === null && upper.length > 0 ? upper : [[name, `ge${low}`], ...upper];
};
