import { asObject, type JsonObject, printable } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { bankBroken, caught, caughtNow } from "../kit/failures.ts";
import { onceEach, type Some } from "../kit/once-each.ts";
import { parseCount } from "../kit/parse-count.ts";
import { asObjects, type FhirClient, failure, outcomeOf } from "./http.ts";
import { ignoredBy, nextPage, type Param, pathOf, queryOf, type Search, withParams } from "./search.ts";
import { type SendTogether, shrinking } from "./shrinking.ts";

/** How a server states the number of matches: without matches, with a total beside none, or page by page. */
export type Counting = "summary" | "total" | "pages";

/**
 * What has been found out about a server before anything is counted. `batch`: the most searches in one bundle; 0: it takes no
 * bundles. `echoes`: its self links name what it took.
 */
export type Manner = { readonly batch: number; readonly counting: Counting; readonly echoes: boolean };

type Outcomes<T> = readonly (T | BankError)[];
type Counted = { readonly counts: Outcomes<number>; readonly last: JsonObject | undefined };

const MOST_PAGES = 50;
const LONGEST_URL = 2000;
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

/** What a server can be asked for. */
export type FhirServer = ReturnType<typeof fhirServer>;

/** A server that is asked in one manner. An outcome that cannot be known is a BankError in its slot. */
export const fhirServer = (bank: string, client: FhirClient, { batch, counting, echoes }: Manner) => {
  const together = batch > 0 ? shrinking(sendBatch(bank, client)) : sendAlone(bank, client);
  const requireEcho = (bundle: JsonObject, search: Search): void => {
    const ignored = echoes ? ignoredBy(bundle, search) : undefined;
    if (ignored === undefined) return;
    throw bankBroken(bank, `self link: wanted what was asked, got it without ${ignored}`);
  };
  /** Every match by its id, page by page, only by next links below the server's own address. @throws {BankError} */
  const readAll = async (search: Search, signal: AbortSignal): Promise<ReadonlyMap<string, JsonObject>> => {
    const found = new Map<string, JsonObject>();
    let bundle = await sendOne(bank, client, search, signal);
    requireEcho(bundle, search);
    for (let page = 1; ; page += 1) {
      for (const resource of matches(bank, bundle, search.resource)) found.set(String(resource["id"]), resource);
      const next = nextPage(bundle);
      if (next === undefined) return found;
      if (page === MOST_PAGES) {
        const detail = `/${search.resource}: wanted ${MOST_PAGES} pages at most, got more`;
        throw new BankError("BANK_UNSUPPORTED", bank, detail);
      }
      bundle = searchset(bank, search.resource, await client.fetch(next, signal));
    }
  };
  /** Counts by one request, and reads the resource at `last` after the counts; undefined where it takes no bundles. */
  const countTogether = async (searches: Some<Search>, signal: AbortSignal, last?: string): Promise<Counted> => {
    if (counting === "pages") {
      const { size } = await readAll(withParams(searches[0], PAGE), signal);
      return { counts: [size], last: undefined };
    }
    const asked = searches.map((search) => withParams(search, WITHOUT_MATCHES[counting]));
    const answer = await together(asked, signal, last);
    const counts = answer.found.map((bundle, at) =>
      bundle instanceof BankError
        ? bundle
        : caughtNow(() => {
            requireEcho(bundle, asked[at]!);
            return parseCount(bank, "Bundle.total", bundle["total"]);
          }),
    );
    return { counts, last: answer.last };
  };
  const inBundle = Math.max(1, batch);
  const most = counting === "pages" ? 1 : inBundle;
  return {
    /** How many searches `countTogether` takes. */
    most,
    countTogether,
    readAll,
    /** The searchset of each search. */
    search: (searches: readonly Search[], signal: AbortSignal): Promise<Outcomes<JsonObject>> =>
      onceEach(searches, {
        keyOf: pathOf,
        most: inBundle,
        send: async (part) => (await together(part, signal)).found,
      }),
    /** How many resources match each search. */
    count: (searches: readonly Search[], signal: AbortSignal): Promise<Outcomes<number>> =>
      onceEach(searches, { keyOf: pathOf, most, send: async (part) => (await countTogether(part, signal)).counts }),
  };
};

