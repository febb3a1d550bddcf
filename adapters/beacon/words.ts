import { asObject, type JsonObject } from "../../net/http/json-client.ts";
import type { Filter } from "./filters.ts";
import type { BeaconOptions } from "./options.ts";

/** Sentences that say nothing against a count, as comparable. */
export type StandingWords = ReadonlySet<string>;

/**
 * Sentences that the operator names, and those of answers without filters, which say nothing of filters. One that may say that
 * counts are adjusted is no such sentence unless `counts` says how.
 */
export const standingWords = ({ knownWords, counts }: Pick<BeaconOptions, "knownWords" | "counts">) => {
  const known = new Set(knownWords.map(comparable));
  const open = new Set<string>();
  return {
    known: known as StandingWords,
    /** Sentences that leave counts open. */
    open: open as StandingWords,
    /** Notes what an answer says at the opening. */
    learn(answer: JsonObject, filters: readonly Filter[]): void {
      for (const sentence of sentencesIn(answer, filters)) {
        if (filters.length === 0 && !(counts === "exact" && ADJUSTED.test(sentence))) known.add(sentence);
        if (!known.has(sentence)) open.add(sentence);
      }
    },
  };
};

/** Words of sentences that tell of adjusted counts. */
const ADJUSTED =
  /\b(suppress|mask|obfuscat|round|approximat|small|fewer|less than|below|noise|estimat)|少数|少ない|未満|以下|丸め|四捨五入|概数|秘匿/i;

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
