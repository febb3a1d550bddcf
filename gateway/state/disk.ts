import { ConfigError } from "../settings/config.ts";
import { StrangeStateFile, stateFile } from "./file.ts";
import type { Replica, SignedEntry } from "./replica.ts";
import type { Reports } from "./reports.ts";

/** The copy of the state on disk, which the processes that share the folder read and write. */
export const diskCopy = (path: string, replica: Replica, reports: Reports) => {
  const file = stateFile(path);
  /** The number of changes of this process's copy that the file has; null: it does not exist. */
  let saved: number | null = null;
  let resigned = false;

  const takeLines = (lines: readonly string[] | null) =>
    replica.takeLines((lines ?? []).map((line) => ({ line, field: null }))).forged;

  return {
    /**
     * Reads the copy for the first time, and returns whether there is one.
     * @throws {ConfigError} for a file that Odan did not write, or that no key of this process has signed
     */
    async open(): Promise<boolean> {
      const lines = await file.read().catch((error: unknown) => {
        throw error instanceof StrangeStateFile ? new ConfigError(error.message) : error;
      });
      const forged = takeLines(lines);
      if (forged.length > 0) {
        throw new ConfigError(
          `${path}: wanted entries that a key of ODAN_KEY_FILE has signed, got ${forged.length} others. Restore the key, or remove the file: its tokens are void then.`,
        );
      }
      if (lines !== null) saved = replica.changes();
      replica.resign();
      return lines !== null;
    },
    /** Whether the file and this process's copy differ. @param isKnown whether a state without entries is worth a file */
    differs: async (isKnown: boolean): Promise<boolean> => {
      const isMissing = saved === null && (isKnown || replica.changes() > 0);
      return isMissing || (saved !== null && saved !== replica.changes()) || file.hasChanged();
    },
    /**
     * Takes what is newer from the file and writes the rest there.
     * @param make makes an entry to write besides, once what the file holds is known
     */
    async save(make?: () => SignedEntry): Promise<void> {
      let made: SignedEntry | undefined;
      await file.update((lines) => {
        reports.forged(path, takeLines(lines));
        // Entries that an older key has signed are signed anew once, so that the key can go.
        if (!resigned) replica.resign();
        made = make?.();
        return replica.lines(made);
      });
      if (made !== undefined) replica.take(made);
      [saved, resigned] = [replica.changes(), true];
    },
  };
};
