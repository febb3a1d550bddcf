import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { SettingsError } from "../settings.ts";

/**
 * Takes a folder for this process alone: two databases on one folder lose rows without a word. The lock is a file beside
 * the folder that names its owner; that of a process that is no more is broken. Gives what gives it back.
 * @throws {SettingsError} when another process has the folder
 */
export const lockFolder = async (folder: string): Promise<() => Promise<void>> => {
  const lock = `${folder}.lock`;
  const mine = `${lock}.${process.pid}`;
  await writeFile(mine, `${process.pid} ${await startOf(process.pid)}`);
  try {
    for (;;) {
      if (await isMade(link(mine, lock))) break;
      const owner = await readFile(lock, "utf8").catch(() => "");
      if (await isAlive(owner)) throw taken(folder, owner);
      await breakLock(lock, folder);
    }
  } finally {
    await rm(mine, { force: true });
  }
  return () => rm(lock, { force: true });
};

/** Moves a dead owner's lock away; puts it back if somebody else had been quicker and it is a living one by now. */
const breakLock = async (lock: string, folder: string): Promise<void> => {
  const stale = `${lock}.stale-${process.pid}`;
  await rename(lock, stale).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  const owner = await readFile(stale, "utf8").catch(() => "");
  if (await isAlive(owner)) {
    await isMade(link(stale, lock));
    await rm(stale, { force: true });
    throw taken(folder, owner);
  }
  await rm(stale, { force: true });
};

const taken = (folder: string, owner: string): SettingsError =>
  new SettingsError(
    `ODAN_DATA: ${folder} is in use by process ${owner.split(" ")[0]}. Stop that one, or choose another folder.`,
  );

const isMade = async (linking: Promise<void>): Promise<boolean> => {
  try {
    await linking;
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
};

const isAlive = async (owner: string): Promise<boolean> => {
  const [pid = "", start] = owner.split(" ");
  if (!/^\d+$/.test(pid) || !isRunning(Number(pid))) return false;
  return start === (await startOf(Number(pid)));
};

/** When a process began, where the system tells it: numbers of processes are used again. */
const startOf = async (pid: number): Promise<string> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "-";
};

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};
