import { jsonClient } from "../net/http/json-client.ts";
import { BankError } from "../schema/bank-error.ts";
import { isSampleField } from "../schema/fields.ts";
import { byOne, type CountBy } from "./kit/counting-api.ts";
import { httpKind } from "./kit/http-kind.ts";
import type { Range, Release, Unit } from "./local.ts";
import { type Catalogue, type Columns, capabilitiesOf, catalogueOf } from "./sqon/columns.ts";
import { anySample, donorFilter, type Filter, sampleFilter } from "./sqon/filters.ts";
import { named, type SqonOptions, sqonOptions } from "./sqon/options.ts";
import { type CatalogueServer, type Count, catalogueServer, GRAPHQL } from "./sqon/request.ts";

/**
 * A GraphQL catalogue with SQON filters, such as Overture Arranger's: documents of donors with their samples nested in
 * them, and documents of samples with their donors' fields on them. A batch is one request. A document of a sample says
 * nothing of the donor's other samples. The release is read with every batch, and once more after it where the server does
 * not answer each request from one release (see sqonOptions).
 */
export const sqon = httpKind({
  options: sqonOptions,
  named,
  connect: (bank, options, link) => jsonClient(bank, { ...options, dialect: GRAPHQL, link }),

  async open({ bank, options, mapping, client }, signal) {
    const catalogue = catalogueOf(options, mapping);
    const server = catalogueServer(bank, options, client);
    const seen = await checkFields(options, catalogue, server, signal);
    const countBy = countWriter(options);
    return {
      seen,
      release: async (asked) => (await server.count([], asked)).release,
      statedLast: options.release.told === "beside",
      eitherCount: true,
      capabilities: {
        counts: options.samples === undefined ? ["DONORS"] : ["DONORS", "SAMPLES"],
        donors: { logic: "boolean" },
        samples: { logic: "boolean", sampleAnd: "same" },
        fields: capabilitiesOf(catalogue, mapping),
        facets: [],
      },
      say: (unit, question) => countBy(unit, (unit === "DONORS" ? donorFilter : sampleFilter)(question, catalogue)),
      keyOf: ({ index, filter }) => `${index} ${filter}`,
      most: options.aliases ?? Number.MAX_SAFE_INTEGER,
      async send(counts, asked) {
        const { outcomes, release } = await server.count(counts, asked);
        return { outcomes, stated: [release.id] };
      },
    };
  },
});

/**
 * Has the server check every field and the nested one. Elasticsearch finds nothing by a field that is not there and says
 * nothing, which would read as 0. @returns the release that is served @throws {BankError}
 */
const checkFields = async (
  options: SqonOptions,
  { donors, samples, nested }: Catalogue,
  server: CatalogueServer,
  signal: AbortSignal,
): Promise<Release> => {
  const pathsOf = (columns: Columns) => [...columns.values()].map(({ path }) => path);
  const paths = new Map([[options.donors.index, pathsOf(donors)]]);
  if (options.samples !== undefined) paths.set(options.samples.index, pathsOf(samples));
  const release = await server.check(paths, signal);
  if (nested === undefined || ![...donors.keys()].some(isSampleField)) return release;
  const filter = JSON.stringify({ op: "and", pivot: nested, content: [anySample(donors, nested)] });
  const { outcomes } = await server.count([{ index: options.donors.index, filter }], signal);
  for (const outcome of outcomes) if (outcome instanceof BankError) throw outcome;
  return release;
};

/** Counts the documents that pass a filter. What no document passes is not asked for. */
const countWriter = ({ donors, samples }: SqonOptions) => {
  const indexes: { readonly [U in Unit]: string } = { DONORS: donors.index, SAMPLES: samples?.index ?? "" };
  return (unit: Unit, filter: Filter): CountBy<Count, Range> => {
    if (filter === false) return { requests: [], read: () => ({ min: 0, max: 0 }) };
    const text = JSON.stringify(filter === true ? { op: "and", content: [] } : filter);
    return byOne({ index: indexes[unit], filter: text }, (range: Range) => range);
  };
};
