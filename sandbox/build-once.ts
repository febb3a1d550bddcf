import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What a built folder was built from. */
export type Stamp = {
  readonly generator: number;
  readonly format: number;
  readonly seed: string;
  readonly size: number;
  /** Absent for the first. */
  readonly release?: 2;
};

const STAMP = "stamp.json";

/** Whether the folder has a complete build with exactly this stamp. */
export const isBuilt = async (folder: string, stamp: Stamp): Promise<boolean> => {
  const found = await readFile(join(folder, STAMP), "utf8").catch(() => null);
  return found === JSON.stringify(stamp);
};

/**
 * Builds a folder unless it is built; true if it was built now. The build is made beside the folder and renamed at its end:
 * an interrupted build never counts, and of two processes that build at once one wins.
 */
export const buildOnce = async (
  folder: string,
  stamp: Stamp,
  build: (folder: string) => Promise<void>,
): Promise<boolean> => {
  if (await isBuilt(folder, stamp)) return false;
  const work = `${folder}.building-${process.pid}`;
  const old = `${folder}.old-${process.pid}`;
  await removeLeftovers(folder);
  await mkdir(work, { recursive: true });
  try {
    await build(work);
    await writeFile(join(work, STAMP), JSON.stringify(stamp));
    await rename(folder, old).catch(() => undefined);
    await rename(work, folder).catch(async (cause: unknown) => {
      if (!(await isBuilt(folder, stamp))) throw cause;
    });
  } finally {
    await remove(work);
    await remove(old);
  }
  return true;
};

/** Removes what killed builds left, also one by a process that had the id of this one. */
const removeLeftovers = async (folder: string): Promise<void> => {
  const name = basename(folder);
  for (const entry of await readdir(dirname(folder)).catch(() => [])) {
    const [, kind, pid] = /\.(building|old)-(\d+)$/.exec(entry) ?? [];
    if (entry !== `${name}.${kind}-${pid}` || (Number(pid) !== process.pid && isRunning(Number(pid)))) continue;
    await remove(join(dirname(folder), entry));
  }
};

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
