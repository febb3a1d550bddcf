import { asObject, type JsonObject, printable } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { toldCount } from "../kit/parse-count.ts";
import { asObjects, type FhirClient, failure, outcomeOf } from "./http.ts";

/** One search parameter: name with its modifiers, and value. */
export type Param = readonly [name: string, value: string];

/** A FHIR search: parameters are joined by AND, the commas within one by OR. */
export type Search = { readonly resource: string; readonly params: readonly Param[] };

/** How a server tells the number of matches: without matches, with a total beside none, or page by page. */
export type Counting = "summary" | "total" | "pages";

/** What has been found out about the server before anything is counted. `echoes`: its self links name what it took. */
export type Manner = { readonly batch: number; readonly counting: Counting; readonly echoes: boolean };

type Outcome<T> = Promise<readonly (T | BankError)[]>;

const MOST_PAGES = 50;
const PAGE: readonly Param[] = [
  ["_elements", "id"],
  ["_count", "1000"],
];
const WITHOUT_MATCHES: { readonly [C in Exclude<Counting, "pages">]: readonly Param[] } = {
  summary: [["_summary", "count"]],
  total: [
    ["_total", "accurate"],
    ["_count", "0"],
  ],
};
const LONGEST_URL = 2000;

/** Sends searches, as one `batch` bundle where the server takes such, and gives one searchset or BankError for each. */
export const send = async (
  bank: string,
  client: FhirClient,
  searches: readonly Search[],
  batch: number,
  signal: AbortSignal,
): Outcome<JsonObject> => (await sendAll(bank, client, searches, batch, [], signal)).found;

/** Counts what each search matches. A count that cannot be known is a BankError, never 0. */
export const count = async (
  bank: string,
  client: FhirClient,
  searches: readonly Search[],
  manner: Manner,
  signal: AbortSignal,
): Outcome<number> => (await countUntil(bank, client, searches, manner, [], signal)).counts;

/**
 * Counts what each search matches, and reads the resources at `last` by the last entries of each batch; none where no batch
 * is sent. @returns `read`: the resources, or why there are none, batch by batch.
 */
export const countUntil = async (
  bank: string,
  client: FhirClient,
  searches: readonly Search[],
  { batch, counting, echoes }: Manner,
  last: readonly string[],
  signal: AbortSignal,
): Promise<{
  readonly counts: readonly (number | BankError)[];
  readonly read: readonly (JsonObject | BankError)[];
}> => {
  if (counting === "pages") {
    const counts = searches.map((search) => caught(countPages(bank, client, search, echoes, signal)));
    return { counts: await Promise.all(counts), read: [] };
  }
  const asked = searches.map((search) => withParams(search, WITHOUT_MATCHES[counting]));
  const { found, read } = await sendAll(bank, client, asked, batch, last, signal);
  const counts = found.map((outcome, at) => {
    if (outcome instanceof BankError) return outcome;
    const ignored = echoes ? ignoredBy(outcome, asked[at]!) : undefined;
    if (ignored !== undefined) {
      return new BankError("BANK_BROKEN", bank, `self link: wanted what was asked, got it without ${ignored}`);
    }
    return toldCount(bank, "Bundle.total", outcome["total"]);
  });
  return { counts, read };
};

type Sent = {
  readonly found: readonly (JsonObject | BankError)[];
  readonly read: readonly (JsonObject | BankError)[];
};

const sendAll = async (
  bank: string,
  client: FhirClient,
  searches: readonly Search[],
  batch: number,
  last: readonly string[],
  signal: AbortSignal,
): Promise<Sent> => {
  if (batch === 0) {
    const found = searches.map((search) => caught(single(bank, client, search, signal)));
    return { found: await Promise.all(found), read: [] };
  }
  const most = Math.max(1, batch - last.length);
  const parts = Array.from({ length: Math.ceil(searches.length / most) }, (_, index) =>
    searches.slice(index * most, (index + 1) * most),
  );
  const sent = await Promise.all(
    parts.map(async (part): Promise<Sent> => {
      const outcome = await caught(together(bank, client, part, last, signal));
      return outcome instanceof BankError ? { found: part.map(() => outcome), read: [] } : outcome;
    }),
  );
  return { found: sent.flatMap(({ found }) => found), read: sent.flatMap(({ read }) => read) };
};

/** The first parameter of which the self link has fewer than were sent; undefined where none was left out. */
export const ignoredBy = (bundle: JsonObject, search: Search): string | undefined => {
  const self = linkOf(bundle, "self") ?? "";
  const query = self.includes("?") ? self.slice(self.indexOf("?") + 1) : "";
  if (query === queryOf(search)) return undefined;
  const taken = [...new URLSearchParams(query).keys()];
  const times = (names: readonly string[], name: string) => names.filter((other) => other === name).length;
  const sent = search.params.map(([name]) => name).filter((name) => !UNSPOKEN.has(name));
  return sent.find((name) => times(taken, name) < times(sent, name));
};

/** What a self link may leave out without changing what is counted. */
const UNSPOKEN = new Set(["_summary", "_total", "_count", "_elements"]);

export const withParams = (search: Search, more: readonly Param[]): Search => {
  const wider = { resource: search.resource, params: [...search.params, ...more] };
  queries.set(wider.params, [queryOf(search), encoded(more)].filter(Boolean).join("&"));
  return wider;
};

