import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { type Card, parseCard } from "../../schema/wire/card.ts";

/** The banks' cards from one run of the gateway to the next, by the address of each bank. */
export type KeptCards = {
  readonly read: () => Promise<ReadonlyMap<string, Card>>;
  readonly write: (cards: ReadonlyMap<string, Card>) => Promise<void>;
};

/** Cards in a file. A file that cannot be read, and a card that breaks the contract, are ignored: the banks are asked again. */
export const keptIn = (file: string): KeptCards => ({
  async read() {
    const text = await readFile(file, "utf8").catch(() => "{}");
    try {
      return new Map(Object.entries(JSON.parse(text)).flatMap(([at, json]) => cardAt(at, json)));
    } catch {
      return new Map();
    }
  },
  async write(cards) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileAtomic(file, JSON.stringify(Object.fromEntries(cards)));
  },
});

const cardAt = (at: string, json: unknown): readonly (readonly [string, Card])[] => {
  try {
    return [[at, parseCard(json)]];
  } catch {
    return [];
  }
};

/** Cards that end with the process. */
export const keptInMemory = (): KeptCards => ({ read: async () => new Map(), write: async () => undefined });
