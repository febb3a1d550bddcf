import type { LocalSelector } from "../local.ts";

/** Whether every sample that `given` selects is surely one that `wanted` selects; false where that cannot be seen. */
export const implies = (given: LocalSelector, wanted: LocalSelector): boolean => {
  if (JSON.stringify(given) === JSON.stringify(wanted)) return true;
  if (wanted.op === "all") return wanted.of.every((part) => implies(given, part));
  if (given.op === "any") return given.of.every((part) => implies(part, wanted));
  if (wanted.op === "any" && wanted.of.some((part) => implies(given, part))) return true;
  return given.op === "all" && given.of.some((part) => implies(part, wanted));
};
