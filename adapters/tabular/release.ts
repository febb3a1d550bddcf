import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { BankError } from "../../schema/bank-error.ts";
import { bankBroken } from "../kit/failures.ts";
import type { Release } from "../local.ts";
import { unreadable } from "./relation.ts";

/** Bytes of release.json. */
const LARGEST_ANNOUNCEMENT = 65_536;

const announcement = z.object({
  number: z.union([z.number().int(), z.string().min(1)]),
  date: z.string().regex(/^\d{4}-\d{2}-\d{2}/),
});

/** The release in a folder, and `stamp`: a hash of its files' sizes, times and places on the disk, to see whether they changed. */
export type FolderRelease = { readonly release: Release; readonly stamp: string };

/** Tells which release a folder holds: see releaseWatch. `announced`: by release.json, and by nothing else. */
export type ReleaseWatch = (signal: AbortSignal, announced?: boolean) => Promise<FolderRelease>;

/** Files that changed within this time may be half written. */
const STABLE_MS = 1_000;

/**
 * Reads which release a folder holds, again and again. With `release.json` ({ number, date }) it is `<bank>@<number>`,
 * ANNOUNCED; without, it is known by what the files hold, WATCHED. They are read where they are other files than the last time,
 * and only once they have been as they are for a second: until then the bank is busy.
 */
export const releaseWatch = (bank: string, folder: string, files: readonly string[]): ReleaseWatch => {
  let last: FolderRelease | undefined;
  return async (signal, hasToBeAnnounced = false) => {
    const [announced, stats] = await Promise.all([readAnnouncement(bank, folder), readStats(bank, folder, files)]);
    const stamp = stampOf(stats);
    if (announced !== undefined) {
      return { stamp, release: { id: `${bank}@${announced.number}`, date: announced.date, kind: "ANNOUNCED" } };
    }
    if (hasToBeAnnounced) {
      const message = "release.json: wanted the file that announced the last release, or a newer one, got none";
      throw new BankError("BANK_UNREACHABLE", bank, message);
    }
    if (last?.stamp === stamp) return last;
    const since = sinceWritten(stats);
    if (since >= 0 && since < STABLE_MS) {
      throw new BankError("BANK_BUSY", bank, "the files: wanted them unchanged for a second, got new ones", {
        retryAfterMs: Math.ceil(STABLE_MS - since),
      });
    }
    const hash = createHash("sha256");
    for (const file of files) {
      const digest = await digestOf(join(folder, file), signal).catch((error: unknown) => {
        signal.throwIfAborted();
        throw unreadable(bank, file, error);
      });
      hash.update(`${file}\0${digest}\0`);
    }
    if (stampOf(await readStats(bank, folder, files)) !== stamp) {
      throw new BankError("BANK_BUSY", bank, "the files: wanted them unchanged while they are read, got others");
    }
    const id = `${bank}@${hash.digest("hex").slice(0, 16)}`;
    last = { stamp, release: { id, date: new Date(newestOf(stats)).toISOString().slice(0, 10), kind: "WATCHED" } };
    return last;
  };
};

/** Waits until the files are no longer being written. Returns their stamp: see FolderRelease. */
export const settledFiles = async (
  { bank, folder, files }: { readonly bank: string; readonly folder: string; readonly files: readonly string[] },
  signal: AbortSignal,
): Promise<string> => {
  const announced = (await readAnnouncement(bank, folder)) !== undefined;
  for (;;) {
    const stats = await readStats(bank, folder, files);
    const since = sinceWritten(stats);
    if (announced || since < 0 || since >= STABLE_MS) return stampOf(stats);
    await setTimeout(STABLE_MS - since, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
};

/** Time since the newest file was written, in ms; below 0: that is to come. */
const sinceWritten = (stats: FileStats): number => Date.now() - newestOf(stats);

const newestOf = (stats: FileStats): number => Math.max(...stats.map(({ mtimeMs }) => mtimeMs));

/** The release once the files are no longer being written. @throws signal.reason when the signal aborts */
export const stableRelease = async (watch: ReleaseWatch, signal: AbortSignal): Promise<FolderRelease> => {
  for (;;) {
    try {
      return await watch(signal);
    } catch (error) {
      if (!(error instanceof BankError) || error.code !== "BANK_BUSY") throw error;
      await setTimeout(error.retryAfterMs ?? STABLE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
};

const digestOf = async (path: string, signal: AbortSignal): Promise<string> => {
  const hash = createHash("sha256");
  const { size } = await stat(path);
  const highWaterMark = Math.min(1_048_576, Math.max(size, 64));
  for await (const chunk of createReadStream(path, { signal, highWaterMark })) hash.update(chunk as Buffer);
  return hash.digest("hex");
};

type FileStats = Awaited<ReturnType<typeof readStats>>;

/** A file that was replaced has another time of change or place, even where its size and time were kept. */
const stampOf = (stats: FileStats): string => {
  const hash = createHash("sha256");
  for (const { file, size, mtimeNs, ctimeNs, ino } of stats) {
    hash.update(`${file}\0${size}\0${mtimeNs}\0${ctimeNs}\0${ino}\0`);
  }
  return hash.digest("hex").slice(0, 16);
};

/** Sizes and times of the files and of release.json, whatever is in them and whether they are there. */
export const lookOf = async (folder: string, files: readonly string[]): Promise<string> => {
  const looks = [...files, "release.json"].map(async (file) => {
    const found = await stat(join(folder, file), { bigint: true }).catch(() => null);
    return found === null ? `${file} -` : `${file} ${found.size} ${found.ctimeNs} ${found.ino}`;
  });
  return (await Promise.all(looks)).join("\n");
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
      const { size, mtimeNs, ctimeNs, ino } = found;
      return { file, size, mtimeNs, ctimeNs, ino, mtimeMs: Number(mtimeNs / 1_000_000n) };
    }),
  );
