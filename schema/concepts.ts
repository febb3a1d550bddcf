import { codeSystem, DISEASE_SYSTEMS, type DiseaseSystem } from "./disease-code.ts";
import { fold } from "./fold.ts";
import { icd10Categories, icd10Chapters, icd10Children } from "./icd10.ts";
import { isMondo, mondoRow } from "./mondo.ts";
import { once } from "./once.ts";

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
  const { entries } = index();
  const named = byName(wanted, first + coded.length).map((key): Ranked => ({ key, ...entries[placeOf(key)]! }));
  const ranked = [...coded, ...named].sort((a, b) => a.key - b.key);
  const best = new Map<string, Ranked>();
  for (const each of ranked) if (!best.has(each.code)) best.set(each.code, each);
  return [...best.values()].slice(0, first).map(({ code, shown }) => ({ code, matched: shown }));
};

/** The best name of each code that the text met, by its key: the `most` first. */
const byName = (wanted: string, most: number): readonly number[] => {
  const { entries, lines, starts } = index();
  // One letter is looked for at the beginning: behind the end of the line before.
  const sought = wanted.length === 1 ? `\n${wanted}` : wanted;
  const keys: number[] = [];
  let [place, last] = [0, ""];
  for (let at = lines.indexOf(sought); at >= 0; at = lines.indexOf(sought, starts[place + 1]! - 1)) {
    const from = at + sought.length - wanted.length;
    while (starts[place + 1]! <= from) place += 1;
    const { code, rank } = entries[place]!;
    const [start, end] = [starts[place]!, starts[place + 1]! - 1];
    const match = from > start ? 2 : end - start === wanted.length ? 0 : 1;
    const key = keyOf(match * 1000 + rank, end - start, place);
    // The names of one code stand together.
    if (code !== last) keys.push(key);
    else if (rankOf(key) < rankOf(keys.at(-1)!)) keys[keys.length - 1] = key;
    last = code;
  }
  return [...Float64Array.from(keys).sort().subarray(0, most)];
};

/** What sorts by rank, then by the length of the name, then by its place. */
const keyOf = (rank: number, length: number, place: number): number =>
  (rank * LENGTHS + Math.min(length, LENGTHS - 1)) * PLACES + place;
const rankOf = (key: number): number => Math.floor(key / (LENGTHS * PLACES));
const placeOf = (key: number): number => key % PLACES;
const LENGTHS = 1024;
const PLACES = 2 ** 18;

type Ranked = FoundWith & { readonly key: number };
type FoundWith = { readonly code: string; readonly shown: string };

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
    return [{ key: keyOf(baseRank(system, own), shown.length, PLACES - 1), code: `${system}:${own}`, shown }];
  });

const baseRank = (system: DiseaseSystem, code: string): number =>
  ORDER.indexOf(system) + (codeSystem(system).withdrawn(code) ? 100 : 0);

type Entry = FoundWith & { readonly rank: number };
/** Every name on a line of its own, folded: one string is searched faster than forty thousand. */
type Index = { readonly entries: readonly Entry[]; readonly lines: string; readonly starts: readonly number[] };

/** In which order equally good matches stand. */
const ORDER: readonly DiseaseSystem[] = ["ICD10", "NANBYO", "ORPHA", "ONCOTREE", "BBJ", "NANDO", "MONDO"];

const index = once((): Index => {
  const entries: Entry[] = [];
  for (const system of DISEASE_SYSTEMS) {
    const { synonyms, codes } = codeSystem(system);
    for (const own of system === "ICD10" ? icd10Codes() : codes()) {
      const code = `${system}:${own}`;
      const rank = baseRank(system, own);
      for (const shown of namesOf(system, own)) entries.push({ code, shown, rank });
      for (const shown of synonyms(own)) entries.push({ code, shown, rank: rank + 10 });
    }
  }
  const folded = entries.map(({ shown }) => fold(shown));
  const starts = [1];
  for (const line of folded) starts.push(starts.at(-1)! + line.length + 1);
  return { entries, lines: `\n${folded.join("\n")}\n`, starts };
});

const icd10Listed = once((): ReadonlySet<string> => new Set(icd10Codes()));

/** Mondo's codes come after the codes that have the same name, and are found by a name of their own only. */
const namesOf = (system: DiseaseSystem, code: string): readonly string[] => {
  if (system === "MONDO") return [mondoRow(code).name ?? []].flat();
  const { en, ja } = codeSystem(system).label(code);
  return ja === en ? [en] : [en, ja];
};

/** Chapters, blocks, categories and the subcategories that a source lists. */
const icd10Codes = (): readonly string[] => {
  const ranges = (code: string): readonly string[] =>
    code.includes("-") ? [code, ...icd10Children(code).flatMap(ranges)] : [];
  return [...icd10Chapters.flatMap(ranges), ...icd10Categories.flatMap((code) => [code, ...icd10Children(code)])];
};
