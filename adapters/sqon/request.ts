import { asObject, type Dialect, type JsonClient, type JsonObject } from "../../net/http/json-client.ts";
import { BankError, type BankErrorCode } from "../../schema/bank-error.ts";
import { bankBroken, caughtNow } from "../kit/failures.ts";
import { parseCount } from "../kit/parse-count.ts";
import { serverWords, shown } from "../kit/server-words.ts";
import type { Range, Release } from "../local.ts";
import type { SqonOptions } from "./options.ts";

/** A count of the documents of one index; `filter` is a SQON as JSON. */
export type Count = { readonly index: string; readonly filter: string };

/** HTTP 400 is BANK_BROKEN: GraphQL answers so to a request that does not fit its schema, whatever the question. */
export const GRAPHQL: Dialect = {
  said: (answer) =>
    serverWords(Array.isArray(answer["errors"]) ? asObject(answer["errors"][0])?.["message"] : undefined),
};

/** See catalogueServer. */
export type CatalogueServer = ReturnType<typeof catalogueServer>;

/** A catalogue's server. @throws {BankError} from each of its functions */
export const catalogueServer = (bank: string, { url, release: place }: SqonOptions, client: JsonClient) => {
  const endpoint = new URL(url);
  const released = `${place.field} { ${place.id} ${place.date} }`;
  return {
    /** Takes any number of counts in one request; none: the release alone. */
    async count(counts: readonly Count[], signal: AbortSignal) {
      const answer = await client.fetch(endpoint, signal, countsBody(released, counts));
      const release = readRelease(bank, answer, place);
      const outcomes = counts.map(({ index }, at) => caughtNow(() => readCount(bank, answer, index, aliasOf(at))));
      return { release, outcomes };
    },

    /** Names every field of each index that will be filtered by, so that the server says which of them it does not have. */
    async check(paths: ReadonlyMap<string, readonly string[]>, signal: AbortSignal): Promise<Release> {
      const answer = await client.fetch(endpoint, signal, checkBody(released, paths));
      for (const index of paths.keys()) requireNoError(bank, answer, [index]);
      return readRelease(bank, answer, place);
    },
  };
};

/** Names a count in the request and in the answer, and its filter in the variables. */
const aliasOf = (at: number): string => `q${at}`;

const countsBody = (released: string, counts: readonly Count[]): string => {
  const hits = new Map<string, string[]>();
  for (const [at, { index }] of counts.entries()) {
    const ofIndex = hits.get(index) ?? [];
    ofIndex.push(`${aliasOf(at)}: hits(filters: $${aliasOf(at)}, first: 0) { total }`);
    hits.set(index, ofIndex);
  }
  const roots = [...hits].map(([index, ofIndex]) => `${index} { ${ofIndex.join(" ")} }`);
  const declared = counts.map((_, at) => `$${aliasOf(at)}: JSON`).join(", ");
  const query = `query${declared === "" ? "" : `(${declared})`} { ${[released, ...roots].join(" ")} }`;
  const variables = counts.map(({ filter }, at) => `"${aliasOf(at)}":${filter}`).join(",");
  return `{"query":${JSON.stringify(query)},"variables":{${variables}}}`;
};

const checkBody = (released: string, paths: ReadonlyMap<string, readonly string[]>): string => {
  // Of documents without any field there is nothing to check; an empty selection is no GraphQL.
  const selections = [...paths].flatMap(([index, of]) => {
    const names = of.map((path) => `${path.replaceAll(".", "__")} { __typename }`);
    return names.length === 0 ? [] : [`${index} { aggregations { ${names.join(" ")} } }`];
  });
  return JSON.stringify({ query: `query { ${[released, ...selections].join(" ")} }` });
};

const readCount = (bank: string, answer: JsonObject, index: string, alias: string): Range => {
  requireNoError(bank, answer, [index, alias]);
  const hits = asObject(asObject(asObject(answer["data"])?.[index])?.[alias]);
  const total = parseCount(bank, `${index}.hits.total`, hits?.["total"]);
  return { min: total, max: total };
};

const readRelease = (bank: string, answer: JsonObject, place: SqonOptions["release"]): Release => {
  requireNoError(bank, answer, [place.field]);
  const stated = asObject(asObject(answer["data"])?.[place.field]);
  const broken = (name: string, wanted: string, got: string | undefined): BankError =>
    bankBroken(bank, `${place.field}.${name}: wanted ${wanted}, got ${got}`);
  const text = (name: string): string => {
    const value = stated?.[name];
    if ((typeof value === "string" && value !== "") || typeof value === "number") return String(value);
    throw broken(name, "a text", shown(value));
  };
  const date = text(place.date).slice(0, 10);
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) throw broken(place.date, "a date", serverWords(date));
  return { id: `${bank}@${text(place.id)}`, date, kind: "ANNOUNCED" };
};

/** @throws {BankError} for the first error of an answer that is about no path, or about this one */
const requireNoError = (bank: string, answer: JsonObject, path: readonly string[]): void => {
  const { errors } = answer;
  if (errors === undefined || errors === null) return;
  if (!Array.isArray(errors)) throw bankBroken(bank, "errors: wanted a list, got something else");
  for (const error of errors.map((each) => asObject(each) ?? {})) {
    const at: readonly unknown[] = Array.isArray(error["path"]) ? error["path"] : [];
    if (!path.every((name, depth) => at.length <= depth || at[depth] === name)) continue;
    const code = asObject(error["extensions"])?.["code"];
    const message = serverWords(error["message"]) ?? "an error without a message";
    throw new BankError(CODES.get(code) ?? "BANK_BROKEN", bank, `${path[0]}: wanted an answer, got ${message}`);
  }
};

/** What the codes of GraphQL errors that servers have in common mean; any other one is a fault of the bank's. */
const CODES: ReadonlyMap<unknown, BankErrorCode> = new Map<unknown, BankErrorCode>([
  ["UNAUTHENTICATED", "BANK_REFUSED"],
  ["FORBIDDEN", "BANK_REFUSED"],
  ["BAD_USER_INPUT", "BANK_UNSUPPORTED"],
  ["TOO_MANY_REQUESTS", "BANK_BUSY"],
  ["RATE_LIMITED", "BANK_BUSY"],
  ["SERVICE_UNAVAILABLE", "BANK_BUSY"],
]);
