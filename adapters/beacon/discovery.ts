import { createHash } from "node:crypto";
import { asObject, type JsonClient, type JsonObject } from "../../net/http/json-client.ts";
import { statusOf } from "../../net/http/status-fault.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Release } from "../local.ts";
import type { BeaconOptions } from "./options.ts";

/** HTTP statuses of a beacon that has no /map. */
const NO_MAP: ReadonlySet<number | undefined> = new Set([404, 405, 501]);
const PAGE = 1000;
const MOST_PAGES = 1000;

/** Where donors and samples are counted. */
export type Endpoints = { readonly donors: URL; readonly samples: URL };

/** A filter that the beacon lists. `scopes` is empty where the beacon does not say. */
export type Term = { readonly id: string; readonly type: string; readonly scopes: readonly string[] };

/** A URL below the beacon's own. */
export const below = (options: BeaconOptions, path: string): URL => new URL(path, options.url.replace(/\/?$/, "/"));

/**
 * Finds the endpoints in /map. A beacon without a map has the standard's paths, and so has one whose map leads to another
 * host: behind a proxy maps name hosts that cannot be reached, and nobody registered that host.
 */
export const findEndpoints = async (
  client: JsonClient,
  options: BeaconOptions,
  signal: AbortSignal,
): Promise<Endpoints> => {
  const standard = { donors: below(options, "individuals"), samples: below(options, "biosamples") };
  const answer = await client.fetch(below(options, "map"), signal).catch((error: unknown) => {
    if (error instanceof BankError && NO_MAP.has(statusOf(error))) return {} as JsonObject;
    throw error;
  });
  const sets = Object.values(asObject(asObject(answer["response"])?.["endpointSets"]) ?? {}).map(asObject);
  const rootOf = (entryType: string, otherwise: URL): URL => {
    const root = sets.find((set) => set?.["entryType"] === entryType)?.["rootUrl"];
    const url = typeof root === "string" && URL.canParse(root, otherwise) ? new URL(root, otherwise) : otherwise;
    return url.origin === otherwise.origin ? url : otherwise;
  };
  return { donors: rootOf("individual", standard.donors), samples: rootOf("biosample", standard.samples) };
};

/** Reads /filtering_terms to its end; `skip` counts pages. @throws {BankError} BANK_BROKEN if there is no end */
export const listTerms = async (
  bank: string,
  client: JsonClient,
  options: BeaconOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Term>> => {
  const terms = new Map<string, Term>();
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await client.fetch(below(options, `filtering_terms?skip=${page}&limit=${PAGE}`), signal);
    const listed = asObject(answer["response"])?.["filteringTerms"];
    if (!Array.isArray(listed)) {
      throw new BankError("BANK_BROKEN", bank, "filtering_terms: wanted response.filteringTerms, got none");
    }
    const before = terms.size;
    for (const term of listed.map(readTerm)) if (term !== undefined) terms.set(term.id, term);
    // A server that gives smaller pages than asked for ends with an empty one, one that knows no pages repeats itself.
    if (terms.size === before) return terms;
  }
  throw new BankError("BANK_BROKEN", bank, `filtering_terms: wanted at most ${MOST_PAGES} pages, got more`);
};

/**
 * Reads which release the beacon serves: `<bank>@<version>` of /info, ANNOUNCED; without a version it is told by the time
 * of the last update or, failing that, by all of /info, WATCHED. @throws {BankError}
 */
export const readRelease = async (
  bank: string,
  client: JsonClient,
  options: BeaconOptions,
  signal: AbortSignal,
): Promise<Release> => {
  const info = asObject((await client.fetch(below(options, "info"), signal))["response"]);
  if (info === undefined) throw new BankError("BANK_BROKEN", bank, "info: wanted `response`, got none");
  const { version, updateDateTime } = info;
  const updated = typeof updateDateTime === "string" && updateDateTime !== "" ? updateDateTime : undefined;
  const date = (updated ?? new Date().toISOString()).slice(0, 10);
  if (typeof version === "string" && version !== "") return { id: `${bank}@${version}`, date, kind: "ANNOUNCED" };
  const seen = updated ?? createHash("sha256").update(JSON.stringify(info)).digest("hex").slice(0, 16);
  return { id: `${bank}@${seen}`, date, kind: "WATCHED" };
};

const readTerm = (value: unknown): Term | undefined => {
  const term = asObject(value);
  const { id, type, scopes } = term ?? {};
  if (typeof id !== "string") return undefined;
  return {
    id,
    type: typeof type === "string" ? type : "",
    scopes: Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === "string") : [],
  };
};
