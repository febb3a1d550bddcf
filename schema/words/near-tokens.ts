import { once } from "../once.ts";

/** Latin tokens by length, each with the set of its letters, so that a mistyped word is compared with few of them. */
export type TokenShapes = {
  readonly near: (word: string) => readonly Near[];
  /** What the first call would otherwise prepare. */
  readonly prepare: readonly (() => unknown)[];
};

/** A token that a mistyped word may have meant, and by how many letters they differ. */
export type Near = { readonly token: number; readonly distance: number };

/** One spelling of a token. */
type Shape = { readonly text: string; readonly token: number };

/**
 * Prepares a list of tokens; those with other than Latin letters and digits are left out.
 * @param others spellings that stand for one of the tokens
 */
export const tokenShapes = (tokens: readonly string[], others: readonly Shape[] = []): TokenShapes => {
  const shapes = [...tokens.map((text, token) => ({ text, token })), ...others].filter(({ text }) => LATIN.test(text));
  const letters = once(() => Int32Array.from(shapes, ({ text }) => lettersOf(text)));
  const byLength = once(() => {
    const found = new Map<number, number[]>();
    shapes.forEach(({ text: { length } }, i) => {
      const alike = found.get(length);
      if (alike === undefined) found.set(length, [i]);
      else alike.push(i);
    });
    return found;
  });
  return {
    near: (word) => {
      const most = mostTypos(word);
      if (most === 0) return [];
      const own = lettersOf(word);
      const found: Near[] = [];
      for (let length = word.length - most; length <= word.length + most; length += 1) {
        for (const i of byLength().get(length) ?? []) {
          if (bitsIn(letters()[i]! ^ own) > 2 * most) continue;
          const { text, token } = shapes[i]!;
          const far = typos(word, text, most);
          if (far <= most) found.push({ token, distance: far });
        }
      }
      return found;
    },
    prepare: [letters, byLength],
  };
};

const LATIN = /^[a-z][a-z0-9]{2,}$/;

/** Most typos in a word: none in the shortest, one from four letters on, two from seven on, three in very long ones. */
const mostTypos = (word: string): number =>
  !/^[a-z][a-z0-9]*$/.test(word) || word.length < 4 ? 0 : word.length < 7 ? 1 : word.length < 11 ? 2 : 3;

const lettersOf = (word: string): number => {
  let letters = 0;
  for (let at = 0; at < word.length; at += 1) letters |= 1 << ((word.charCodeAt(at) - 97) % 31);
  return letters;
};

const bitsIn = (number: number): number => {
  let count = 0;
  for (let rest = number; rest !== 0; rest &= rest - 1) count += 1;
  return count;
};

/** Letters to change, to add, to leave out or to swap with the next one, so that one word becomes the other; more than `most`: any more. */
export const typos = (a: string, b: string, most: number): number => {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let [before, last, row] = [
    new Array<number>(b.length + 1),
    new Array<number>(b.length + 1),
    new Array<number>(b.length + 1),
  ];
  for (let j = 0; j <= b.length; j += 1) last[j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    row[0] = i;
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped =
        i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (swapped) cost = Math.min(cost, before[j - 2]! + 1);
      row[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > most) return most + 1;
    [before, last, row] = [last, row, before];
  }
  return last[b.length]!;
};
