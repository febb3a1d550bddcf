import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { BankCopy } from "./copy.ts";

/** What is kept of each bank from one life of the gateway to the next, by the address at which it was met. */
export type Copies = {
  readonly read: () => Promise<ReadonlyMap<string, BankCopy>>;
  readonly write: (copies: ReadonlyMap<string, BankCopy>) => Promise<void>;
};

/** Copies in a file. One that cannot be read is as good as none: the banks tell again who they are. */
export const copiesIn = (file: string): Copies => ({
  async read() {
    const text = await readFile(file, "utf8").catch(() => "{}");
    try {
      return new Map(Object.entries(JSON.parse(text) as { readonly [at: string]: BankCopy }));
    } catch {
      return new Map();
    }
  },
  async write(copies) {
    await mkdir(path.dirname(file), { recursive: true });
    const next = `${file}.${randomUUID()}`;
    await writeFile(next, JSON.stringify(Object.fromEntries(copies)));
    await rename(next, file);
  },
});

/** Copies that end with the process. */
export const copiesInMemory = (): Copies => ({ read: async () => new Map(), write: async () => undefined });
