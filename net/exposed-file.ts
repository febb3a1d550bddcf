import { stat } from "node:fs/promises";

/** Permissions of a file's group and of everybody else. */
const OTHERS = 0o077;

/**
 * The mode of a file that others than its owner may read or write, such as "0644". Null where nobody else may, where there is no
 * such file, and on Windows, whose modes say nothing of it.
 */
export const exposedMode = async (file: string): Promise<string | null> => {
  if (process.platform === "win32") return null;
  const found = await stat(file).catch(() => null);
  if (found === null || (found.mode & OTHERS) === 0) return null;
  return (found.mode & 0o777).toString(8).padStart(4, "0");
};
