import { asObject, type JsonObject } from "../../net/http/json-client.ts";
import type { Range } from "../local.ts";

/**
 * The interval of a count of which the answer itself says that it was adjusted, in the members that EGA's implementation uses;
 * null where it says nothing of that, or that it is exact. An adjustment that nobody knows bounds nothing.
 */
export const adjusted = (answer: JsonObject, summary: JsonObject, count: number): Range | null => {
  const meta = asObject(answer["meta"]);
  const places = [summary, asObject(summary["info"]), asObject(answer["info"]), meta, asObject(meta?.["info"])];
  const said = places.find((place) => (place?.["countPrecision"] ?? place?.["countAdjustedTo"] ?? null) !== null);
  const precision = said?.["countPrecision"];
  if (said === undefined || precision === "exact") return null;
  const { exists } = summary;
  if (exists === false) return { min: 0, max: 0 };
  const least = exists === true ? 1 : 0;
  const adjustments = [said["countAdjustedTo"]].flat();
  const to = adjustments.length === 1 ? adjustments[0] : undefined;
  const step = stepOf(to);
  if (precision === "imprecise" && typeof to === "number" && to >= 1) {
    return count <= to ? { min: least, max: to } : { min: count, max: count };
  }
  if (precision === "rounded" && step !== null) {
    return { min: Math.max(least, count - step.up), max: Math.max(least, count + step.down) };
  }
  return { min: least, max: null };
};

/** By how much a count may have been rounded up or down: `immediate ten` is the next ten, `closest ten` the nearest. */
const stepOf = (to: unknown): { readonly up: number; readonly down: number } | null => {
  if (typeof to === "number" && to >= 1) return { up: to - 1, down: to - 1 };
  const [, way, size] = /^(immediate|closest) (ten|hundred|thousand)$/i.exec(String(to)) ?? [];
  if (way === undefined || size === undefined) return null;
  const step = { ten: 10, hundred: 100, thousand: 1000 }[size.toLowerCase()]!;
  return way.toLowerCase() === "immediate" ? { up: step - 1, down: 0 } : { up: step / 2, down: step / 2 };
};
