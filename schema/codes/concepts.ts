import { conceptIndex, icd10Listed, ranksOf } from "./concept-index.ts";
import { codeSystem, DISEASE_SYSTEMS } from "./disease-code.ts";
import { fold } from "./fold.ts";
import { isMondo } from "./mondo.ts";

/** A disease that a text found, and the name, number or code that the text met. */
export type FoundConcept = { readonly code: string; readonly matched: string };

/**
 * Diseases whose name or synonym a text is, begins or is part of (one letter alone is looked for at the beginning only), in
 * this order, and those whose number or code it is; then those in use before withdrawn ones, names before synonyms, and the
 * widest-known system first. `first` at most.
 */
export const findConcepts = (text: string, first: number): readonly FoundConcept[] => {
  const wanted = fold(text);
  if (wanted === "") return [];
  // Nine thousand codes that nothing else looks like need no look at the names.
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

/** The best name of each code that the text met, by its key: the `most` first. */
const byName = (wanted: string, most: number): readonly number[] => {
  const { named, lines, starts } = conceptIndex();
  // One letter is looked for at the beginning: behind the end of the line before.
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

/** What sorts by rank, then by the length of the name, then by its place. */
const keyOf = (rank: number, length: number, place: number): number =>
  (rank * LENGTHS + Math.min(length, LENGTHS - 1)) * PLACES + place;
const rankIn = (key: number): number => Math.floor(key / (LENGTHS * PLACES));
const placeOf = (key: number): number => key % PLACES;
const LENGTHS = 1024;
const PLACES = 2 ** 18;

type Ranked = { readonly key: number; readonly code: string; readonly shown: string };

/** Those whose code or number the text is, with its system or without. */
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
