import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** One name of the state, as the last write left it. */
export type StateEntry = {
  readonly kind: string;
  readonly name: string;
  /** Grows with every write of this name: of two copies the one of the higher number is the newer one. */
  readonly number: number;
  /** Plain JSON; null: removed. */
  readonly value: unknown;
  /** Milliseconds since 1970 after which nobody needs the entry; null: it is kept for ever. */
  readonly until: number | null;
};

/** How much a write adds to the number. A removal outruns a thousand writes of a writer that did not know of it. */
export const STEP = { write: 1, remove: 1000 } as const;

/** Whether a copy replaces another one of the same name. In a total order, so that all gateways keep the same copy. */
export const isNewer = (entry: StateEntry, known: StateEntry): boolean => {
  if (entry.number !== known.number) return entry.number > known.number;
  // Two writers that did not know of each other: a removal wins, else the text decides.
  if ((entry.value === null) !== (known.value === null)) return entry.value === null;
  return textOf(entry) > textOf(known);
};

/** Whether two copies of one name say the same. */
export const isSame = (a: StateEntry, b: StateEntry): boolean => textOf(a) === textOf(b);

/** The name of an entry among those of all kinds. */
export const fieldOf = ({ kind, name }: Pick<StateEntry, "kind" | "name">): string => JSON.stringify([kind, name]);

/** See signLines. */
export type LineSigner = ReturnType<typeof signLines>;

/**
 * Writes entries as signed lines and reads them back. A line is the HMAC-SHA256 of its text in base64url, a space, and the text,
 * which is JSON. The first key signs, all of them verify.
 */
export const signLines = (key: Uint8Array, ...older: readonly Uint8Array[]) => {
  const macOf = (by: Uint8Array, text: string): Buffer => createHmac("sha256", by).update(text).digest();
  return {
    write(entry: StateEntry): string {
      const text = textOf(entry);
      return `${macOf(key, text).toString("base64url")} ${text}`;
    },
    /** Null for a line that none of the keys has signed, or of a shape that this version does not know. */
    read(line: string): StateEntry | null {
      const mac = Buffer.from(line.slice(0, MAC_LENGTH), "base64url");
      const text = line.slice(MAC_LENGTH + 1);
      if (mac.length !== MAC_BYTES || ![key, ...older].some((by) => timingSafeEqual(macOf(by, text), mac))) return null;
      const { data, success } = wireEntry.safeParse(JSON.parse(text));
      if (!success) return null;
      const [kind, name, number, until, value] = data;
      return { kind, name, number, value, until };
    },
  };
};

const MAC_BYTES = 32;
const MAC_LENGTH = 43;

const wireEntry = z.tuple([z.string(), z.string(), z.int().min(1), z.int().nullable(), z.unknown()]);

const textOf = ({ kind, name, number, until, value }: StateEntry): string =>
  JSON.stringify([kind, name, number, until, value]);
