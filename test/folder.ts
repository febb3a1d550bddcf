import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new folder that goes when the test ends. */
export const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "odan-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** When the files were written: a file that is new may still be being written. */
const LONG_AGO = new Date("2026-04-01T00:00:00Z");

/** Writes texts into a folder; a list of rows becomes a CSV file. */
export const writeFiles = async (
  folder: string,
  files: Readonly<Record<string, string | readonly (readonly unknown[])[] | Uint8Array>>,
): Promise<void> => {
  for (const [name, content] of Object.entries(files)) {
    const text = Array.isArray(content) ? content.map((row) => row.map(cell).join(",")).join("\n") : content;
    await writeFile(join(folder, name), text as string | Uint8Array);
    await utimes(join(folder, name), LONG_AGO, LONG_AGO);
  }
};

const cell = (value: unknown): string => {
  const text = value === undefined || value === null ? "" : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
