/**
 * A set of indices, one bit each. Not a library: counting in the fake banks must cost less than the adapters that are
 * measured against them, and these loops over words are what the JIT compiles best.
 */
export type Bits = Uint32Array;

/** The empty set over indices below `size`. */
export const noBits = (size: number): Bits => new Uint32Array((size + 31) >>> 5);

/** Puts an index into a set. */
export const setBit = (bits: Bits, index: number): void => {
  bits[index >>> 5]! |= 1 << (index & 31);
};

/** Whether a set holds an index. */
export const hasBit = (bits: Bits, index: number): boolean => ((bits[index >>> 5]! >>> (index & 31)) & 1) === 1;

/** The indices that are in all sets; null, which means every index, where there is no set. */
export const intersection = (sets: readonly Bits[]): Bits | null => {
  const [first, ...others] = sets;
  if (first === undefined) return null;
  if (others.length === 0) return first;
  const bits = first.slice();
  for (const other of others) for (let word = 0; word < bits.length; word++) bits[word]! &= other[word]!;
  return bits;
};

/** How many indices a set holds. */
export const sizeOf = (bits: Bits): number => {
  let total = 0;
  for (let word of bits) {
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    total += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return total;
};

/** Calls `visit` with every index of a set, in ascending order. */
export const eachBit = (bits: Bits, visit: (index: number) => void): void => {
  for (let at = 0; at < bits.length; at++) {
    let word = bits[at]!;
    while (word !== 0) {
      visit((at << 5) + 31 - Math.clz32(word & -word));
      word &= word - 1;
    }
  }
};
