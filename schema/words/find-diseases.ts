import { codeSystem, DISEASE_SYSTEMS, type DiseaseSystem } from "../codes/disease-code.ts";
import { icd10Listed } from "../codes/icd10-listed.ts";
import { isMondo } from "../codes/mondo.ts";
import { findWords, type WordsMatch } from "./find-words.ts";
import { words } from "./read-words.ts";

/** A disease that was found, the name, number or code that the text met, and in which way (MatchKind of the SDL). */
export type FoundDisease = {
  readonly code: string;
  readonly matched: string;
  readonly kind: WordsMatch | "CODE";
  /** Orders the diseases of one search, and means nothing else. */
  readonly score: number;
};

/** Diseases, the best first; where there is none, the at most three whose names are nearest. */
export type FoundDiseases = { readonly hits: readonly FoundDisease[]; readonly nearest: readonly FoundDisease[] };

/**
 * Searches diseases by name, synonym, number or code, in both languages: whole names and codes first, then names that begin with the
 * text, hold its words, or differ by typos; among equally good ones everyday categories before narrow and rare ones.
 * @param first how many diseases at most
 */
export const findDiseases = (text: string, first: number): FoundDiseases => {
  const coded = byCode(text.normalize("NFKC").trim().toLowerCase());
  if (coded.some(({ score }) => score === SURE)) return { hits: coded.slice(0, first), nearest: [] };
  const { hits, nearest } = findWords(text, first + coded.length, words());
  const named = hits.map(({ code, name, match, score }) => ({ code, matched: name, kind: match, score }));
  const best = new Map<string, FoundDisease>();
  for (const each of [...coded, ...named].sort((a, b) => b.score - a.score)) {
    if (!best.has(each.code)) best.set(each.code, each);
  }
  return {
    hits: [...best.values()].slice(0, first),
    nearest:
      best.size > 0 ? [] : nearest.map(({ code, name, match, score }) => ({ code, matched: name, kind: match, score })),
  };
};

/** The score of a text that can be nothing but a code. */
const SURE = 3;
/** The score of a code that may be a name too, such as ALL; a name of ICD-10 that equals the text comes first. */
const AS_NAME: { readonly [S in DiseaseSystem]: number } = {
  ICD10: 2,
  NANBYO: 1.6,
  ORPHA: 1.36,
  ONCOTREE: 1.35,
  BBJ: 1.2,
  NANDO: 1.4,
  MONDO: 1.1,
};

/** Diseases whose code or number equals the text, with or without its system. */
const byCode = (wanted: string): readonly FoundDisease[] => {
  const [, mondo] = /^(?:mondo[:_])?(\d{7})$/.exec(wanted) ?? [];
  if (mondo !== undefined && isMondo(mondo)) return [found(`MONDO:${mondo}`, `MONDO:${mondo}`, SURE)];
  return DISEASE_SYSTEMS.flatMap((system): readonly FoundDisease[] => {
    if (system === "MONDO") return [];
    const prefix = `${system.toLowerCase()}:`;
    const whole = wanted.startsWith(prefix);
    const bare = whole ? wanted.slice(prefix.length) : wanted;
    const own = codeSystem(system).normalize(bare);
    if (own === null || (system === "ICD10" && !icd10Listed().has(own))) return [];
    const dotless = !whole && system === "ICD10" && own.replace(".", "").toLowerCase() === bare;
    if (own.toLowerCase() !== bare && !dotless) return [];
    const shown = whole ? `${system}:${own}` : dotless && own.toLowerCase() !== bare ? own.replace(".", "") : own;
    return [found(`${system}:${own}`, shown, whole ? SURE : AS_NAME[system])];
  });
};

const found = (code: string, matched: string, score: number): FoundDisease => ({ code, matched, kind: "CODE", score });
