import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { lock } from "proper-lockfile";
import { SettingsError } from "../settings.ts";

/** In ms: the owner renews its lock so often; one that is older was left by an owner that was killed, and is taken over. */
const RENEW_MS = 1000;
/** Longer than one statement blocks the owner: up to 8 s were measured while a build shared a busy machine. */
const STALE_MS = 10_000;
const POLL_MS = 250;

/**
 * Locks a folder for this process, because two databases on one folder silently lose rows, and returns the function that
 * unlocks it. Waits until a lock is renewed, and so has a living owner, or becomes stale.
 * @throws {SettingsError} when another process has the folder
 */
export const lockFolder = async (folder: string): Promise<() => Promise<void>> => {
  // Not `<folder>.lock`, where older versions left a file.
  const lockfilePath = `${folder}.locked`;
  const renewedAt = (): Promise<number | null> =>
    stat(lockfilePath).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    );
  for (const before = await renewedAt(); ; await sleep(POLL_MS)) {
    try {
      return await lock(folder, { lockfilePath, realpath: false, stale: STALE_MS, update: RENEW_MS });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
      const now = await renewedAt();
      if (now === null || now === before) continue;
      throw new SettingsError(`ODAN_DATA: ${folder} is in use by another process. Stop it, or choose another folder.`);
    }
  }
};
