import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ConfigError } from "../settings/config.ts";

/**
 * The text of a file with a secret. Where it is missing it is made, readable for its owner alone; processes that start at the
 * same time get the same one.
 * @param setting that names the file, for errors
 * @throws {ConfigError} for a file that can neither be read nor made
 */
export const secretFile = async (setting: string, file: string, secret: () => string): Promise<string> => {
  try {
    // Read first: the file usually exists, perhaps in a folder that cannot be written.
    return (await read(file)) ?? (await make(file, secret())) ?? (await read(file)) ?? "";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${setting}: wanted a file that can be read or made, got ${code} for ${file}.`);
  }
};

/**
 * Creates the file with all its content at once, since another process may read it at any moment: a link, unlike a rename, leaves
 * a file that another process has created. Null where the file exists.
 */
const make = async (file: string, text: string): Promise<string | null> => {
  const draft = `${file}.${randomUUID()}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(draft, text, { mode: 0o600 });
    await link(draft, file);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return null;
    throw error;
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
};

/** The text of the file; null where it does not exist. */
const read = async (file: string): Promise<string | null> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
};
