import type { Logger } from "pino";
import { exposedMode } from "../../net/exposed-file.ts";

/** Files that hold secrets, by the setting that names each; null: none is set. */
export type SecretFiles = { readonly [setting: string]: string | null };

/** Warns of each file of keys or tokens that others than its owner may read or write. */
export const warnOfExposed = async (files: SecretFiles, log: Pick<Logger, "warn">): Promise<void> => {
  for (const [setting, file] of Object.entries(files)) {
    const mode = file === null ? null : await exposedMode(file);
    if (mode === null) continue;
    log.warn({ setting, file, mode }, "others than its owner may read or write this file: set its mode to 0600");
  }
};
