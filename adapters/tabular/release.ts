import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { BankError } from "../../schema/bank-error.ts";
import { bankBroken } from "../kit/failures.ts";
import type { Release } from "../local.ts";

/** Bytes of release.json. */
const LARGEST_ANNOUNCEMENT = 65_536;

const announcement = z.object({
  number: z.union([z.number().int(), z.string().min(1)]),
  date: z.string().regex(/^\d{4}-\d{2}-\d{2}/),
});

/** The release in a folder, and `stamp`: a hash of its files' sizes and times, to see whether they changed meanwhile. */
export type FolderRelease = { readonly release: Release; readonly stamp: string };

/**
 * Reads which release a folder holds. With `release.json` ({ number, date }) it is `<bank>@<number>`, ANNOUNCED; without,
 * it is known by the sizes and times of the files, WATCHED. @throws {BankError} BANK_UNREACHABLE, BANK_BROKEN
 */
export const readRelease = async (bank: string, folder: string, files: readonly string[]): Promise<FolderRelease> => {
  const [announced, stats] = await Promise.all([readAnnouncement(bank, folder), readStats(bank, folder, files)]);
  const hash = createHash("sha256");
  for (const { file, size, mtimeNs } of stats) hash.update(`${file}\0${size}\0${mtimeNs}\0`);
  const stamp = hash.digest("hex").slice(0, 16);
  if (announced !== undefined) {
    return { stamp, release: { id: `${bank}@${announced.number}`, date: announced.date, kind: "ANNOUNCED" } };
  }
  const newest = Math.max(...stats.map(({ mtimeNs }) => Number(mtimeNs / 1_000_000n)));
  const date = new Date(newest).toISOString().slice(0, 10);
  return { stamp, release: { id: `${bank}@${stamp}`, date, kind: "WATCHED" } };
};

const readAnnouncement = async (bank: string, folder: string): Promise<z.infer<typeof announcement> | undefined> => {
  const path = join(folder, "release.json");
  const text = await readSmallFile(bank, path).catch((error: unknown) => {
    if (error instanceof BankError) throw error;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new BankError("BANK_UNREACHABLE", bank, "release.json: wanted a readable file", { cause: error });
  });
  if (text === undefined) return undefined;
  try {
    return announcement.parse(JSON.parse(text));
  } catch (cause) {
    const wanted = 'release.json: wanted { "number": 2, "date": "yyyy-mm-dd" }';
    throw new BankError("BANK_BROKEN", bank, `${wanted}, got something else`, { cause });
  }
};

const readSmallFile = async (bank: string, path: string): Promise<string> => {
  const found = await stat(path);
  if (found.isFile() && found.size <= LARGEST_ANNOUNCEMENT) return readFile(path, "utf8");
  throw bankBroken(bank, "release.json: wanted a small file, got something else");
};

const readStats = (bank: string, folder: string, files: readonly string[]) =>
  Promise.all(
    files.map(async (file) => {
      const found = await stat(join(folder, file), { bigint: true }).catch((cause: unknown) => {
        throw new BankError("BANK_UNREACHABLE", bank, `${file}: wanted a file in the folder, got none`, { cause });
      });
      // Reading a pipe would wait for its writer, and could not be aborted.
      if (!found.isFile()) throw bankBroken(bank, `${file}: wanted a file in the folder, got something else`);
      return { file, size: found.size, mtimeNs: found.mtimeNs };
    }),
  );
