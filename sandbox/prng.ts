/** A stream of pseudo-random draws, the same on every machine: integer arithmetic only, no Math.random, no Math.log. */
export type Prng = {
  /** From 0 up to but not including 1. */
  unit(): number;
  /** An integer from 0 up to but not including n. */
  below(n: number): number;
  /** An integer from first to last, both included. */
  between(first: number, last: number): number;
  /** True with probability p. */
  chance(p: number): boolean;
  pick<T>(list: readonly T[]): T;
};

/**
 * Returns the stream of a seed: sfc32, seeded by splitmix32 over an FNV-1a hash. Not a library: the populations are pinned
 * byte by byte, every donor has a stream of its own, and a new version of a generator would change them all.
 */
export const prng = (seed: string): Prng => new Sfc32(seed);

/** A class because each donor has streams of its own, and closures would be made for each. The state is 32-bit integers. */
class Sfc32 implements Prng {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  constructor(seed: string) {
    let state = fnv1a(seed);
    const step = 0x9e3779b9;
    state = (state + step) | 0;
    this.#a = splitmix(state);
    state = (state + step) | 0;
    this.#b = splitmix(state);
    state = (state + step) | 0;
    this.#c = splitmix(state);
    for (let warm = 0; warm < 12; warm++) this.#word();
  }

  #word(): number {
    const out = (this.#a + this.#b + this.#count++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + out) | 0;
    return out >>> 0;
  }

  unit(): number {
    return this.#word() / 4294967296;
  }

  below(n: number): number {
    return Math.floor(this.unit() * n);
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  chance(p: number): boolean {
    return this.unit() < p;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

/** Gives every index below n a rank below n, each once, in an order that the seed decides: exact quotas are cut from it. */
export const ranking = (n: number, seed: string): Uint32Array => {
  const draw = prng(seed);
  const rank = Uint32Array.from({ length: n }, (_, index) => index);
  for (let last = n - 1; last > 0; last--) {
    const other = draw.below(last + 1);
    const kept = rank[last]!;
    rank[last] = rank[other]!;
    rank[other] = kept;
  }
  return rank;
};

/** One outcome of several by weight; weights need not add up to 1. */
export const weighted = <T>(choices: readonly (readonly [T, number])[]): ((draw: Prng) => T) => {
  const ends: number[] = [];
  let total = 0;
  for (const [, weight] of choices) {
    total += weight;
    ends.push(total);
  }
  return (draw) => {
    const at = draw.unit() * total;
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return choices[low]![0];
  };
};

const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
};

/** Mixes a state into 32 bits. */
const splitmix = (state: number): number => {
  let mixed = state ^ (state >>> 16);
  mixed = Math.imul(mixed, 0x21f0aaad);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) | 0;
};
