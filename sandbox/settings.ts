import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** What the sandbox is told by its environment. `folder` is absolute, exists and can be written. */
export type Settings = { readonly size: number; readonly folder: string };

/** Settings of the sandbox itself: the gateway, which it starts with its own environment, knows none of them. */
export const SANDBOX_ONLY = { ODAN_SIZE: undefined, ODAN_POSTGRES_URL: undefined } as const;

/** A setting that cannot be used. The message is one line for the operator, with the remedy. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** Whether npm runs this process, or one of its ancestors. */
export const startedByNpm = process.env["npm_lifecycle_event"] !== undefined;

/** The folder that ODAN_DATA names (default `.odan` in the repository), absolute. */
export const folderOf = (env: { readonly [name: string]: string | undefined }): string =>
  resolve(env["ODAN_DATA"]?.trim() || ".odan");

/**
 * Reads ODAN_SIZE (default 1, the published size) and ODAN_DATA, and makes the folder where it is missing. @throws {SettingsError}
 */
export const readSettings = (env: { readonly [name: string]: string | undefined }): Settings => {
  const folder = folderOf(env);
  const size = sizeOf(env["ODAN_SIZE"]?.trim() || "1");
  try {
    make(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new SettingsError(`ODAN_DATA: wanted a folder that can be written, got ${folder}: ${code}. Choose another.`);
  }
  return { size, folder };
};

/** Not `recursive`: on folders such as /proc, which take no new ones, Node 20 then never comes back. */
const make = (folder: string): void => {
  if (existsSync(folder)) return;
  make(dirname(folder));
  mkdirSync(folder);
};

const sizeOf = (text: string): number => {
  const size = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (size > 0 && size <= 1) return size;
  throw new SettingsError(
    `ODAN_SIZE: wanted a number above 0 and up to 1, got ${JSON.stringify(text)}. Leave it out for the published size.`,
  );
};
