import { once } from "../once.ts";

/** How a name belongs to a disease, in the order of the numbers in the index file. LAY is a synonym that we added. */
export const NAME_KINDS = ["NAME", "LAY", "SYNONYM", "ABBREVIATION", "READING", "SPELLING", "NARROWER"] as const;
export type NameKind = (typeof NAME_KINDS)[number];

/** The parts of an index file. All lists are in the order of their numbers. */
export type IndexParts = {
  /** Every name once, as its source writes it; of a reading behind a tab what is read. */
  readonly names: readonly string[];
  readonly codes: readonly string[];
  /** What the names are listed under (tokens.ts), sorted. */
  readonly tokens: readonly string[];
  /** How likely each code is meant, in hundredths. */
  readonly priors: readonly number[];
  /** How many codes each name has, and for each of them its number and the kind of the name. */
  readonly codeCounts: readonly number[];
  readonly codeNumbers: readonly number[];
  readonly kinds: readonly number[];
  /** How many names each token has, and the distance of each to the one before it. */
  readonly nameCounts: readonly number[];
  readonly nameSteps: readonly number[];
};

const TEXTS = ["names", "codes", "tokens"] as const;
const NUMBERS = ["priors", "codeCounts", "codeNumbers", "kinds", "nameCounts", "nameSteps"] as const;

/** An index as one block of bytes: for each part its length in four bytes, then the part. */
export const writeIndex = (parts: IndexParts): Buffer => {
  const texts = TEXTS.map((part) => Buffer.from(parts[part].join("\n")));
  const blocks = [...texts, ...NUMBERS.map((part) => toBytes(parts[part]))];
  return Buffer.concat(
    blocks.flatMap((block) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(block.length);
      return [length, block];
    }),
  );
};

/** The parts of an index file: texts as bytes, numbers unpacked when they are first needed. */
export type ReadIndex = { readonly [T in (typeof TEXTS)[number]]: Buffer } & {
  readonly [N in (typeof NUMBERS)[number]]: () => Uint32Array;
};

export const readIndex = (bytes: Buffer): ReadIndex => {
  let at = 0;
  const next = (): Buffer => {
    const length = bytes.readUInt32LE(at);
    at += 4 + length;
    return bytes.subarray(at - length, at);
  };
  const numbers = (): (() => Uint32Array) => {
    const block = next();
    return once(() => fromBytes(block));
  };
  return {
    names: next(),
    codes: next(),
    tokens: next(),
    priors: numbers(),
    codeCounts: numbers(),
    codeNumbers: numbers(),
    kinds: numbers(),
    nameCounts: numbers(),
    nameSteps: numbers(),
  };
};

/** Numbers in seven bits a byte, the lowest first; the eighth bit says that more follow. */
const toBytes = (numbers: readonly number[]): Buffer => {
  const bytes: number[] = [];
  for (const number of numbers) {
    let rest = number;
    for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
    bytes.push(rest);
  }
  return Buffer.from(bytes);
};

const fromBytes = (bytes: Buffer): Uint32Array => {
  let count = 0;
  for (let i = 0; i < bytes.length; i += 1) if (bytes[i]! < 128) count += 1;
  const numbers = new Uint32Array(count);
  let [at, number, shift] = [0, 0, 0];
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i]!;
    number |= (byte & 127) << shift;
    if (byte < 128) {
      numbers[at] = number;
      at += 1;
      number = 0;
      shift = 0;
    } else shift += 7;
  }
  return numbers;
};
