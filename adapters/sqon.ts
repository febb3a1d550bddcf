import { type JsonClient, jsonClient } from "../net/http/json-client.ts";
import type { HttpLink } from "../net/http/link.ts";
import { BankError } from "../schema/bank-error.ts";
import { byOne, type CountBy } from "./kit/counting-api.ts";
import { bankBroken } from "./kit/failures.ts";
import { type HttpPlace, httpKind } from "./kit/http-kind.ts";
import { requireSame } from "./kit/one-release.ts";
import type { Range, Release, Unit } from "./local.ts";
import { type Catalogue, capabilitiesOf, catalogueOf, type Types } from "./sqon/columns.ts";
import { BY_HITS, type CountedBy } from "./sqon/counted-by.ts";
import { fieldTypes } from "./sqon/field-types.ts";
import { donorFilter, type Filter, filterText, sampleFilter } from "./sqon/filters.ts";
import { findingsOf } from "./sqon/findings.ts";
import { named, type SqonOptions, sqonOptions } from "./sqon/options.ts";
import { proveCatalogue } from "./sqon/proof.ts";
import { proofCounts } from "./sqon/proof-counts.ts";
import { proveCounts } from "./sqon/proof-of-counts.ts";
import { placedRelease } from "./sqon/release.ts";
import {
  type CatalogueServer,
  type Count,
  type Counted,
  type CountedAs,
  catalogueServer,
  GRAPHQL,
  type Totals,
} from "./sqon/request.ts";

/**
 * A GraphQL catalogue with SQON filters, such as Overture Arranger's: documents of donors with their samples nested in
 * them, and documents of samples with their donors' fields on them. A batch is one request, or one for every `aliases`
 * counts. A document of a sample says nothing of the donor's other samples. When it is opened it proves on the data what
 * can be asked, and it is opened anew for each release, which is read before and after every batch.
 */
export const sqon = httpKind({
  options: sqonOptions,
  named,
  connect: (bank, options, link) => clients(bank, options, link),

  async open(place, signal) {
    const { bank, options, mapping, client } = place;
    const hits = catalogueServer(bank, options, client);
    const release = releaseReader(bank, options, hits, client);
    const opened = await release(signal);
    const types: Types = Object.fromEntries(
      await Promise.all(hits.units.map(async (unit) => [unit, await fieldTypes(hits, unit, client, signal)] as const)),
    );
    const laid = catalogueOf(options, mapping, types);
    const server = catalogueServer(bank, options, client, await countedAs(place, hits.units, laid, signal));
    const { count, totals } = proofCounts(server, options, signal);
    await Promise.all(server.units.map((unit) => count(unit, true)));
    const proven = await proveCatalogue(laid, mapping, types, {
      count,
      keys: (unit, path) => server.keys(unit, path, signal),
    });
    requireSame(bank, "the fields", opened, await release(signal));
    const { catalogue } = proven;
    const countBy = countWriter(options);
    let last = opened.id;
    return {
      opened,
      findings: findingsOf(
        catalogue,
        proven.faults,
        Object.values(types).every((told) => told !== undefined),
      ),
      async release(asked) {
        const found = await release(asked);
        last = found.id;
        return found;
      },
      statedLast: false,
      eitherCount: true,
      capabilities: {
        counts: server.units,
        donors: { logic: "boolean", ...(isPivotLost(catalogue) ? { sampleAnd: "unknown" as const } : {}) },
        samples: { logic: "boolean", sampleAnd: "same" },
        fields: capabilitiesOf(catalogue, mapping, proven.holds),
        facets: [],
      },
      say: (unit, question) => countBy(unit, saidBy(unit)(question, catalogue)),
      keyOf: ({ unit, filter }) => `${unit} ${filter}`,
      most: options.aliases,
      async send(counts, asked) {
        const counted = await server.count(counts, asked);
        const { id } = counted.release ?? { id: last };
        const fault = id === opened.id ? changed(bank, totals, counted.totals) : undefined;
        return {
          outcomes: fault === undefined ? counted.outcomes : counts.map(() => fault),
          stated: statedBy(counted),
        };
      },
    };
  },
});

/** Whether nothing makes several conditions hold for one and the same sample. */
const isPivotLost = ({ nested, pivot }: Catalogue): boolean => nested !== undefined && pivot === undefined;

const saidBy = (unit: Unit): typeof donorFilter => (unit === "DONORS" ? donorFilter : sampleFilter);

const statedBy = ({ release }: Counted): readonly string[] => (release === undefined ? [] : [release.id]);

/** How the documents of each kind are counted. */
const countedAs = async (
  { bank, options, client }: HttpPlace<SqonOptions, Pick<JsonClient, "fetch">>,
  units: readonly Unit[],
  catalogue: Catalogue,
  signal: AbortSignal,
): Promise<CountedAs> => {
  const { spelling } = options;
  const found: { [U in Unit]: CountedBy } = { DONORS: BY_HITS, SAMPLES: BY_HITS };
  for (const unit of units) {
    const counting = (by: CountedBy) => catalogueServer(bank, options, client, { ...found, [unit]: by });
    found[unit] = await proveCounts(unit, catalogue, { bank, spelling, counting }, signal);
  }
  return found;
};

/** Clients of the catalogue, with its credentials, and of the place that states the release, which gets them at the same origin only. */
const clients = (bank: string, options: SqonOptions, link: HttpLink) => {
  const { url, release } = options;
  const place = release.by === "url" ? release.url : release.by === "engine" ? release.engine : url;
  const main = jsonClient(bank, { ...options, dialect: GRAPHQL, link });
  const isSame = new URL(place).origin === new URL(url).origin;
  const other = isSame ? main : jsonClient(bank, { ...options, dialect: GRAPHQL });
  return {
    fetch: main.fetch,
    place: { fetch: other.fetch },
    async [Symbol.asyncDispose]() {
      await Promise.all([main[Symbol.asyncDispose](), isSame ? undefined : other[Symbol.asyncDispose]()]);
    },
  };
};

const releaseReader = (
  bank: string,
  { release: place }: SqonOptions,
  server: CatalogueServer,
  client: { readonly place: Pick<JsonClient, "fetch"> },
): ((signal: AbortSignal) => Promise<Release>) =>
  place.by === "field" ? server.release : placedRelease(bank, place, client.place);

/**
 * Why a batch is not of the release that it was asked of: it states other numbers of all documents. Fewer: a part of the
 * search engine is down, which Arranger does not tell. More: the data changed and the release did not.
 */
const changed = (bank: string, wanted: Totals, got: Totals): BankError | undefined => {
  for (const unit of ["DONORS", "SAMPLES"] as const) {
    const [before, now] = [wanted[unit], got[unit]];
    if (before === undefined || now === undefined || before === now) continue;
    const what = `documents of ${unit.toLowerCase()}: wanted as many as when the release was opened`;
    if (now < before) return new BankError("BANK_UNREACHABLE", bank, `${what}, got fewer: is a shard down?`);
    return bankBroken(bank, `${what}, got more: the data changed under one release`, "ABOVE_BOUND");
  }
  return undefined;
};

/** Counts the documents that pass a filter. What no document passes is not asked for. */
const countWriter =
  ({ spelling }: SqonOptions) =>
  (unit: Unit, filter: Filter): CountBy<Count, Range> => {
    if (filter === false) return { requests: [], read: () => ({ min: 0, max: 0 }) };
    return byOne({ unit, filter: filterText(filter, spelling) }, (range: Range) => range);
  };
