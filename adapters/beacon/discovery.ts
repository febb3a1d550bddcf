import { createHash } from "node:crypto";
import { asObject, type JsonClient, type JsonObject } from "../../net/http/json-client.ts";
import { statusOf } from "../../net/http/status-fault.ts";
import { BankError } from "../../schema/bank-error.ts";
import { bankBroken } from "../kit/failures.ts";
import type { Release, Unit } from "../local.ts";
import type { BeaconOptions } from "./options.ts";

/** HTTP statuses of a beacon that has no /map. */
const NO_MAP: ReadonlySet<number | undefined> = new Set([404, 405, 501]);
const PAGE = 1000;
const MOST_PAGES = 1000;

/** A filter that the beacon lists. `scopes` is empty where the beacon does not say. */
export type Term = { readonly id: string; readonly type: string; readonly scopes: readonly string[] };

/** Reads what a beacon says of itself, each time anew. @throws {BankError} from each of its functions */
export const beaconDiscovery = (bank: string, { url: base }: BeaconOptions, client: JsonClient) => {
  const below = (path: string): URL => new URL(path, base.replace(/\/?$/, "/"));
  return {
    /**
     * Which release the beacon serves: `<bank>@<version>` of /info, ANNOUNCED; without a version it is known by the time of
     * the last update or, failing that, by all of /info, WATCHED.
     */
    async release(signal: AbortSignal): Promise<Release> {
      const info = asObject((await client.fetch(below("info"), signal))["response"]);
      if (info === undefined) throw bankBroken(bank, "info: wanted `response`, got none");
      return releaseOf(bank, info);
    },

    /**
     * The endpoints in /map by which donors and samples are counted. A beacon without a map has the standard's paths, and so has one whose map leads to another host:
     * behind a proxy maps name hosts that cannot be reached, and nobody registered that host.
     */
    async endpoints(signal: AbortSignal): Promise<{ readonly [U in Unit]: URL }> {
      const map = await client.fetch(below("map"), signal).catch((error: unknown) => {
        if (error instanceof BankError && NO_MAP.has(statusOf(error))) return {} as JsonObject;
        throw error;
      });
      return {
        DONORS: endpointOf(map, "individual", below("individuals")),
        SAMPLES: endpointOf(map, "biosample", below("biosamples")),
      };
    },

    /** Reads all pages of /filtering_terms. `skip` counts pages in the standard and terms in some servers, which the second page shows. */
    async terms(signal: AbortSignal): Promise<ReadonlyMap<string, Term>> {
      const terms = new Map<string, Term>();
      let skip = 0;
      let skipsTerms = false;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const answer = await client.fetch(below(`filtering_terms?skip=${skip}&limit=${PAGE}`), signal);
        const listed = asObject(answer["response"])?.["filteringTerms"];
        if (!Array.isArray(listed)) throw bankBroken(bank, "filtering_terms: wanted response.filteringTerms, got none");
        const before = terms.size;
        const read = listed.map(readTerm).filter((term) => term !== undefined);
        // A second page that repeats all terms but one has skipped one term, and no page.
        const repeated = read.filter(({ id }) => terms.has(id)).length;
        if (page === 1) skipsTerms = read.length > 1 && repeated >= read.length - 1;
        for (const term of read) terms.set(term.id, term);
        // A server that gives smaller pages than asked for ends with an empty one, one that knows no pages repeats itself.
        if (terms.size === before) return terms;
        skip = skipsTerms ? terms.size : page + 1;
      }
      throw bankBroken(bank, `filtering_terms: wanted at most ${MOST_PAGES} pages, got more`);
    },
  };
};

const endpointOf = (map: JsonObject, entryType: string, standard: URL): URL => {
  const sets = Object.values(asObject(asObject(map["response"])?.["endpointSets"]) ?? {}).map(asObject);
  const root = sets.find((set) => set?.["entryType"] === entryType)?.["rootUrl"];
  const url = typeof root === "string" && URL.canParse(root, standard) ? new URL(root, standard) : standard;
  return url.origin === standard.origin ? url : standard;
};

const releaseOf = (bank: string, info: JsonObject): Release => {
  const { version, updateDateTime } = info;
  const updated = typeof updateDateTime === "string" && updateDateTime !== "" ? updateDateTime : undefined;
  const date = (updated ?? new Date().toISOString()).slice(0, 10);
  if (typeof version === "string" && version !== "") return { id: `${bank}@${version}`, date, kind: "ANNOUNCED" };
  const seen = updated ?? createHash("sha256").update(JSON.stringify(info)).digest("hex").slice(0, 16);
  return { id: `${bank}@${seen}`, date, kind: "WATCHED" };
};

const readTerm = (value: unknown): Term | undefined => {
  const term = asObject(value);
  // Version 2.0 of the standard names `ftType` and one `scope`, later ones `type` and `scopes`.
  const { id, type, ftType, scopes, scope } = term ?? {};
  if (typeof id !== "string") return undefined;
  const told = type ?? ftType;
  return {
    id,
    type: typeof told === "string" ? told : "",
    scopes: [scopes ?? scope].flat().filter((each) => typeof each === "string"),
  };
};
