import { asObject, type JsonObject } from "../../net/http/json-client.ts";
import type { Range } from "../local.ts";

/**
 * The count where an answer tells of several sets of results, such as datasets: the same individual may be in more than one, so
 * that a total which is their sum bounds the number from above, and the largest set from below.
 */
export const countOfDatasets = (answer: JsonObject, range: Range): Range => {
  const listed = [asObject(answer["response"])?.["resultSets"], answer["resultSets"]].flat().map(asObject);
  const sets = listed.filter((set) => set !== undefined && set["exists"] !== false && set["resultsCount"] !== 0);
  if (sets.length < 2) return range;
  const counts = sets.map((set) => set?.["resultsCount"]).filter((count): count is number => typeof count === "number");
  const sum = counts.reduce((total, count) => total + count, 0);
  const isTold = counts.length === sets.length;
  // A total that is less than the sum was taken over distinct records.
  if (isTold && range.max !== null && range.max < sum) return range;
  const largest = isTold && range.min === range.max ? Math.max(...counts) : Math.min(range.min, 1);
  return { min: Math.min(range.min, largest), max: range.max };
};

/**
 * The count where the answer was cut to a page: nothing was asked to be cut, and as many as the page holds may be all that was
 * counted.
 */
export const countOfPage = (meta: JsonObject, summary: JsonObject, range: Range): Range => {
  const limit = asObject(asObject(meta["receivedRequestSummary"])?.["pagination"])?.["limit"];
  const isFull = typeof limit === "number" && limit > 0 && summary["numTotalResults"] === limit;
  return isFull ? { min: range.min, max: null } : range;
};
