import { BankError } from "../../schema/bank-error.ts";
import type { LocalCounts, Range, Unit } from "../local.ts";
import type { Filter } from "./filters.ts";
import type { SqonOptions } from "./options.ts";
import type { Count } from "./request.ts";

/** A count that was not asked for. */
export const UNKNOWN: Range = { min: 0, max: null };
const NONE: Range = { min: 0, max: 0 };

/** One of a question's two counts, or why there is none. */
export type Half = Range | BankError;

/** Gathers the counts of a batch, equal ones once; a place is where its outcome will be found. */
export const gather = (options: SqonOptions) => {
  const counts: Count[] = [];
  const known = new Map<string, number>();
  const place = (unit: Unit, what: Filter | Half): ((found: readonly Half[]) => Half) => {
    if (what === false) return () => NONE;
    if (what !== true && !("op" in what)) return () => what;
    const index = unit === "DONORS" ? options.donors.index : (options.samples?.index ?? "");
    const filter = what === true ? { op: "and" as const, content: [] } : what;
    const key = `${index} ${JSON.stringify(filter)}`;
    const at = known.get(key) ?? counts.length;
    if (at === counts.length) counts.push({ alias: `q${at}`, index, filter });
    known.set(key, at);
    return (found) => found[at] ?? UNKNOWN;
  };
  return { counts, place };
};

/** One half that cannot be asked leaves the other one standing; whatever else goes wrong spoils the question. */
export const joined = (donors: Half, samples: Half): LocalCounts | BankError => {
  const failed = [donors, samples].filter((part) => part instanceof BankError);
  const broken = failed.find(({ code }) => code !== "BANK_UNSUPPORTED");
  if (broken !== undefined) return broken;
  const counted = [donors, samples].some((part) => !(part instanceof BankError) && part !== UNKNOWN);
  if (failed[0] !== undefined && !counted) return failed[0];
  const range = (part: Half): Range => (part instanceof BankError ? UNKNOWN : part);
  return { donors: range(donors), samples: range(samples) };
};
