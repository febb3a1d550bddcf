import { readFile } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { BankId } from "./donor.ts";
import type { ReleaseNumber } from "./releases.ts";

/** The release that each bank published last; a bank that is left out is at release 1. */
export type Published = { readonly [Bank in BankId]?: ReleaseNumber };

const FILE = "releases.json";

/** Reads the published releases of a folder: a bank that starts again serves the release that it published last. */
export const readPublished = async (folder: string): Promise<Published> =>
  JSON.parse(await readFile(join(folder, FILE), "utf8").catch(() => "{}")) as Published;

/** Writes the published releases of a folder. */
export const keepPublished = async (folder: string, published: Published): Promise<void> => {
  await writeFileAtomic(join(folder, FILE), JSON.stringify(published));
};
