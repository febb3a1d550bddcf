import type { Condition, EntryType } from "./beacon-index.ts";
import { conditionOf } from "./filters.ts";
import type { BeaconRequest, Filter } from "./request.ts";
import type { Term } from "./terms.ts";

/**
 * What real beacons do beside or against the standard, each without a word about it. Default: none of it.
 * - `ignores`: filters that are ignored: by id, or all that are not listed.
 * - `keeps`: only the last, or the first, of several filters.
 * - `descendants`: terms always, or never, stand for those below them, whatever is asked.
 * - `compares`: numbers as texts, or an end of a range without itself.
 * - `skips`: `skip` of /filtering_terms counts terms; default: pages.
 * - `says`: a sentence in `info.messages` of an answer to such filters; null: none.
 */
export type Habits = {
  readonly ignores?: readonly string[] | "unlisted";
  readonly keeps?: "last" | "first";
  readonly descendants?: "always" | "never";
  readonly compares?: "as texts" | "without its end";
  readonly skips?: "terms";
  readonly says?: (filters: readonly Filter[]) => string | null;
};

/** The conditions that a beacon of these habits makes of a request. @throws {Refusal} 400 */
export const habitualConditions = (
  { filters }: BeaconRequest,
  terms: ReadonlyMap<string, Term>,
  entryType: EntryType,
  habits: Habits,
): readonly Condition[] => {
  const conditions = filters.flatMap((filter): readonly Condition[] => {
    if (isIgnored(filter, terms, habits)) return [];
    return [habitual(conditionOf(filter, terms, entryType), terms, habits)];
  });
  if (habits.keeps === undefined) return conditions;
  return habits.keeps === "last" ? conditions.slice(-1) : conditions.slice(0, 1);
};

const isIgnored = ({ id }: Filter, terms: ReadonlyMap<string, Term>, { ignores }: Habits): boolean =>
  ignores === "unlisted" ? !terms.has(id) : ignores?.includes(id) === true;

const habitual = (
  condition: Condition,
  terms: ReadonlyMap<string, Term>,
  { descendants, compares }: Habits,
): Condition => {
  if ("descendants" in condition) {
    const isTree = terms.get(condition.id)?.type === "ontologyTerm";
    return descendants === undefined || !isTree ? condition : { ...condition, descendants: descendants === "always" };
  }
  if (compares === "as texts") return { ...condition, asTexts: true };
  const isFrom = compares === "without its end" && condition.operator === ">=";
  return isFrom ? { ...condition, operator: ">" } : condition;
};

/** The answer with what the beacon says beside it. */
export const withWords = (answer: object, { filters }: BeaconRequest, { says }: Habits): object => {
  const text = says?.(filters) ?? null;
  if (text === null) return answer;
  const info = "info" in answer ? answer.info : {};
  return { ...answer, info: { ...Object(info), messages: [{ text }] } };
};
