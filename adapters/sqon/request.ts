import { asObject, type Dialect, type JsonClient, type JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { caught, caughtNow } from "../kit/failures.ts";
import { serverWords } from "../kit/server-words.ts";
import type { Range, Release, Unit } from "../local.ts";
import { BY_HITS, type CountedBy } from "./counted-by.ts";
import { faultAt, requireNoFault } from "./faults.ts";
import type { SqonOptions } from "./options.ts";
import { statedIn } from "./release.ts";

/** A count of the documents of donors or of samples; `filter` is a SQON as JSON. */
export type Count = { readonly unit: Unit; readonly filter: string };

/** The numbers of all documents of each kind. */
export type Totals = { readonly [U in Unit]?: number };

/** What one batch brought. `release`: undefined where the GraphQL query does not state it. */
export type Counted = {
  readonly outcomes: readonly (Range | BankError)[];
  readonly totals: Totals;
  readonly release: Release | undefined;
};

/** HTTP 400 is BANK_BROKEN: GraphQL answers so to a request that does not fit its schema, whatever the question. */
export const GRAPHQL: Dialect = {
  said: (answer) =>
    serverWords(Array.isArray(answer["errors"]) ? asObject(answer["errors"][0])?.["message"] : undefined),
};

/** See catalogueServer. */
export type CatalogueServer = ReturnType<typeof catalogueServer>;

/** How the documents of each kind are counted. */
export type CountedAs = { readonly [U in Unit]: CountedBy };

/**
 * A catalogue's server, which may serve donors and samples at one endpoint or at two. `by`: default by hits.
 * @throws {BankError} from each of its functions
 */
export const catalogueServer = (
  bank: string,
  options: SqonOptions,
  client: Pick<JsonClient, "fetch">,
  by: CountedAs = { DONORS: BY_HITS, SAMPLES: BY_HITS },
) => {
  const { release: place, donors, samples } = options;
  const indexes: { readonly [U in Unit]: string } = { DONORS: donors.index, SAMPLES: samples?.index ?? "" };
  const endpoints: { readonly [U in Unit]: URL } = {
    DONORS: new URL(options.url),
    SAMPLES: new URL(samples?.url ?? options.url),
  };
  const released = place.by === "field" ? `${place.field} { ${place.id} ${place.date} }` : "";
  const readRelease = (answer: JsonObject): Release | undefined => {
    if (place.by !== "field") return undefined;
    requireNoFault(bank, answer, [place.field]);
    return statedIn(bank, asObject(answer["data"])?.[place.field], place, place.field);
  };
  const countAt = async (endpoint: URL, counts: readonly Count[], signal: AbortSignal): Promise<Counted> => {
    const stated = endpoint.href === endpoints.DONORS.href ? released : "";
    const answer = await client.fetch(endpoint, signal, countsBody(stated, counts, indexes, by));
    const stating = stated === "" ? undefined : readRelease(answer);
    const found = new Map(
      unitsOf(counts).map((unit) => [unit, caughtNow(() => readTotal(bank, answer, indexes[unit], by[unit]))]),
    );
    const outcomes = counts.map(({ unit }, at) => {
      const total = found.get(unit);
      return total instanceof BankError
        ? total
        : caughtNow(() => readCount(bank, answer, { index: indexes[unit], alias: aliasOf(at) }, by[unit]));
    });
    const totals: { [U in Unit]?: number } = {};
    for (const [unit, total] of found) {
      if (!(total instanceof BankError) && total.min === total.max) totals[unit] = total.min;
    }
    return { outcomes, totals, release: stating };
  };
  return {
    units: samples === undefined ? (["DONORS"] as const) : (["DONORS", "SAMPLES"] as const),
    endpoints,
    indexes,

    /** The release that the query states; for `release: { field }` only. */
    async release(signal: AbortSignal): Promise<Release> {
      const answer = await client.fetch(endpoints.DONORS, signal, JSON.stringify({ query: `query { ${released} }` }));
      return readRelease(answer)!;
    },

    /** The keys of all values of a field; undefined where the server does not tell them. */
    async keys(unit: Unit, path: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
      const name = path.replaceAll(".", "__");
      const query = `query { ${indexes[unit]} { aggregations { ${name} { buckets { key } } } } }`;
      const answer = await caught(() => client.fetch(endpoints[unit], signal, JSON.stringify({ query })));
      if (answer instanceof BankError) {
        if (isOfSchema(answer)) return undefined;
        throw answer;
      }
      return keysIn(asObject(valueAt(answer, indexes[unit], "aggregations"))?.[name]);
    },

    /** Counts in one request for each endpoint, each with the number of all its documents. */
    async count(counts: readonly Count[], signal: AbortSignal): Promise<Counted> {
      const hrefs = [...new Set(counts.map(({ unit }) => endpoints[unit].href))];
      const found = new Map<Count, Range | BankError>();
      const parts = await Promise.all(
        hrefs.map(async (href) => {
          const part = counts.filter(({ unit }) => endpoints[unit].href === href);
          const counted = await countAt(new URL(href), part, signal);
          for (const [at, count] of part.entries()) found.set(count, counted.outcomes[at]!);
          return counted;
        }),
      );
      return {
        outcomes: counts.map((each) => found.get(each)!),
        totals: Object.assign({}, ...parts.map(({ totals }) => totals)),
        release: parts.find(({ release }) => release !== undefined)?.release,
      };
    },
  };
};

/** Whether an answer says that the schema has no such field, by HTTP 400. */
const isOfSchema = ({ code }: BankError): boolean => code === "BANK_BROKEN" || code === "BANK_UNSUPPORTED";

const keysIn = (field: unknown): readonly string[] | undefined => {
  const buckets = asObject(field)?.["buckets"];
  return Array.isArray(buckets) ? buckets.map((bucket) => String(asObject(bucket)?.["key"])) : undefined;
};

const unitsOf = (counts: readonly Count[]): readonly Unit[] => [...new Set(counts.map(({ unit }) => unit))];

/** Names a count in the request and in the answer, and its filter in the variables. */
const aliasOf = (at: number): string => `q${at}`;

/** Beside the counts each kind of documents is counted as a whole, under no alias: servers limit the number of these. */
const countsBody = (
  released: string,
  counts: readonly Count[],
  indexes: { readonly [U in Unit]: string },
  by: CountedAs,
): string => {
  const roots = unitsOf(counts).map((unit) => {
    const each = counts.flatMap((count, at) => (count.unit === unit ? [by[unit].select(aliasOf(at))] : []));
    return `${indexes[unit]} { ${[by[unit].select(), ...each].join(" ")} }`;
  });
  const declared = counts.map((_, at) => `$${aliasOf(at)}: JSON`).join(", ");
  const selections = [released, ...roots].filter((each) => each !== "").join(" ");
  const variables = counts.map(({ filter }, at) => `"${aliasOf(at)}":${filter}`).join(",");
  return `{"query":${JSON.stringify(`query(${declared}) { ${selections} }`)},"variables":{${variables}}}`;
};

/** The number of all documents. A search for all of them is never at fault itself, so that an error is the engine's. */
const readTotal = (bank: string, answer: JsonObject, index: string, by: CountedBy): Range => {
  const fault = faultAt(bank, answer, [index, by.name]);
  if (fault !== undefined && (!fault.opaque || /index_not_found|unknown/i.test(fault.error.detail))) throw fault.error;
  if (fault !== undefined) throw new BankError("BANK_UNREACHABLE", bank, fault.error.detail);
  return by.read(bank, index, valueAt(answer, index, by.name));
};

/** An opaque error beside a good number of all documents is about this filter, which the server cannot evaluate. */
const readCount = (
  bank: string,
  answer: JsonObject,
  { index, alias }: { readonly index: string; readonly alias: string },
  by: CountedBy,
): Range => {
  const fault = faultAt(bank, answer, [index, alias]);
  if (fault === undefined) return by.read(bank, index, valueAt(answer, index, alias));
  throw fault.opaque ? new BankError("BANK_UNSUPPORTED", bank, fault.error.detail) : fault.error;
};

const valueAt = (answer: JsonObject, index: string, alias: string): unknown =>
  asObject(asObject(answer["data"])?.[index])?.[alias];
