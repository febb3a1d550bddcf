import { Refusal } from "../refusal.ts";
import type { EntryType } from "./beacon-index.ts";
import type { Check } from "./beacon-schemas.ts";

/** How fine an answer is. */
export type Granularity = "boolean" | "count" | "record";

/** One filter as it was sent; the schema has checked the types of what is there. */
export type Filter = {
  readonly id: string;
  readonly scope?: string;
  readonly includeDescendantTerms?: boolean;
  readonly similarity?: string;
  readonly operator?: unknown;
  readonly value?: unknown;
};

/** A request with the standard's defaults filled in. `skip` counts pages, `limit` 0 is everything. */
export type BeaconRequest = {
  readonly apiVersion: string;
  readonly requestedSchemas: readonly object[];
  readonly filters: readonly Filter[];
  readonly granularity: Granularity;
  readonly includeResultsetResponses: string;
  readonly pagination: { readonly skip: number; readonly limit: number };
  readonly testMode: boolean;
};

/** What `receivedRequestSummary` shows where a request could not even be read. */
export const UNREAD: BeaconRequest = {
  apiVersion: "v2.0.0",
  requestedSchemas: [],
  filters: [],
  granularity: "boolean",
  includeResultsetResponses: "HIT",
  pagination: { skip: 0, limit: 10 },
  testMode: false,
};

type Body = {
  readonly meta: { readonly apiVersion: string; readonly requestedSchemas?: readonly object[] };
  readonly query?: {
    readonly filters?: readonly Filter[];
    readonly requestedGranularity?: Granularity;
    readonly includeResultsetResponses?: string;
    readonly pagination?: { readonly skip?: number; readonly limit?: number };
    readonly requestParameters?: object;
    readonly testMode?: boolean;
  };
};

/** Reads the body of a POST by the official schema. @throws {Refusal} 400 */
export const fromBody = (text: string, check: Check): BeaconRequest => {
  const body = parse(text);
  const fault = check("requests/beaconRequestBody", body);
  if (fault !== null) throw new Refusal(400, `The request body is not valid: ${fault}.`);
  return complete(body as Body);
};

const PARAMETERS = [
  "filters",
  "requestedGranularity",
  "includeResultsetResponses",
  "skip",
  "limit",
  "requestedSchema",
  "testMode",
];

/** Reads the query of a GET, which has the members of a POST's body. @throws {Refusal} 400 */
export const fromQuery = (query: URLSearchParams, entryType: EntryType | null, check: Check): BeaconRequest => {
  const strange = [...query.keys()].find((name) => !PARAMETERS.includes(name));
  if (strange !== undefined) throw new Refusal(400, `Unknown parameter ${strange}.`);
  const schema = query.get("requestedSchema");
  const filters = query
    .getAll("filters")
    .flatMap((list) => list.split(","))
    .filter(Boolean);
  const body = {
    meta: {
      apiVersion: "v2.0.0",
      ...(schema === null || entryType === null ? {} : { requestedSchemas: [{ entityType: entryType, schema }] }),
    },
    query: {
      filters: filters.map(shortFilter),
      ...given(query, "requestedGranularity"),
      ...given(query, "includeResultsetResponses"),
      pagination: { ...given(query, "skip", Number), ...given(query, "limit", Number) },
      ...given(query, "testMode", (text) => (text === "true" ? true : text === "false" ? false : text)),
    },
  };
  return fromBody(JSON.stringify(body), check);
};

const given = (query: URLSearchParams, name: string, read: (text: string) => unknown = (text) => text): object => {
  const text = query.get(name);
  return text === null ? {} : { [name]: read(text) };
};

/** `collectedYear:>=2015` and `collectedYear>=2015` are alphanumeric filters, all else is a term. */
const shortFilter = (text: string): Filter => {
  const [, id, operator, value] = /^([^<>=!]+?):?(<=|>=|<|>|=|!)(.+)$/.exec(text) ?? [];
  return id === undefined ? { id: text } : { id, operator, value };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "The request body is not JSON.");
  }
};

const complete = ({ meta, query = {} }: Body): BeaconRequest => {
  if (!/^v?2(\.|$)/.test(meta.apiVersion)) {
    throw new Refusal(400, `This beacon speaks v2.0.0, the request wants ${meta.apiVersion}.`);
  }
  if (Object.keys(query.requestParameters ?? {}).length > 0) {
    throw new Refusal(400, "This beacon has no request parameters; use filters.");
  }
  return {
    apiVersion: meta.apiVersion,
    requestedSchemas: meta.requestedSchemas ?? UNREAD.requestedSchemas,
    filters: query.filters ?? UNREAD.filters,
    granularity: query.requestedGranularity ?? UNREAD.granularity,
    includeResultsetResponses: query.includeResultsetResponses ?? UNREAD.includeResultsetResponses,
    pagination: { ...UNREAD.pagination, ...query.pagination },
    testMode: query.testMode ?? UNREAD.testMode,
  };
};
