import type { EntryType } from "./beacon-index.ts";
import type { BeaconRequest, Granularity } from "./request.ts";
import type { Term } from "./terms.ts";

/** An edition of the beacon's data, as `/info` shows it. */
export type BeaconRelease = { readonly number: string; readonly date: string };

/** How the beacon blurs its counts: not at all, counts below a floor raised to it, or rounded up to tens or hundreds. */
export type Precision = { readonly kind: "exact" } | { readonly kind: "floor" | "rounded"; readonly to: number };

/** The version of the standard that the beacon speaks. */
export const API_VERSION = "v2.0.0";
const BEACON_ID = "jp.example.tmm.beacon";
const SPECIFICATION = "Beacon v2.0.0";
const SCHEMA_PAGE = "https://github.com/ga4gh-beacon/beacon-v2/blob/main/";

/** Singular entry type, plural path. */
export const PATHS: { readonly [E in EntryType]: string } = { individual: "individuals", biosample: "biosamples" };
/** The entry types that can be counted. */
export const ENTRY_TYPES = Object.keys(PATHS) as EntryType[];

const entryType = (id: EntryType, name: string, ontology: readonly [string, string]): object => ({
  id,
  name,
  ontologyTermForThisType: { id: ontology[0], label: ontology[1] },
  partOfSpecification: SPECIFICATION,
  defaultSchema: {
    id: schemaOf(id),
    name: `Default schema for ${name.toLowerCase()}`,
    referenceToSchemaDefinition: `${SCHEMA_PAGE}models/json/beacon-v2-default-model/${PATHS[id]}/defaultSchema.json`,
    schemaVersion: API_VERSION,
  },
  additionallySupportedSchemas: [],
  nonFilteredQueriesAllowed: true,
});
const schemaOf = (entry: EntryType): string => `ga4gh-beacon-${entry}-v2.0.0`;

const ENTRIES = {
  individual: entryType("individual", "Individual", ["NCIT:C25190", "Person"]),
  biosample: entryType("biosample", "Biological Sample", ["NCIT:C70699", "Biospecimen"]),
};

const informational = (kind: string): object => ({
  beaconId: BEACON_ID,
  apiVersion: API_VERSION,
  returnedSchemas: [{ entityType: kind, schema: `beacon-${kind}-v2.0.0` }],
});

/** `/info` and `/`. */
export const info = (release: BeaconRelease, url: string): object => ({
  meta: informational("info"),
  response: {
    id: BEACON_ID,
    name: "Tohoku Medical Megabank (synthetic)",
    apiVersion: API_VERSION,
    environment: "test",
    organization: {
      id: "jp.example.tmm",
      name: "Tohoku Medical Megabank (synthetic)",
      contactUrl: "mailto:office@tmm.example",
    },
    description: "A synthetic population. No record in it stands for a person.",
    version: release.number,
    welcomeUrl: url,
    createDateTime: `${release.date}T00:00:00Z`,
    updateDateTime: `${release.date}T00:00:00Z`,
  },
});

/** `/service-info` of GA4GH, which has no `meta`. */
export const serviceInfo = (release: BeaconRelease): object => ({
  id: BEACON_ID,
  name: "Tohoku Medical Megabank (synthetic)",
  type: { group: "org.ga4gh", artifact: "beacon", version: API_VERSION },
  organization: { name: "Tohoku Medical Megabank (synthetic)", url: "https://tmm.example/" },
  updatedAt: `${release.date}T00:00:00Z`,
  environment: "test",
  version: release.number,
});

/** `/configuration`. */
export const configuration = (granularity: Granularity): object => ({
  meta: informational("configuration"),
  response: {
    $schema: `${SCHEMA_PAGE}framework/json/configuration/beaconConfigurationSchema.json`,
    maturityAttributes: { productionStatus: "TEST" },
    securityAttributes: { defaultGranularity: granularity, securityLevels: ["PUBLIC"] },
    entryTypes: ENTRIES,
  },
});

/** `/entry_types`. */
export const entryTypes = (): object => ({ meta: informational("entry_types"), response: { entryTypes: ENTRIES } });