/** Written once: a query is sent more than once, and compared with the self link that comes back. */
const encoded = (params: readonly Param[]): string => {
  const query = queries.get(params) ?? new URLSearchParams(params.map(([n, v]) => [n, v])).toString();
  queries.set(params, query);
  return query;
};
const queries = new WeakMap<readonly Param[], string>();
const queryOf = ({ params }: Search): string => encoded(params);

/** A search as an address below the base. */
export const pathOf = (search: Search): string => {
  const query = queryOf(search);
  return query === "" ? search.resource : `${search.resource}?${query}`;
};

const caught = async <T>(work: Promise<T>): Promise<T | BankError> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BankError) return error;
    throw error;
  }
};

const single = async (bank: string, client: FhirClient, search: Search, signal: AbortSignal): Promise<JsonObject> => {
  const path = pathOf(search);
  const form = { type: "application/x-www-form-urlencoded", text: queryOf(search) };
  const answer =
    path.length <= LONGEST_URL
      ? await client.fetch(path, signal)
      : await client.fetch(`${search.resource}/_search`, signal, form);
  return searchset(bank, search.resource, answer);
};

const together = async (
  bank: string,
  client: FhirClient,
  searches: readonly Search[],
  last: readonly string[],
  signal: AbortSignal,
): Promise<Sent> => {
  const paths = [...searches.map(pathOf), ...last];
  const entry = paths.map((url) => ({ request: { method: "GET", url } }));
  const text = JSON.stringify({ resourceType: "Bundle", type: "batch", entry });
  const answer = await client.fetch("", signal, { type: "application/fhir+json", text });
  const entries = asObjects(answer["entry"]);
  if (answer["type"] !== "batch-response" || entries.length !== paths.length) {
    const got = `${entries.length} of type ${printable(String(answer["type"] ?? "none"))}`;
    throw new BankError("BANK_BROKEN", bank, `batch: wanted ${paths.length} entries of a batch-response, got ${got}`);
  }
  const outcomes = entries.map((one, at) => {
    const name = searches[at]?.resource ?? paths[at];
    const response = asObject(one["response"]);
    const status = Number.parseInt(String(response?.["status"]), 10);
    const resource = asObject(one["resource"]) ?? asObject(response?.["outcome"]);
    return status === 200 ? (resource ?? {}) : failure(bank, `/${name} in a batch`, { status }, resource);
  });
  const found = searches.map(({ resource: name }, at) => {
    const outcome = outcomes[at]!;
    try {
      return outcome instanceof BankError ? outcome : searchset(bank, name, outcome);
    } catch (error) {
      if (error instanceof BankError) return error;
      throw error;
    }
  });
  return { found, read: outcomes.slice(searches.length) };
};

/** A searchset that says nothing against itself: servers may answer 200 and tell beside it what they did not do. */
const searchset = (bank: string, name: string, bundle: JsonObject): JsonObject => {
  if (bundle["resourceType"] !== "Bundle" || (bundle["type"] ?? "searchset") !== "searchset") {
    const got = printable(String(bundle["type"] ?? bundle["resourceType"] ?? "none"));
    throw new BankError("BANK_BROKEN", bank, `/${name}: wanted a searchset, got ${got}`);
  }
  for (const entry of asObjects(bundle["entry"])) {
    if (asObject(entry["search"])?.["mode"] !== "outcome") continue;
    const outcome = asObject(entry["resource"]) ?? {};
    if (asObjects(outcome["issue"]).every(({ severity }) => severity === "information")) continue;
    throw new BankError("BANK_UNSUPPORTED", bank, `/${name}: wanted no warnings, got ${outcomeOf(outcome)}`);
  }
  return bundle;
};

/** Whether a page says that another one follows. */
export const hasNext = (bundle: JsonObject): boolean => linkOf(bundle, "next") !== undefined;

const linkOf = (bundle: JsonObject, relation: string): string | undefined => {
  const url = asObjects(bundle["link"]).find((link) => link["relation"] === relation)?.["url"];
  return typeof url === "string" ? url : undefined;
};

/** Counts by reading every match, the last resort. */
const countPages = async (
  bank: string,
  client: FhirClient,
  search: Search,
  echoes: boolean,
  signal: AbortSignal,
): Promise<number> => (await readAll(bank, client, withParams(search, PAGE), echoes, signal)).size;

/**
 * Reads every match, by its id: at most so many pages, and only by next links below the server's own address.
 * @throws {BankError}
 */
export const readAll = async (
  bank: string,
  client: FhirClient,
  search: Search,
  echoes: boolean,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, JsonObject>> => {
  const found = new Map<string, JsonObject>();
  let bundle = await single(bank, client, search, signal);
  const ignored = echoes ? ignoredBy(bundle, search) : undefined;
  if (ignored !== undefined) {
    throw new BankError("BANK_BROKEN", bank, `self link: wanted what was asked, got it without ${ignored}`);
  }
  for (let page = 1; ; page += 1) {
    for (const entry of asObjects(bundle["entry"])) {
      const resource = asObject(entry["resource"]);
      if (resource?.["resourceType"] !== search.resource) continue;
      const { id } = resource;
      if (typeof id !== "string") throw new BankError("BANK_BROKEN", bank, `/${search.resource}: wanted ids, got none`);
      found.set(id, resource);
    }
    const next = linkOf(bundle, "next");
    if (next === undefined) return found;
    if (page === MOST_PAGES) {
      throw new BankError(
        "BANK_UNSUPPORTED",
        bank,
        `/${search.resource}: wanted ${MOST_PAGES} pages at most, got more`,
      );
    }
    bundle = searchset(bank, search.resource, await client.fetch(next, signal));
  }
};
