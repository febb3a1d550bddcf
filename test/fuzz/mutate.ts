import type { Random } from "./random.ts";

const WORDS = [
  "\r\n",
  "\n",
  "\u0000",
  "{",
  "}",
  "[",
  "]",
  "(",
  ")",
  '"',
  "\\",
  "$",
  "@",
  "...",
  ":",
  ",",
  " ",
  "\t",
  "-1",
  "1e999",
  "null",
  "\\u0000",
  "\\ud800",
  "%00",
  "%",
  "#",
  "\ufeff",
  "é",
  "💉",
  "__proto__",
  "Host: x\r\n",
  "on",
  "fragment",
  "0",
];

/** A damaged copy: bytes are flipped, left out, put in, doubled or taken from another input, once or several times. */
export const mutated = (random: Random, from: Buffer, other: Buffer): Buffer => {
  let bytes = from;
  for (let i = random.int(4); i >= 0; i--) bytes = once(random, bytes, other).subarray(0, MOST);
  return bytes;
};

const MOST = 400_000;

const once = (random: Random, bytes: Buffer, other: Buffer): Buffer => {
  const at = random.int(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.int(random.chance(0.2) ? 200 : 8));
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (random.int(7)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped[at] = flipped[at]! ^ (1 << random.int(8));
      return flipped;
    }
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, Buffer.from(random.pick(WORDS)), part, after]);
    case 3:
      return Buffer.concat([
        before,
        ...Array.from({ length: 1 + random.int(random.chance(0.05) ? 500 : 4) }, () => part),
        after,
      ]);
    case 4:
      return Buffer.concat([before, Buffer.from([random.int(256)]), after]);
    case 5:
      return Buffer.concat([before, other.subarray(random.int(other.length + 1))]);
    default:
      return before;
  }
};
