import type { OpenedIndex } from "./opened-index.ts";
import { partsOf } from "./tokens.ts";

/** A name that shares words with a query: how much of the query it has, and how much of it the query has, from 0 to 1. */
export type Candidate = { readonly name: number; readonly ofQuery: number; readonly ofName: number };

/** A token that stands for one of the query's, and how well, from 0 to 1. */
type Meant = { readonly token: number; readonly fit: number };

/** The names that share most with the words, best first. */
export const candidatesOf = (words: readonly string[], index: OpenedIndex, most: number): readonly Candidate[] => {
  const parts = words.flatMap((word, i) => partsOf(word).map((text) => ({ text, isLast: i === words.length - 1 })));
  const tokens = parts.slice(0, MOST_TOKENS).map(({ text, isLast }) => ({ text, meant: meantBy(text, isLast, index) }));
  const wanted = new Float32Array(index.size);
  const had = new Float32Array(index.size);
  const seenFor = new Uint16Array(index.size);
  const touched: number[] = [];
  let all = 0;
  tokens.forEach(({ text, meant }, i) => {
    const own = index.tokenOf(text);
    const best = meant[0];
    const weight =
      own >= 0 ? index.weightOf(own) : best === undefined ? UNKNOWN : Math.min(index.weightOf(best.token), UNKNOWN);
    all += weight;
    for (const { token, fit } of meant) {
      const told = index.weightOf(token) * fit;
      for (const name of index.namesWith(token)) {
        if (seenFor[name] === i + 1) continue;
        if (seenFor[name] === 0) touched.push(name);
        seenFor[name] = i + 1;
        wanted[name]! += weight * fit;
        had[name]! += told;
      }
    }
  });
  const found = touched.map(
    (name): Candidate => ({
      name,
      ofQuery: wanted[name]! / all,
      ofName: Math.min(1, had[name]! / index.weightOfName(name)),
    }),
  );
  return bestOf(found, most);
};

/** Most tokens of a query that are looked for; no name that people type has more. */
const MOST_TOKENS = 40;

/** What a token tells that no name has. */
const UNKNOWN = 11;

const bestOf = (found: readonly Candidate[], most: number): readonly Candidate[] => {
  if (found.length <= most) return found;
  const keys = Float64Array.from(found, rough);
  const least = Float64Array.from(keys).sort()[found.length - most]!;
  return found.filter((_, i) => keys[i]! >= least).slice(0, 2 * most);
};

const rough = ({ ofQuery, ofName }: Candidate): number => ofQuery * (0.55 + 0.45 * ofName);

/** Tokens of the index that a token of a query means, the best first: itself, longer ones, and mistyped ones. */
const meantBy = (text: string, isLast: boolean, index: OpenedIndex): readonly Meant[] => {
  const own = index.tokenOf(text);
  const exact: readonly Meant[] = own >= 0 ? [{ token: own, fit: 1 }] : [];
  if (!/^[a-z0-9]/.test(text)) return text.length > 1 ? exact : [...exact, ...longer(text, index, 0.9)];
  const begun = text.length >= (isLast ? 1 : 3) ? longer(text, index, isLast ? 0.95 : 0.8) : [];
  const near = index
    .near(text)
    .filter(({ token }) => token !== own)
    .map(({ token, distance }) => ({ token, fit: nearFit(text, index.tokenAt(token), distance, own >= 0) }));
  return [...exact, ...[...begun, ...near].sort((a, b) => b.fit - a.fit)];
};

const longer = (text: string, index: OpenedIndex, fit: number): readonly Meant[] => {
  const [first, end] = index.startingWith(text);
  const found: Meant[] = [];
  for (let token = first; token < Math.min(end, first + MOST_LONGER); token += 1) {
    const { length } = index.tokenAt(token);
    if (length > text.length) found.push({ token, fit: fit * (text.length / length) ** 0.25 });
  }
  return found;
};

const MOST_LONGER = 3000;

/** A known word is rarely a mistyped other one, and few people mistype the first letter. */
const nearFit = (text: string, meant: string, distance: number, isKnown: boolean): number =>
  (isKnown ? 0.4 : 0.85) * (text[0] === meant[0] ? 1 : 0.8) * (1 - distance / (text.length + 2));
