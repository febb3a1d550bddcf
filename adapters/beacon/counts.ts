import { asObject, type Dialect, type JsonObject } from "../../net/http/json-client.ts";
import type { BrokenReason } from "../../schema/broken-reasons.ts";
import { bankBroken } from "../kit/failures.ts";
import { parseCount } from "../kit/parse-count.ts";
import { serverWords, shown } from "../kit/server-words.ts";
import type { Range } from "../local.ts";
import { countOfDatasets, countOfPage } from "./datasets.ts";
import { requireOurs, type Sent } from "./echo.ts";
import type { BeaconOptions } from "./options.ts";
import { adjusted } from "./precision.ts";
import { type StandingWords, saysMore } from "./words.ts";

/** How counts are read: as the bank says that they differ from its data, and with the words that say nothing against them. */
export type Reading = Pick<BeaconOptions, "counts"> & { readonly words: StandingWords };

/** Where a beacon says what it refuses, and that HTTP 400 is its answer to a filter that it does not know. */
export const BEACON: Dialect = {
  said: (answer) => serverWords(asObject(answer["error"])?.["errorMessage"]),
  statuses: (status) => (status === 400 ? "BANK_UNSUPPORTED" : undefined),
};

/**
 * The interval that surely holds the count of a beacon's answer. What leaves the count unknown is an error and never 0: an
 * entity not understood, a filter not taken, the answer to another question, a value that is no count. Words beside the count
 * that are not understood leave it wide open.
 * @throws {BankError} BANK_BROKEN
 */
export const readCount = (bank: string, answer: JsonObject, sent: Sent, { counts, words }: Reading): Range => {
  const meta = asObject(answer["meta"]) ?? broken(bank, "meta", "none");
  requireOurs(bank, answer, meta, sent);
  for (const warnings of [asObject(answer["info"])?.["warnings"], meta["warnings"]]) {
    if (!isEmpty(warnings)) broken(bank, "no warnings", shown(warnings));
  }
  const summary = asObject(answer["responseSummary"]) ?? broken(bank, "responseSummary", "none");
  const stated = statedCount(bank, { answer, meta, summary }, counts);
  const range = countOfDatasets(answer, countOfPage(meta, summary, stated));
  return saysMore(answer, sent.filters, words) ? { min: 0, max: null, why: ["NOT_UNDERSTOOD"] } : range;
};

type Answer = { readonly answer: JsonObject; readonly meta: JsonObject; readonly summary: JsonObject };

const statedCount = (bank: string, { answer, meta, summary }: Answer, counts: BeaconOptions["counts"]): Range => {
  const { exists, numTotalResults } = summary;
  const granularity = meta["returnedGranularity"];
  const isBoolean = granularity === "boolean";
  if (typeof exists !== "boolean" && (isBoolean || exists !== undefined)) {
    return broken(bank, "responseSummary.exists", shown(exists));
  }
  if (isBoolean) return exists ? { min: 1, max: null } : none(counts);
  const isStated = (numTotalResults ?? null) !== null;
  if (exists === false && !isStated) return none(counts);
  // The standard's default is `boolean`, and an answer with records need not state their number.
  if (exists === true && !isStated && granularity !== "count") return { min: 1, max: null };
  const count = parseCount(bank, "responseSummary.numTotalResults", numTotalResults);
  const said = adjusted(answer, summary, count);
  const range = counts === "exact" && said !== null ? said : hull(interval(count, exists, counts), said);
  return (
    range ?? broken(bank, "responseSummary.exists and numTotalResults that agree", "a contradiction", "CONTRADICTION")
  );
};

/** What an answer means that says of no record: none, or too few to be shown. */
const none = (counts: BeaconOptions["counts"]): Range => ({
  min: 0,
  max: typeof counts === "object" && "below" in counts ? counts.below - 1 : 0,
});

const broken = (bank: string, wanted: string, got: string, reason: BrokenReason = "WRONG_FORM"): never => {
  throw bankBroken(bank, `wanted ${wanted}, got ${got}`, reason);
};

/** The id of the release that was counted, by the member of `info` that states it. @throws {BankError} BANK_BROKEN */
export const statedRelease = (bank: string, answer: JsonObject, member: string): string => {
  const stated = asObject(answer["info"])?.[member];
  if (typeof stated === "string" && stated !== "") return `${bank}@${stated}`;
  throw bankBroken(bank, `info.${member}: wanted the release that was counted, got ${shown(stated)}`);
};

/** The interval that holds both, since the bank's words and the answer's may differ. */
const hull = (one: Range | undefined, other: Range | null): Range | undefined => {
  if (one === undefined || other === null) return one;
  const max = one.max === null || other.max === null ? null : Math.max(one.max, other.max);
  return { min: Math.min(one.min, other.min), max };
};

/** Undefined where `exists` contradicts the count. A count raised to the floor leaves `exists` as it is. */
const interval = (count: number, exists: boolean | undefined, counts: BeaconOptions["counts"]): Range | undefined => {
  const least = exists ? 1 : 0;
  if (counts === "exact") return exists === undefined || exists === count > 0 ? { min: count, max: count } : undefined;
  if ("below" in counts) {
    if (count === 0) return exists === true ? { min: 1, max: counts.below - 1 } : none(counts);
    return count < counts.below || exists === false ? undefined : { min: count, max: count };
  }
  if ("floor" in counts) {
    if (exists === false) return count <= counts.floor ? { min: 0, max: 0 } : undefined;
    return count <= counts.floor ? { min: least, max: counts.floor } : { min: count, max: count };
  }
  if (exists === false && count > 0) return undefined;
  if ("roundUp" in counts) {
    if (count === 0) return exists ? undefined : { min: 0, max: 0 };
    return { min: Math.max(1, count - counts.roundUp + 1), max: count };
  }
  const half = counts.round / 2;
  return { min: Math.max(least, Math.ceil(count - half)), max: Math.max(least, Math.floor(count + half)) };
};

const isEmpty = (value: unknown): boolean => {
  if (value === undefined || value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
};
