import { BankError } from "../../schema/bank-error.ts";
import { FIELDS, isNumberField, isSampleField } from "../../schema/fields.ts";
import { bankBroken, caught } from "../kit/failures.ts";
import type { Range, Unit } from "../local.ts";
import { type Catalogue, type Column, isPlain, MISSING } from "./columns.ts";
import { BY_HITS, byBuckets, type CountedBy } from "./counted-by.ts";
import { type Filter, filterText } from "./filters.ts";
import { among } from "./leaves.ts";
import type { SqonOptions } from "./options.ts";
import type { CatalogueServer } from "./request.ts";

/** The catalogue that is looked at. `counting`: its server, which counts so. */
type Catalogued = {
  readonly bank: string;
  readonly spelling: SqonOptions["spelling"];
  readonly counting: (by: CountedBy) => CatalogueServer;
};

/** Most values of a field by which documents are counted. */
const MOST_VALUES = 50;

/**
 * How the documents of a kind can be counted. Where the total of hits is 0 and a field has buckets all the same, the
 * catalogue hides its hits, and the buckets of a field are added up for which it is proven that no document is in two of
 * them. @throws {BankError} BANK_BROKEN where no field will do
 */
export const proveCounts = async (
  unit: Unit,
  { donors, samples }: Catalogue,
  { bank, spelling, counting }: Catalogued,
  signal: AbortSignal,
): Promise<CountedBy> => {
  const count = async (by: CountedBy, filter: Filter): Promise<Range> => {
    const text = filterText(filter === false ? true : filter, spelling);
    const { outcomes } = await counting(by).count([{ unit, filter: text }], signal);
    const [outcome] = outcomes;
    if (outcome instanceof BankError) throw outcome;
    return outcome!;
  };
  if ((await count(BY_HITS, true)).min > 0) return BY_HITS;
  const columns = [...(unit === "DONORS" ? donors : samples).values()].filter((column) => isCandidate(unit, column));
  let isHidden = false;
  for (const column of columns) {
    const by = await bucketsOf(column, count);
    if (by === undefined) continue;
    const all = await count(by, true);
    isHidden ||= all.min > 0;
    const keys = (await counting(by).keys(unit, column.path, signal)) ?? [];
    if (all.min > 0 && (await isOfOneValue(column, keys, all, (filter) => count(by, filter)))) return by;
  }
  if (!isHidden) return BY_HITS;
  const what = "wanted a field of one value in each document, by whose buckets they can be counted, got none";
  throw bankBroken(bank, `${unit.toLowerCase()}: the catalogue hides its hits: ${what}`);
};

const isCandidate = (unit: Unit, { field, kind }: Column): boolean =>
  !isNumberField(field) &&
  !FIELDS[field].many &&
  (unit === "SAMPLES" || !isSampleField(field)) &&
  (kind === "words" || kind === "unknown");

const bucketsOf = async (
  { path }: Column,
  count: (by: CountedBy, filter: Filter) => Promise<Range>,
): Promise<CountedBy | undefined> => {
  for (const tellsMasked of [true, false]) {
    const by = byBuckets(path, tellsMasked);
    const found = await caught(() => count(by, true));
    if (!(found instanceof BankError)) return by;
    if (found.code !== "BANK_BROKEN" && found.code !== "BANK_UNSUPPORTED") throw found;
  }
  return undefined;
};

/** Whether the documents of each value and of none add up to all: one of two values would be counted in both, twice each. */
const isOfOneValue = async (
  column: Column,
  keys: readonly string[],
  all: Range,
  count: (filter: Filter) => Promise<Range>,
): Promise<boolean> => {
  if (keys.length > MOST_VALUES || !keys.every((key) => key === MISSING || isPlain(key))) return false;
  const values = [...new Set([...keys, MISSING])];
  const found = await Promise.all(values.map((value) => count(among(column, [value]))));
  return found.reduce((sum, { min }) => sum + min, 0) === all.min;
};
