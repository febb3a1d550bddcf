import { readFile } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { BankId } from "./donor.ts";
import type { ReleaseNumber } from "./releases.ts";

/** Which release each bank has published last; a bank that is not named has published none but the first. */
export type Published = { readonly [Bank in BankId]?: ReleaseNumber };

const FILE = "releases.json";

/** Reads what was published in a folder, so that a bank does not go back to its first release when it starts again. */
export const readPublished = async (folder: string): Promise<Published> =>
  JSON.parse(await readFile(join(folder, FILE), "utf8").catch(() => "{}")) as Published;

/** Keeps it. */
export const keepPublished = async (folder: string, published: Published): Promise<void> => {
  await writeFileAtomic(join(folder, FILE), JSON.stringify(published));
};
