import { once } from "../once.ts";
import { SAME_WORDS } from "./fold.ts";
import { NAME_KINDS, type NameKind, readIndex } from "./index-file.ts";
import { type TokenShapes, tokenShapes } from "./near-tokens.ts";

/** One code that a name belongs to. */
export type Entry = { readonly code: number; readonly kind: NameKind };

/** An index that can be searched. Names, codes and tokens are meant by their numbers. */
export type OpenedIndex = {
  /** How many names there are. */
  readonly size: number;
  /** A name as it is searched, and as it is shown: they differ where the first is a reading. */
  readonly nameAt: (name: number) => { readonly searched: string; readonly shown: string };
  readonly entriesOf: (name: number) => readonly Entry[];
  readonly codeAt: (code: number) => string;
  /** How likely a code is meant, about 1. */
  readonly priorOf: (code: number) => number;
  readonly tokenAt: (token: number) => string;
  /** The number of a token, or -1. */
  readonly tokenOf: (text: string) => number;
  /** First and end of the tokens that begin with a text. */
  readonly startingWith: (text: string) => readonly [first: number, end: number];
  /** The names that a token is in. */
  readonly namesWith: (token: number) => Uint32Array;
  /** How much a token tells: more the fewer names it is in. */
  readonly weightOf: (token: number) => number;
  /** What all tokens of a name tell together. */
  readonly weightOfName: (name: number) => number;
  readonly near: TokenShapes["near"];
  /** What the first search would otherwise prepare, in parts of some milliseconds each. */
  readonly prepare: readonly (() => unknown)[];
};

/** Opens what `writeIndex` wrote. */
export const openIndex = (bytes: Buffer): OpenedIndex => {
  const read = readIndex(bytes);
  const codes = once(() => read.codes.toString().split("\n"));
  const tokens = once(() => read.tokens.toString().split("\n"));
  const starts = once(() => lineStarts(read.names, read.codeCounts().length));
  const firstEntry = once(() => sums(read.codeCounts()));
  const names = once(() => namesByToken(read.nameCounts(), read.nameSteps()));
  const size = once(() => read.codeCounts().length);
  const weightOf = (token: number): number => Math.log2(1 + size() / (read.nameCounts()[token] ?? 1));
  const weights = once(() => weightsOf(size(), tokens().length, names(), weightOf));
  const shapes = once(() =>
    tokenShapes(
      tokens(),
      Object.entries(SAME_WORDS).flatMap(([other, first]) => {
        const at = placeIn(tokens(), first);
        return tokens()[at] === first ? [{ text: other, token: at }] : [];
      }),
    ),
  );
  const place = (text: string): number => placeIn(tokens(), text);
  return {
    get size() {
      return size();
    },
    nameAt: (name) => {
      const [searched = "", shown = searched] = read.names
        .toString("utf8", starts()[name]!, starts()[name + 1]! - 1)
        .split("\t");
      return { searched, shown };
    },
    entriesOf: (name) => {
      const first = firstEntry()[name]!;
      return Array.from({ length: firstEntry()[name + 1]! - first }, (_, i) => ({
        code: read.codeNumbers()[first + i]!,
        kind: NAME_KINDS[read.kinds()[first + i]!]!,
      }));
    },
    codeAt: (code) => codes()[code]!,
    priorOf: (code) => read.priors()[code]! / 100,
    tokenAt: (token) => tokens()[token]!,
    tokenOf: (text) => {
      const at = place(text);
      return tokens()[at] === text ? at : -1;
    },
    startingWith: (text) => [place(text), place(`${text}\uffff`)],
    namesWith: (token) => names().of(token),
    weightOf,
    weightOfName: (name) => weights()[name]!,
    near: (word) => shapes().near(word),
    prepare: [
      ...[codes, tokens, starts, firstEntry, read.codeNumbers, read.kinds, read.nameSteps, names, weights, shapes],
      ...[0, 1].map((part) => () => shapes().prepare[part]!()),
    ],
  };
};

type NamesByToken = { readonly of: (token: number) => Uint32Array };

const namesByToken = (counts: Uint32Array, steps: Uint32Array): NamesByToken => {
  const first = sums(counts);
  const all = steps.slice();
  for (let token = 0; token < counts.length; token += 1) {
    for (let at = first[token]! + 1; at < first[token + 1]!; at += 1) all[at]! += all[at - 1]!;
  }
  return { of: (token) => all.subarray(first[token]!, first[token + 1]!) };
};

const weightsOf = (
  size: number,
  tokens: number,
  names: NamesByToken,
  weightOf: (token: number) => number,
): Float32Array => {
  const weights = new Float32Array(size);
  for (let token = 0; token < tokens; token += 1) {
    const weight = weightOf(token);
    const of = names.of(token);
    for (let i = 0; i < of.length; i += 1) weights[of[i]!]! += weight;
  }
  return weights;
};

/** The place of a text in a sorted list, or where it would be. */
const placeIn = (sorted: readonly string[], text: string): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** 0, and the sum of the numbers up to each of them. */
const sums = (numbers: Uint32Array): Uint32Array => {
  const found = new Uint32Array(numbers.length + 1);
  for (let i = 0; i < numbers.length; i += 1) found[i + 1] = found[i]! + numbers[i]!;
  return found;
};

/** Where each line begins, and where one after the last would begin. */
const lineStarts = (text: Buffer, lines: number): Uint32Array => {
  const starts = new Uint32Array(lines + 1);
  let line = 0;
  for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) {
    line += 1;
    starts[line] = at + 1;
  }
  starts[lines] = text.length + 1;
  return starts;
};
