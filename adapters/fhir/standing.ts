import type { JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { caught } from "../kit/failures.ts";
import { otherwise } from "./recorded.ts";
import type { Param, Search } from "./search.ts";
import type { FhirServer } from "./server.ts";
import { NO_CODE } from "./words.ts";

/** What a resource that does not count for sure is worth: it may count, or it does not. */
export type Standing = "doubt" | "dropped";

/** Which statuses count and which do not; the others are in doubt. The empty text stands for no status. */
export type StatusRule = { readonly counts: readonly string[]; readonly drops: readonly string[] };

/** The resources of a kind that do not count for sure. */
export type Exceptions = {
  readonly found: readonly { readonly resource: JsonObject; readonly standing: Standing }[];
  /** The search parameter is proven by sums. */
  readonly byParameter: boolean;
  /** The same, and every resource has a status. */
  readonly allHave: boolean;
};

/** A kind of resource with a status. `others`: the statuses that FHIR knows beside those that count. */
export type StatusPlace = {
  readonly resource: string;
  readonly param: string;
  readonly elements: string;
  readonly others: readonly string[];
  readonly rule: StatusRule;
  readonly statusOf: (resource: JsonObject) => string;
};

const MOST_READ = 20_000;
const PAGE = "1000";

/**
 * The resources of a kind whose status does not count. Where the counts of those that do add up to all there are none;
 * else they are read, or all resources where the server cannot search by the status. Undefined: they cannot be found.
 * @throws {BankError} for a server that is busy or away
 */
export const exceptionsOf = async (
  place: StatusPlace,
  server: FhirServer,
  signal: AbortSignal,
): Promise<Exceptions | undefined> => {
  const { resource, param, rule, elements, statusOf } = place;
  const given = rule.counts.filter((status) => status !== "");
  const counting: Param = [param, given.join(",")];
  const lacking: Param = [`${param}:missing`, "true"];
  const search = (...params: readonly Param[]): Search => ({ resource, params });
  const [all, counted, without, nobody, both] = await server.count(
    [search(), search(counting), search(lacking), search([param, NO_CODE]), search(counting, lacking)],
    signal,
  );
  if (all instanceof BankError) return otherwise(all, undefined);
  for (const outcome of [counted, without, nobody, both]) if (outcome instanceof BankError) otherwise(outcome, 0);
  const byParameter =
    typeof counted === "number" && typeof without === "number" && nobody === 0 && both === 0 && all !== undefined;
  const known = byParameter ? counted + (rule.counts.includes("") ? without : 0) : 0;
  const allHave = byParameter && without === 0;
  if (byParameter && known === all) return { found: [], byParameter, allHave };

  const read = async (...params: readonly Param[]): Promise<readonly JsonObject[]> => {
    const page: readonly Param[] = [
      ["_elements", `id,${elements}`],
      ["_count", PAGE],
    ];
    const found = await caught(() => server.readAll(search(...params, ...page), signal));
    return found instanceof BankError ? otherwise(found, []) : [...found.values()];
  };
  const judged = (resources: readonly JsonObject[]): Exceptions["found"] =>
    resources.flatMap((one) => {
      const status = statusOf(one);
      if (rule.counts.includes(status)) return [];
      return [{ resource: one, standing: rule.drops.includes(status) ? "dropped" : "doubt" }];
    });
  if (byParameter && all !== undefined && all - known <= MOST_READ) {
    const some = await read([param, place.others.filter((status) => !given.includes(status)).join(",")]);
    const more = rule.counts.includes("") || without === 0 ? [] : await read(lacking);
    const found = judged([...some, ...more]);
    if (found.length === all - known) return { found, byParameter, allHave };
  }
  if (all === undefined || all > MOST_READ) return undefined;
  const every = await read();
  return every.length === all ? { found: judged(every), byParameter: false, allHave: false } : undefined;
};
