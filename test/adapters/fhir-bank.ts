import type { Adapter, MappedCodes } from "../../adapters/adapter.ts";
import { fhir } from "../../adapters/fhir.ts";
import type { FhirDonor, Token } from "../../sandbox/rare/donors.ts";
import { type FhirServerOptions, fhirServer } from "../../sandbox/rare/server.ts";
import type { LocalDonor, LocalValues } from "./evaluate.ts";
import { MAPPING } from "./fixture.ts";
import { openAdapter, started } from "./kit-bank.ts";

const SYSTEM = "https://codes.example";

/** The options that fit the sandbox's FHIR server when it serves donors in local codes. */
export const OPTIONS = {
  kind: "fhir",
  donors: {
    sex: "gender",
    cohort: { param: "cohort", system: SYSTEM },
    family: "family",
    programme: "programme",
    data: "data",
    use: "use",
  },
  diseases: { reference: "subject", system: SYSTEM },
  samples: {
    reference: "patient",
    type: { param: "type", system: { "OBI:0001051": SYSTEM, OBI: SYSTEM } },
    origin: "origin",
    storage: "storage",
    age: "age-at-collection",
    year: "collected",
  },
  release: { resource: "Library/release" },
} as const;

const bare = (code: string): Token => ({ system: null, code });
const ofSystem = (code: string): Token => ({ system: SYSTEM, code });

/** Donors in local codes as the server keeps them: one Condition for each diagnosis. */
export const fhirDonorsOf = (donors: readonly LocalDonor[]): readonly FhirDonor[] =>
  donors.map(({ values, samples }, at) => ({
    id: `P${at + 1}`,
    tokens: {
      gender: tokens(values, "SEX", bare),
      cohort: tokens(values, "COHORT", ofSystem),
      family: tokens(values, "FAMILY", bare),
      programme: tokens(values, "PROGRAMME", bare),
      data: tokens(values, "DATA", bare),
      use: tokens(values, "USE", bare),
    },
    diagnoses: tokens(values, "DISEASE", ofSystem).map((token) => [token]),
    samples: samples.map((sample) => ({
      tokens: {
        type: tokens(sample.values, "SAMPLE_TYPE", typeToken),
        origin: tokens(sample.values, "SAMPLE_ORIGIN", bare),
        storage: tokens(sample.values, "STORAGE", bare),
      },
      age: sample.age,
      collected: sample.year === null ? null : `${sample.year}${at % 2 === 0 ? "" : "-12-31"}`,
    })),
  }));

const tokens = (values: LocalValues, field: keyof LocalValues, token: (code: string) => Token): readonly Token[] =>
  (values[field] ?? []).map(token);

/** As the options spell them: DNA by its whole code, the others by their prefix. */
const typeToken = (code: string): Token =>
  code === "OBI:0001051" ? ofSystem(code) : code.startsWith("OBI:") ? ofSystem(code.slice(4)) : bare(code);

/** Starts the sandbox's FHIR server. */
export const startFhir = (donors: readonly LocalDonor[], options: FhirServerOptions = {}) =>
  started(fhirServer(fhirDonorsOf(donors), options));

/** Opens an adapter on a URL. */
export const openFhir = (url: string, options: object = {}, mapping: MappedCodes = MAPPING): Promise<Adapter> =>
  openAdapter({ kind: fhir, options: { ...OPTIONS, url, ...options }, mapping });
