import type { JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { isSampleField } from "../../schema/fields.ts";
import type { Catalogue } from "./columns.ts";
import { anySample } from "./filters.ts";
import type { SqonOptions } from "./options.ts";
import { checkBody, countsBody, faultAt, readCount, readRelease } from "./request.ts";

/**
 * Has the server check every field and the nested one. Elasticsearch finds nothing by a field that is not there and says
 * nothing, which would read as 0. @throws {BankError}
 */
export const checkFields = async (
  bank: string,
  options: SqonOptions,
  { donors, samples, nested }: Catalogue,
  post: (body: string) => Promise<JsonObject>,
): Promise<void> => {
  const paths = new Map([[options.donors.index, [...donors.values()].map(({ path }) => path)]]);
  if (options.samples !== undefined) {
    paths.set(
      options.samples.index,
      [...(samples ?? new Map()).values()].map(({ path }) => path),
    );
  }
  const answer = await post(checkBody(paths, options));
  for (const index of paths.keys()) {
    const fault = faultAt(bank, answer, [index]);
    if (fault !== undefined) throw fault;
  }
  readRelease(bank, answer, options);
  if (nested === undefined || ![...donors.keys()].some(isSampleField)) return;
  const filter = { op: "and" as const, pivot: nested, content: [anySample(donors, nested)] };
  const count = { alias: "samples", index: options.donors.index, filter };
  const found = readCount(bank, await post(countsBody([count], options)), count);
  if (found instanceof BankError) throw found;
};
