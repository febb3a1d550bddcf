import { conceptIndex, icd10Listed, ranksOf } from "./concept-index.ts";
import { codeSystem, DISEASE_SYSTEMS } from "./disease-code.ts";
import { fold } from "./fold.ts";
import { isMondo } from "./mondo.ts";

/** A disease that was found, and the name, number or code that the text matched. */
export type FoundConcept = { readonly code: string; readonly matched: string };

/**
 * Searches diseases by name, synonym, number or code. Order: whole names and codes, names that begin with the text, names
 * that contain it (not for one letter); among these, codes in use before withdrawn ones, names before synonyms, and the most
 * common system first.
 * @param first how many diseases at most
 */
export const findConcepts = (text: string, first: number): readonly FoundConcept[] => {
  const wanted = fold(text);
  if (wanted === "") return [];
  // Nothing else looks like a code of MONDO, so the names need not be searched.
  const [, mondo] = /^(?:mondo[:_])?(\d{7})$/.exec(wanted) ?? [];
  if (mondo !== undefined && isMondo(mondo)) return [{ code: `MONDO:${mondo}`, matched: text.trim() }];
  const coded = byCode(wanted);
  const { names, named } = conceptIndex();
  const called = byName(wanted, first + coded.length).map((key): Ranked => {
    const place = placeOf(key);
    return { key, code: named[place]!.code, shown: names[place]! };
  });
  const ranked = [...coded, ...called].sort((a, b) => a.key - b.key);
  const best = new Map<string, Ranked>();
  for (const each of ranked) if (!best.has(each.code)) best.set(each.code, each);
  return [...best.values()].slice(0, first).map(({ code, shown }) => ({ code, matched: shown }));
};

/** Sort keys of the best matching name of each code: the `most` first. */
const byName = (wanted: string, most: number): readonly number[] => {
  const { named, lines, starts } = conceptIndex();
  // One letter is searched at the beginning of a line: after the line break before it.
  const sought = wanted.length === 1 ? `\n${wanted}` : wanted;
  const keys: number[] = [];
  let [place, last] = [0, ""];
  for (let at = lines.indexOf(sought); at >= 0; at = lines.indexOf(sought, starts[place + 1]! - 1)) {
    const from = at + sought.length - wanted.length;
    while (starts[place + 1]! <= from) place += 1;
    const { code, rank } = named[place]!;
    const [start, end] = [starts[place]!, starts[place + 1]! - 1];
    const match = from > start ? 2 : end - start === wanted.length ? 0 : 1;
    const key = keyOf(match * 1000 + rank, end - start, place);
    // The names of one code stand together.
    if (code !== last) keys.push(key);
    else if (rankIn(key) < rankIn(keys.at(-1)!)) keys[keys.length - 1] = key;
    last = code;
  }
  return [...Float64Array.from(keys).sort().subarray(0, most)];
};

/** A number that sorts by rank, then by length of the name, then by its place in the index. */
const keyOf = (rank: number, length: number, place: number): number =>
  (rank * LENGTHS + Math.min(length, LENGTHS - 1)) * PLACES + place;
const rankIn = (key: number): number => Math.floor(key / (LENGTHS * PLACES));
const placeOf = (key: number): number => key % PLACES;
const LENGTHS = 1024;
const PLACES = 2 ** 18;

type Ranked = { readonly key: number; readonly code: string; readonly shown: string };

/** Diseases whose code or number equals the text, with or without its system. */
const byCode = (wanted: string): readonly Ranked[] =>
  DISEASE_SYSTEMS.flatMap((system): readonly Ranked[] => {
    if (system === "MONDO") return [];
    const prefix = `${system.toLowerCase()}:`;
    const whole = wanted.startsWith(prefix);
    const bare = whole ? wanted.slice(prefix.length) : wanted;
    const own = codeSystem(system).normalize(bare);
    if (own === null || (system === "ICD10" && !icd10Listed().has(own))) return [];
    const dotless = !whole && system === "ICD10" && own.replace(".", "").toLowerCase() === bare;
    if (own.toLowerCase() !== bare && !dotless) return [];
    const shown = whole ? `${system}:${own}` : dotless && own.toLowerCase() !== bare ? own.replace(".", "") : own;
    return [{ key: keyOf(ranksOf(system)(own), shown.length, PLACES - 1), code: `${system}:${own}`, shown }];
  });
