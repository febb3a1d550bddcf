import type { Adapter, MappedCodes } from "../../adapters/adapter.ts";
import { beacon } from "../../adapters/beacon.ts";
import { MISSING } from "../../sandbox/tmm/beacon-index.ts";
import type { BeaconData, Reach } from "../../sandbox/tmm/columns.ts";
import { type BeaconOptions, beaconServer } from "../../sandbox/tmm/server.ts";
import type { Term } from "../../sandbox/tmm/terms.ts";
import { type CodeField, FIELDS } from "../../schema/fields.ts";
import type { LocalDonor } from "./evaluate.ts";
import { MAPPING } from "./fixture.ts";
import { openAdapter, started } from "./kit-bank.ts";

/** The options that fit the sandbox's beacon, which joins biosample filters on individuals by any biosample. */
export const OPTIONS = {
  kind: "beacon",
  sampleAnd: "any",
  filters: { disease: { descendants: true }, age: { id: "age" }, year: { id: "year" } },
} as const;

/** Lays donors in local codes out as the sandbox's beacon serves them; it lists every mapped code that is not `of-nobody`. */
export const beaconDataOf = (donors: readonly LocalDonor[], reach: Reach = "both"): BeaconData => {
  const ofDonors = new Map<string, number[]>();
  const ofSamples = new Map<string, number[]>();
  const samples = donors.flatMap((donor, owner) => donor.samples.map((sample) => ({ ...sample, owner })));
  const put = (terms: Map<string, number[]>, codes: readonly string[], index: number) => {
    for (const code of codes) terms.set(code, [...(terms.get(code) ?? []), index]);
  };
  for (const [index, { values }] of donors.entries()) put(ofDonors, Object.values(values).flat(), index);
  for (const [index, { values }] of samples.entries()) put(ofSamples, Object.values(values).flat(), index);
  const indices = (terms: Map<string, number[]>) =>
    new Map([...terms].map(([code, list]) => [code, Uint32Array.from(list)]));
  return {
    columns: {
      individuals: donors.length,
      terms: indices(ofDonors),
      parents: new Map([
        ["ICD10:E11.2", "ICD10:E11"],
        ["ICD10:C34.1", "ICD10:C34"],
      ]),
      biosamples: {
        owner: Uint32Array.from(samples.map(({ owner }) => owner)),
        terms: indices(ofSamples),
        numbers: new Map([
          ["age", Int16Array.from(samples.map(({ age }) => age ?? MISSING))],
          ["year", Int16Array.from(samples.map(({ year }) => year ?? MISSING))],
        ]),
      },
    },
    terms: catalogue(reach),
  };
};

/** Starts the sandbox's beacon. */
export const startBeacon = (donors: readonly LocalDonor[], reach: Reach = "both", options: BeaconOptions = {}) =>
  started(beaconServer(beaconDataOf(donors, reach), options));

/** The fixture's mapping as its data are: donors and samples without a value are among them. */
export const TRUE_MAPPING: MappedCodes = Object.fromEntries(
  Object.entries(MAPPING).map(([field, of]) => [
    field,
    { ...of, complete: of.complete && FIELDS[field as CodeField].many },
  ]),
);

/** Opens an adapter on a URL. */
export const openBeacon = (url: string, options: object = {}, mapping: MappedCodes = TRUE_MAPPING): Promise<Adapter> =>
  openAdapter({ kind: beacon, options: { ...OPTIONS, url, ...options }, mapping });

const catalogue = (reach: Reach): readonly Term[] => {
  const term = (id: string, of: Term["of"], more: Partial<Term> = {}): Term => {
    const type = /^[A-Z]/.test(id) ? "ontologyTerm" : "custom";
    const other = of === "individual" ? "biosample" : "individual";
    return { id, label: id, type, of, scopes: reach === "both" ? [of, other] : [of], ...more };
  };
  const mapped = Object.entries(MAPPING).flatMap(([field, { codes }]) =>
    codes
      .filter((code) => !code.endsWith("of-nobody"))
      .map((code) => term(code, FIELDS[field as CodeField].of === "donor" ? "individual" : "biosample")),
  );
  return [
    ...mapped,
    term("age", "biosample", { type: "alphanumeric", value: "duration" }),
    term("year", "biosample", { type: "alphanumeric", value: "integer" }),
  ];
};