/** `/map`, with absolute addresses. */
export const map = (url: string): object => ({
  meta: informational("map"),
  response: {
    $schema: `${SCHEMA_PAGE}framework/json/configuration/beaconMapSchema.json`,
    endpointSets: Object.fromEntries(
      ENTRY_TYPES.map((entry) => {
        const rootUrl = `${url}${PATHS[entry]}`;
        return [`${entry}Endpoints`, { entryType: entry, rootUrl, filteringTermsUrl: `${rootUrl}/filtering_terms` }];
      }),
    ),
  },
});

/** `/filtering_terms`, one page of it: `skip` counts pages (or terms), `limit` 0 is everything. */
export const filteringTerms = (
  terms: readonly Term[],
  { pagination: { skip, limit } }: BeaconRequest,
  skips: "pages" | "terms" = "pages",
): object => ({
  meta: informational("filtering_terms"),
  response: {
    resources: RESOURCES,
    filteringTerms: pageOf(terms, skips === "pages" ? skip * limit : skip, limit).map((term) => ({
      type: term.type,
      id: term.id,
      label: term.label,
      scopes: term.scopes,
      ...(term.values === undefined ? {} : { values: term.values }),
    })),
  },
});

const pageOf = (terms: readonly Term[], from: number, limit: number): readonly Term[] =>
  limit === 0 ? terms : terms.slice(from, from + limit);

const RESOURCES = [
  { id: "ncit", name: "NCI Thesaurus", nameSpacePrefix: "NCIT", iriPrefix: "http://purl.obolibrary.org/obo/NCIT_" },
  { id: "obi", name: "Ontology for Biomedical Investigations", nameSpacePrefix: "OBI" },
  { id: "icd10", name: "International Classification of Diseases, 10th revision", nameSpacePrefix: "ICD10" },
];

const received = (request: BeaconRequest): object => ({
  apiVersion: request.apiVersion,
  requestedSchemas: request.requestedSchemas,
  filters: request.filters.map(({ id }) => id),
  pagination: request.pagination,
  requestedGranularity: request.granularity,
  includeResultsetResponses: request.includeResultsetResponses,
  ...(request.testMode ? { testMode: true } : {}),
});

const meta = (request: BeaconRequest, returnedGranularity: Granularity, entry: EntryType | null): object => ({
  beaconId: BEACON_ID,
  apiVersion: API_VERSION,
  returnedGranularity,
  returnedSchemas: entry === null ? [] : [{ entityType: entry, schema: schemaOf(entry) }],
  receivedRequestSummary: received(request),
  ...(request.testMode ? { testMode: true } : {}),
});

/** What a count was asked for with, and how the beacon gives it. */
type Counted = {
  readonly release: BeaconRelease;
  readonly request: BeaconRequest;
  readonly entry: EntryType;
  readonly granularity: "boolean" | "count";
  readonly precision: Precision;
};

/**
 * How many records there are, or only whether there are any. A raised count leaves `exists` as it is. `info` is where the
 * standard lets a beacon say more: this one states the release that it counted in.
 */
export const counted = (count: number, { release, request, entry, granularity, precision }: Counted): object => {
  const exists = count > 0;
  const info = { release: release.number };
  if (granularity === "boolean") return { meta: meta(request, "boolean", entry), info, responseSummary: { exists } };
  return {
    meta: meta(request, "count", entry),
    info,
    responseSummary: { exists, numTotalResults: blurred(count, precision), ...announced(precision) },
  };
};

const blurred = (count: number, precision: Precision): number => {
  if (precision.kind === "floor") return Math.max(count, precision.to);
  return precision.kind === "rounded" ? Math.ceil(count / precision.to) * precision.to : count;
};

/** The precision of a count in the members that EGA's reference implementation uses; the standard has none. */
const announced = ({ kind, ...more }: Precision): object => {
  if (kind === "exact") return {};
  return { countPrecision: kind === "floor" ? "imprecise" : "rounded", countAdjustedTo: Object.values(more) };
};

/** The error envelope. */
export const failed = (request: BeaconRequest, status: number, message: string): object => ({
  meta: meta(request, request.granularity, null),
  error: { errorCode: status, errorMessage: message },
});
