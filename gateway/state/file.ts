import { mkdir, open, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { lock } from "proper-lockfile";
import writeFileAtomic from "write-file-atomic";

/** A state file holds something else than what Odan writes there. */
export class StrangeStateFile extends Error {
  override readonly name = "StrangeStateFile";
}

const HEAD = "odan state 1";

/** In place of a stamp: this process has written the file and not read it since. */
const WRITTEN = "written";

/** In ms: a lock that was not renewed for so long was left by a process that was killed, and is taken over. */
const STALE_MS = 5000;
const RENEW_MS = 1000;
/** Attempts to lock, over about 15 s: longer than a lock that was left takes to become stale. */
const ATTEMPTS = { retries: 70, minTimeout: 20, maxTimeout: 250, factor: 1.5 };

/**
 * A file of lines that several processes of one machine read and write. What `update` resolved for is there after a crash, and a
 * reader finds either the old lines or the new ones.
 */
export const stateFile = (file: string) => {
  let seen: string | null = null;

  const read = async (): Promise<readonly string[] | null> => {
    seen = await stampOf(file);
    const text = await readFile(file, "utf8").catch(missing);
    if (text === null) return null;
    const [head, ...lines] = text.split("\n");
    if (head !== HEAD || lines.pop() !== "") {
      throw new StrangeStateFile(
        `${file}: wanted the state that Odan wrote, got something else. Restore it from a backup, or remove it: its tokens are void then.`,
      );
    }
    return lines;
  };

  return {
    file,
    /** The lines; null where the file does not exist. @throws {StrangeStateFile} */
    read,
    /** Whether the file is another one than when this process last read or wrote it. */
    hasChanged: async (): Promise<boolean> => (await stampOf(file)) !== seen,
    /**
     * Replaces the lines, which no other process changes meanwhile.
     * @param change makes the new lines out of the old ones, null where there is no file. It writes nothing where they are equal
     */
    async update(change: (lines: readonly string[] | null) => readonly string[]): Promise<void> {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await locked(file, async (isOurs) => {
        const before = await read().catch(strangeAsNone);
        const after = change(before);
        if (before !== null && before.join("\n") === after.join("\n")) return;
        if (!isOurs()) throw new Error(`${file}: wanted to keep its lock, another process has taken it over`);
        await writeFileAtomic(file, [HEAD, ...after, ""].join("\n"), { mode: 0o600 });
        await syncFolder(path.dirname(file));
        // Read once more at the next look: it may have been overwritten by hand since.
        seen = WRITTEN;
      });
    },
  };
};

/** Inode, time and size; null where there is no file. Every write makes another inode. */
const stampOf = async (file: string): Promise<string | null> => {
  const found = await stat(file, { bigint: true }).catch(missing);
  return found && `${found.ino} ${found.mtimeNs} ${found.size}`;
};

const missing = (error: NodeJS.ErrnoException): null => {
  if (error.code === "ENOENT") return null;
  throw error;
};

/** A file that was spoilt while this process runs is replaced by what the process knows. */
const strangeAsNone = (error: unknown): null => {
  if (error instanceof StrangeStateFile) return null;
  throw error;
};

const locked = async (file: string, work: (isOurs: () => boolean) => Promise<void>): Promise<void> => {
  let lost = false;
  const unlock = await lock(file, {
    realpath: false,
    stale: STALE_MS,
    update: RENEW_MS,
    retries: ATTEMPTS,
    onCompromised: () => {
      lost = true;
    },
  });
  try {
    await work(() => !lost);
  } finally {
    // A lock that was taken over is no longer ours to release.
    if (!lost) await unlock();
  }
};

/** The new name is durable once its folder is. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
