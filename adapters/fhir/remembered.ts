import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { z } from "zod";
import type { Proof } from "./proof.ts";

const proofs = z.record(
  z.string(),
  z.strictObject({ works: z.literal(true), several: z.boolean(), rest: z.boolean(), apart: z.boolean() }),
);
const kept = z.strictObject({ v: z.literal(1), server: z.string(), proofs });

/** What was proven of a server's software, by how it is asked. */
export type Remembered = {
  readonly of: (route: string) => Proof | undefined;
  /** Keeps what is proven now. */
  readonly keep: (proven: ReadonlyMap<string, Proof>) => Promise<void>;
};

/** Nothing is remembered. */
export const FORGETFUL: Remembered = { of: () => undefined, keep: async () => undefined };

/**
 * What an earlier opening has proven of the same server in the same version, from `<bank>.proofs.json` in the folder of the bank's
 * other state. How a server obeys does not change with its data, so it is proven once for each version. A file that cannot be
 * read, or that is of another version, is as none.
 * @param server its address, software and version
 */
export const remembered = async (bank: string, folder: string, server: readonly string[]): Promise<Remembered> => {
  const file = path.join(folder, `${bank}.proofs.json`);
  const id = createHash("sha256").update(JSON.stringify(server)).digest("hex").slice(0, 32);
  const text = await readFile(file, "utf8").catch(() => "");
  const found = new Map(Object.entries(proofsIn(text, id)));
  return {
    of: (route) => found.get(route),
    async keep(proven) {
      const works = [...proven].filter(([, proof]) => proof.works).sort(([one], [other]) => (one < other ? -1 : 1));
      if (works.every(([route]) => found.has(route))) return;
      const next = { v: 1, server: id, proofs: { ...Object.fromEntries(found), ...Object.fromEntries(works) } };
      await mkdir(folder, { recursive: true });
      await writeFileAtomic(file, `${JSON.stringify(next)}\n`);
    },
  };
};

const proofsIn = (text: string, id: string): z.output<typeof proofs> => {
  try {
    const found = kept.parse(JSON.parse(text));
    return found.server === id ? found.proofs : {};
  } catch {
    return {};
  }
};
