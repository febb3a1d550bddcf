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
  // Nine thousand codes that nothing else looks like need no place in the index.
  const [, mondo] = /^(?:mondo[:_])?(\d{7})$/.exec(wanted) ?? [];
  if (mondo !== undefined && isMondo(mondo)) return [{ code: `MONDO:${mondo}`, matched: text.trim() }];
  const { entries, lines, starts } = index();
  const best = new Map<string, Ranked>();
  for (let at = lines.indexOf(wanted); at >= 0; ) {
    const place = lineAt(starts, at);
    const entry = entries[place]!;
    const [start, end] = [starts[place]!, starts[place + 1]! - 1];
    const match = at > start ? 2 : end - start === wanted.length ? 0 : 1;
    const rank = match * 1000 + entry.rank;
    const before = best.get(entry.code);
    const counts = entry.whole ? match === 0 : match < 2 || wanted.length > 1;
    if (counts && (before === undefined || rank < before.rank)) {
      best.set(entry.code, { rank, length: end - start, place });
    }
    at = lines.indexOf(wanted, end);
  }
  return [...best.values()]
    .sort((a, b) => a.rank - b.rank || a.length - b.length || a.place - b.place)
    .slice(0, first)
    .map(({ place }) => ({ code: entries[place]!.code, matched: entries[place]!.shown }));
};

type Ranked = { readonly rank: number; readonly length: number; readonly place: number };

/** The line that a place in the text of all lines lies in. */
const lineAt = (starts: readonly number[], at: number): number => {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle;
  }
  return low;
};

type Entry = {
  readonly code: string;
  readonly shown: string;
  /** Found only by the whole of it: codes and numbers. */
  readonly whole: boolean;
  readonly rank: number;
};
/** Every name, number and code on a line of its own, folded: one string is searched faster than fifty thousand. */
type Index = { readonly entries: readonly Entry[]; readonly lines: string; readonly starts: readonly number[] };

/** In which order equally good matches stand. */
const ORDER: readonly DiseaseSystem[] = ["ICD10", "NANBYO", "ORPHA", "ONCOTREE", "BBJ", "NANDO", "MONDO"];

const index = once((): Index => {
  const entries: Entry[] = [];
  for (const system of DISEASE_SYSTEMS) {
    const { synonyms, withdrawn } = codeSystem(system);
    for (const code of system === "ICD10" ? icd10Codes() : codeSystem(system).codes()) {
      const curie = `${system}:${code}`;
      const rank = ORDER.indexOf(system) + (withdrawn(code) ? 100 : 0);
      const add = (shown: string, extra: number, whole = false) =>
        entries.push({ code: curie, shown, whole, rank: rank + extra });
      for (const name of namesOf(system, code)) add(name, 0);
      for (const synonym of synonyms(code)) add(synonym, 10);
      if (system === "MONDO") continue;
      add(code, 0, true);
      if (system === "ICD10" && code.includes(".")) add(code.replace(".", ""), 0, true);
      add(curie, 0, true);
    }
  }
  const folded = entries.map(({ shown, whole }) => (whole ? shown.toLowerCase() : fold(shown)));
  const starts = [0];
  for (const line of folded) starts.push(starts.at(-1)! + line.length + 1);
  return { entries, lines: `${folded.join("\n")}\n`, starts };
});

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
