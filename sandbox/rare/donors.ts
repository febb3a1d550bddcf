import type { RecordedDonor, RecordedSample } from "../donor.ts";

/** A code as FHIR has it; `system` null where it has none. */
export type Token = { readonly system: string | null; readonly code: string };

/** Tokens by the name of the search parameter that finds them; a value that is missing has no token. */
export type Tokens = { readonly [param: string]: readonly Token[] };

/** `age` in completed years, `collected` a FHIR date of any precision, or a period `from/to`; null where it is missing. */
export type FhirSample = {
  readonly status?: string | null;
  readonly tokens: Tokens;
  readonly age: number | null;
  readonly collected: string | null;
};

/** A donor as the server keeps them: a Patient, a Condition for each diagnosis, a Specimen for each sample. */
export type FhirDonor = {
  readonly id: string;
  readonly tokens: Tokens;
  /** One Condition each; several tokens are codings of one and the same diagnosis. */
  readonly diagnoses: readonly (readonly Token[])[];
  readonly samples: readonly FhirSample[];
  /** Verification statuses of the diagnoses, in their order; default: confirmed. Null: none. */
  readonly verification?: readonly (string | null)[];
  /** Default true. */
  readonly active?: boolean;
  /** The id of the Patient that this one was merged into. */
  readonly replacedBy?: string;
};

const OWN = "https://rare.example/fhir/CodeSystem";

/** The code systems in which the repository records diagnoses: Orphanet's and the notice numbers. */
const SYSTEMS: { readonly [prefix: string]: string | undefined } = {
  ORPHA: "http://www.orpha.net",
  NANBYO: `${OWN}/nanbyo`,
};

const GENDER = { FEMALE: "female", MALE: "male", OTHER: "other" } as const;

/**
 * What the repository has recorded of a donor, as FHIR has it. A diagnosis is one Condition with the notice number and, where
 * there is one, the Orphanet code; ICD-10 is not kept.
 */
export const fhirDonor = (donor: RecordedDonor): FhirDonor => ({
  id: donor.id,
  tokens: {
    gender: donor.sex === null ? [] : [{ system: null, code: GENDER[donor.sex] }],
    cohort: [own("cohort", donor.cohort)],
    family: [own("family", donor.family)],
    programme: donor.programmes.map((code) => own("programme", code.replace(/^PROGRAMME:/, ""))),
    data: donor.data.map((code) => own("data", code)),
    use: donor.uses.map((code) => own("use", code)),
  },
  diagnoses: donor.diagnoses.length === 0 ? [] : [donor.diagnoses.flatMap(diagnosis)],
  samples: donor.samples.map(fhirSample),
});

/** A code of the repository's own, the same object each time. */
const own = (name: string, code: string): Token => {
  const key = `${name}/${code}`;
  const met = OWN_TOKENS.get(key);
  if (met !== undefined) return met;
  const token = { system: `${OWN}/${name}`, code: code.toLowerCase().replace(/_/g, "-") };
  OWN_TOKENS.set(key, token);
  return token;
};
const OWN_TOKENS = new Map<string, Token>();

const diagnosis = (curie: string): readonly Token[] => {
  const [, prefix = "", code = ""] = /^(\w+):(.+)$/.exec(curie) ?? [];
  const system = SYSTEMS[prefix];
  return system === undefined ? [] : [{ system, code }];
};

const fhirSample = ({ type, age, year }: RecordedSample): FhirSample => ({
  tokens: { type: type === null ? [] : [own("sample-type", type)] },
  age,
  collected: year === null ? null : String(year),
});
