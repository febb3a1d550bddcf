import type { LoadContext } from "./columns.ts";
import type { TabularOptions, TimeOptions } from "./options.ts";
import type { TablePlace } from "./relation.ts";
import { placeOfTable } from "./tables.ts";

/**
 * The options with the epoch of each workbook beside the formats that read its numbers of days: a workbook says itself which
 * year they begin with. @throws {BankError} BANK_BROKEN where the options say another one
 */
export const withEpochs = async (
  options: TabularOptions,
  context: Pick<LoadContext, "open" | "fail">,
): Promise<TabularOptions> => {
  const { donors, samples } = options;
  const birth = await withEpoch(donors.birth, placeOfTable(donors, options), context);
  const year = await withEpoch(samples.year, placeOfTable(samples, options), context);
  return {
    ...options,
    donors: { ...donors, ...(birth === undefined ? {} : { birth }) },
    samples: { ...samples, ...(year === undefined ? {} : { year }) },
  };
};

const withEpoch = async (
  time: TimeOptions | undefined,
  place: TablePlace,
  { open, fail }: Pick<LoadContext, "open" | "fail">,
): Promise<TimeOptions | undefined> => {
  if (time === undefined || typeof time === "string" || ![time.format].flat().includes("excel")) return time;
  const { epoch, file } = await open(place);
  if (epoch === undefined) return time;
  if (time.epoch !== undefined && time.epoch !== epoch)
    fail(`${file}: wanted numbers of days from ${time.epoch} on, as \`epoch\` says, got a workbook of ${epoch}`);
  return { ...time, epoch };
};