/** For servers that take no bundles: one request for each search. */
const sendAlone =
  (bank: string, client: FhirClient): SendTogether =>
  async (searches, signal) => ({
    found: await Promise.all(searches.map((search) => caught(() => sendOne(bank, client, search, signal)))),
    last: undefined,
  });

const sendOne = async (bank: string, client: FhirClient, search: Search, signal: AbortSignal): Promise<JsonObject> => {
  const path = pathOf(search);
  const form = { type: "application/x-www-form-urlencoded", text: queryOf(search) };
  const answer =
    path.length <= LONGEST_URL
      ? await client.fetch(path, signal)
      : await client.fetch(`${search.resource}/_search`, signal, form);
  return searchset(bank, search.resource, answer);
};

/** Sends a `batch` bundle. @throws {BankError} for the whole of it, or for `last` */
const sendBatch =
  (bank: string, client: FhirClient): SendTogether =>
  async (searches, signal, last) => {
    const paths = [...searches.map(pathOf), ...(last === undefined ? [] : [last])];
    const entry = paths.map((url) => ({ request: { method: "GET", url } }));
    const text = JSON.stringify({ resourceType: "Bundle", type: "batch", entry });
    const answer = await client.fetch("", signal, { type: "application/fhir+json", text });
    const entries = asObjects(answer["entry"]);
    if (answer["type"] !== "batch-response" || entries.length !== paths.length) {
      const got = `${entries.length} of type ${printable(String(answer["type"] ?? "none"))}`;
      throw bankBroken(bank, `batch: wanted ${paths.length} entries of a batch-response, got ${got}`);
    }
    const found = searches.map(({ resource }, at) =>
      caughtNow(() => searchset(bank, resource, resourceIn(bank, resource, entries[at]!))),
    );
    return { found, last: last === undefined ? undefined : resourceIn(bank, last, entries.at(-1)!) };
  };

/** The resource in an entry of a batch. @throws {BankError} */
const resourceIn = (bank: string, name: string, entry: JsonObject): JsonObject => {
  const response = asObject(entry["response"]);
  const status = Number.parseInt(String(response?.["status"]), 10);
  const resource = asObject(entry["resource"]) ?? asObject(response?.["outcome"]);
  if (status !== 200) throw failure(bank, `/${name} in a batch`, { status }, resource);
  return resource ?? {};
};

/** A searchset that says nothing against itself: servers may answer 200 and state beside it what they did not do. */
const searchset = (bank: string, name: string, bundle: JsonObject): JsonObject => {
  if (bundle["resourceType"] !== "Bundle" || (bundle["type"] ?? "searchset") !== "searchset") {
    const got = printable(String(bundle["type"] ?? bundle["resourceType"] ?? "none"));
    throw bankBroken(bank, `/${name}: wanted a searchset, got ${got}`);
  }
  for (const entry of asObjects(bundle["entry"])) {
    if (asObject(entry["search"])?.["mode"] !== "outcome") continue;
    const outcome = asObject(entry["resource"]) ?? {};
    if (asObjects(outcome["issue"]).every(({ severity }) => severity === "information")) continue;
    throw new BankError("BANK_UNSUPPORTED", bank, `/${name}: wanted no warnings, got ${outcomeOf(outcome)}`);
  }
  return bundle;
};

/** The resources of a kind in a bundle. @throws {BankError} where one has no id */
const matches = (bank: string, bundle: JsonObject, kind: string): readonly JsonObject[] => {
  const found = resourcesIn(bundle).filter(({ resourceType }) => resourceType === kind);
  if (found.every(({ id }) => typeof id === "string")) return found;
  throw bankBroken(bank, `/${kind}: wanted ids, got none`);
};

/** The resources in a bundle. */
export const resourcesIn = (bundle: JsonObject): readonly JsonObject[] =>
  asObjects(asObjects(bundle["entry"]).map((entry) => entry["resource"]));
