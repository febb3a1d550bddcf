import type { Column, Tables, TypeName } from "./tables.ts";

/** The release of the data, as Library/release shows it. */
export type FhirRelease = { readonly number: string; readonly date: string };

const CORE: readonly string[] = ["_id", "gender", "code", "patient", "subject", "type", "collected"];
const KINDS: { readonly [K in Column["kind"]]: string } = {
  id: "token",
  token: "token",
  number: "number",
  date: "date",
  reference: "reference",
};

/** The CapabilityStatement. */
export const capabilityStatement = (tables: Tables, { date }: FhirRelease, base: string): object => ({
  resourceType: "CapabilityStatement",
  status: "active",
  date,
  kind: "instance",
  software: { name: "Odan sandbox", version: "1" },
  implementation: { description: `Rare-disease repository, data of ${date}`, url: base },
  fhirVersion: "4.0.1",
  format: ["application/fhir+json"],
  rest: [
    {
      mode: "server",
      interaction: [{ code: "batch" }],
      resource: (Object.keys(tables) as TypeName[]).map((type) => ({
        type,
        interaction: [{ code: "read" }, { code: "search-type" }],
        searchParam: [...tables[type].columns].map(([name, { kind }]) => ({
          name,
          type: KINDS[kind],
          ...(CORE.includes(name) ? {} : { definition: `https://rare.example/fhir/SearchParameter/${type}-${name}` }),
        })),
      })),
    },
  ],
});

/** The resource that shows the release of the data. */
export const releaseLibrary = ({ number, date }: FhirRelease): object => ({
  resourceType: "Library",
  id: "release",
  meta: { versionId: number },
  status: "active",
  type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/library-type", code: "asset-collection" }] },
  version: number,
  date,
});

/** An OperationOutcome of one error. */
export const operationOutcome = (status: number, diagnostics: string): object => ({
  resourceType: "OperationOutcome",
  issue: [{ severity: "error", code: CODES[status] ?? "exception", diagnostics }],
});
const CODES: { readonly [status: number]: string | undefined } = {
  400: "invalid",
  401: "login",
  404: "not-found",
  405: "not-supported",
  413: "too-long",
  415: "not-supported",
  429: "throttled",
  503: "throttled",
};
