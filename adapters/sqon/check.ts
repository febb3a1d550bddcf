import { BankError } from "../../schema/bank-error.ts";
import { isSampleField } from "../../schema/fields.ts";
import type { Release } from "../local.ts";
import type { Catalogue, Columns } from "./columns.ts";
import { anySample } from "./filters.ts";
import type { SqonOptions } from "./options.ts";
import type { CatalogueServer } from "./request.ts";

/**
 * Has the server check every field and the nested one. Elasticsearch finds nothing by a field that is not there and says
 * nothing, which would read as 0. @returns the release that is served @throws {BankError}
 */
export const checkFields = async (
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
