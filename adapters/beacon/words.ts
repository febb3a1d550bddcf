import { asObject, type JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Unit } from "../local.ts";
import type { Filter } from "./filters.ts";
import type { BeaconOptions } from "./options.ts";

/** Sentences that say nothing against a count, as comparable. */
export type StandingWords = ReadonlySet<string>;

/**
 * Words that stand in an answer without filters say nothing of filters; nor do those that the operator names.
 * @param fetch the answer to a count of all
 */
export const standingWords = async (
  { knownWords }: Pick<BeaconOptions, "knownWords">,
  fetch: (unit: Unit) => Promise<JsonObject | BankError>,
): Promise<StandingWords> => {
  const answers = await Promise.all([fetch("DONORS"), fetch("SAMPLES")]);
  const said = answers.flatMap((answer) => (answer instanceof BankError ? [] : sentencesIn(answer, [])));
  return new Set([...said, ...knownWords.map(comparable)]);
};

/** Whether an answer says something that may be about its filters or its count, in whatever language. */
export const saysMore = (answer: JsonObject, filters: readonly Filter[], known: StandingWords): boolean =>
  sentencesIn(answer, filters).some((sentence) => !known.has(sentence));

/** Texts where the standard lets a beacon say more: sentences, and such as name one of the filters. */
const sentencesIn = (answer: JsonObject, filters: readonly Filter[]): readonly string[] => {
  const meta = asObject(answer["meta"]);
  const response = asObject(answer["response"]);
  const sets = [answer["resultSets"], response?.["resultSets"]].flat().map((set) => asObject(set)?.["info"]);
  const summary = asObject(answer["responseSummary"]);
  const places = [answer["info"], meta?.["info"], meta?.["warnings"], summary?.["info"], response?.["info"], ...sets];
  return textsIn(places)
    .filter((said) => isSentence(said) || filters.some(({ id }) => said.includes(id)))
    .map(comparable);
};

/** Two words or more, or letters of a script that is not written with spaces. */
const isSentence = (said: string): boolean =>
  /\p{L}[\p{P}\s]*\s+\p{L}/u.test(said) || /[^\p{ASCII}\p{P}\p{S}]/u.test(said);

/** Numbers differ from answer to answer. */
const comparable = (said: string): string => said.normalize("NFKC").replace(/\d+/g, "#").trim();

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, of]) => {
    if (ADJUSTMENTS.has(name)) return [];
    // A member may say it by its name, in a language other than English too.
    return isSentence(name) ? [name, ...textsIn(of)] : textsIn(of);
  });
};

/** Members of which `adjusted` makes sense. */
const ADJUSTMENTS: ReadonlySet<string> = new Set(["countPrecision", "countAdjustedTo"]);
