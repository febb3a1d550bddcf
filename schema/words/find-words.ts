import { type Candidate, candidatesOf } from "./candidates.ts";
import { foldName } from "./fold.ts";
import type { NameKind } from "./index-file.ts";
import { typos } from "./near-tokens.ts";
import type { Entry, OpenedIndex } from "./opened-index.ts";
import { type Wording, wordingsOf } from "./query.ts";

/** How the text met a name (MatchKind of the SDL, without CODE). */
export type WordsMatch = "NAME" | "SYNONYM" | "ABBREVIATION" | "READING" | "SPELLING" | "NARROWER" | "TYPO";

/** A disease that was found by a name, and how well; `score` orders the hits of one search and means nothing else. */
export type WordsHit = {
  readonly code: string;
  readonly name: string;
  readonly match: WordsMatch;
  readonly score: number;
};

/** Names that are compared letter by letter. */
const MOST_CANDIDATES = 250;

/** What a search gave: hits, the best first, or else the at most three names that are nearest. */
export type FoundWords = { readonly hits: readonly WordsHit[]; readonly nearest: readonly WordsHit[] };

/** Searches an index by name. @param first how many hits at most */
export const findWords = (text: string, first: number, index: OpenedIndex): FoundWords => {
  const best = new Map<number, { readonly hit: WordsHit; readonly sure: boolean }>();
  const seen = new Map<number, number>();
  let isSame = false;
  for (const [way, wording] of wordingsOf(text, index).entries()) {
    if (isSame) break;
    for (const candidate of candidatesOf(wording.words, index, MOST_CANDIDATES)) {
      const scored = scoreOf(candidate, wording, index);
      const score = scored.score * (way === 0 ? 1 : 0.97);
      if ((seen.get(candidate.name) ?? 0) >= score) continue;
      isSame ||= scored.same === true;
      seen.set(candidate.name, score);
      for (const entry of index.entriesOf(candidate.name)) {
        const fit = scored.same && entry.kind === "NAME" ? SAME_NAME : KIND_FITS[entry.kind];
        const total = score * fit * index.priorOf(entry.code);
        const before = best.get(entry.code);
        if (before !== undefined && before.hit.score >= total) continue;
        const { name } = scored;
        best.set(entry.code, {
          hit: { code: index.codeAt(entry.code), name, match: matchOf(entry, scored.typo), score: total },
          sure: total >= LEAST_SCORE && isSure(candidate, scored, wording),
        });
      }
    }
  }
  const ranked = [...best.values()].sort((a, b) => b.hit.score - a.hit.score || (a.hit.code < b.hit.code ? -1 : 1));
  const hits = ranked.flatMap(({ hit, sure }) => (sure ? [hit] : []));
  return { hits: hits.slice(0, first), nearest: hits.length > 0 ? [] : ranked.slice(0, 3).map(({ hit }) => hit) };
};

/** Whether a name has enough of the query, or is alike enough, to be a hit. */
const isSure = ({ ofQuery }: Candidate, { alike }: Scored, { squeezed }: Wording): boolean =>
  ofQuery >= LEAST_OF_QUERY || alike >= (/[^a-z0-9]/.test(squeezed) ? LEAST_ALIKE : LEAST_ALIKE_LATIN);

const LEAST_SCORE = 0.28;
const LEAST_OF_QUERY = 0.55;
const LEAST_ALIKE = 0.7;
const LEAST_ALIKE_LATIN = 0.8;

/** For the whole own name of a code: it stands before a name that we or others gave to something wider. */
const SAME_NAME = 1.1;
const KIND_FITS: { readonly [K in NameKind]: number } = {
  NAME: 1,
  LAY: 1,
  SYNONYM: 0.94,
  ABBREVIATION: 0.97,
  READING: 0.95,
  SPELLING: 0.97,
  NARROWER: 0.8,
};

const matchOf = ({ kind }: Entry, typo: boolean): WordsMatch => (typo ? "TYPO" : kind === "LAY" ? "SYNONYM" : kind);

type Scored = {
  readonly name: string;
  readonly score: number;
  /** How alike all letters are, from 0 to 1; 1 too where one holds the other. */
  readonly alike: number;
  readonly typo: boolean;
  readonly same?: true;
};

/** Compares a name with the whole query: the same, a part of it, holding it, or nearly the same. */
const scoreOf = (candidate: Candidate, { squeezed }: Wording, index: OpenedIndex): Scored => {
  const { searched, shown: name } = index.nameAt(candidate.name);
  const own = foldName(searched).replaceAll(" ", "");
  const { ofQuery, ofName } = candidate;
  if (own === squeezed) return { name, score: 1.5, alike: 1, typo: false, same: true };
  const shared = ofQuery ** 1.5 * (0.5 + 0.5 * ofName);
  const held = Math.min(own.length, squeezed.length) / Math.max(own.length, squeezed.length);
  if (own.startsWith(squeezed)) return { name, score: shared + 0.3 * held ** 0.5, alike: 1, typo: false };
  if (own.includes(squeezed)) return { name, score: shared + 0.15 * held ** 0.5, alike: 1, typo: false };
  const near = nearScore(own, squeezed, shared);
  if (ofName < WHOLE_NAME) return { name, ...near };
  // The query says more than the name does. Japanese says what it is last.
  const isLast = squeezed.endsWith(own) && /[^a-z0-9]$/.test(own) && own.length > 1;
  const part = isLast ? 0.4 + 0.38 * held : 0.25 + 0.45 * Math.max(held, ofQuery);
  if (part <= near.score) return { name, ...near };
  const tells = isLast ? held >= LEAST_HELD : ofQuery >= LEAST_OF_PART;
  return { name, score: part, alike: tells ? 1 : near.alike, typo: false };
};

const WHOLE_NAME = 0.99;
/** Least share of a Japanese query that the name at its end must be, in letters. */
const LEAST_HELD = 0.28;
/** Least share of what the words of a query tell that a name in it must have. */
const LEAST_OF_PART = 0.35;

const nearScore = (own: string, squeezed: string, shared: number): Omit<Scored, "name"> => {
  const longest = Math.max(own.length, squeezed.length);
  const most = Math.floor(longest / 3);
  const far = longest < 3 || longest > 60 ? most + 1 : typos(squeezed, own, most);
  const alike = far > most ? 0 : 1 - far / longest;
  const score = Math.max(shared, alike < 0.8 ? 0.5 * shared + 0.5 * alike : 0.35 * shared + 0.65 * alike);
  return { score, alike, typo: far <= Math.max(1, longest / 4) };
};
