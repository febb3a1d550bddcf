import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ROOMS, ROOT } from "../house/source.ts";

/** What an older version does not have: two fields, and a value of two others. */
export const REMOVED = {
  fields: { COHORT: "cohort", STORAGE: "storage" },
  values: { SEX: "OTHER", SAMPLE_TYPE: "SERUM" },
} as const;

/** A copy of the product without REMOVED, as an earlier version would be. Gives its root, and a way to remove it. */
export const olderProduct = async (name: string) => {
  const root = path.join(ROOT, ".odan/older", `${process.pid}-${name}`);
  await mkdir(root, { recursive: true });
  const folders = ROOMS.filter((room) => existsSync(path.join(ROOT, room)));
  await Promise.all(folders.map((room) => cp(path.join(ROOT, room), path.join(root, room), { recursive: true })));
  for (const field of Object.keys(REMOVED.fields)) {
    await cut(path.join(root, "schema/fields.ts"), new RegExp(`^  ${field}: {.*},\n`, "m"));
  }
  for (const value of Object.values(REMOVED.values)) {
    await cut(path.join(root, "schema/vocabulary.ts"), new RegExp(`[ \\n]+${value}: text\\([^)]*\\),?`, "m"));
  }
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
};

/** @throws where the text is not there, or there twice */
const cut = async (file: string, text: RegExp): Promise<void> => {
  const source = await readFile(file, "utf8");
  const [before, after, more] = source.split(text);
  if (before === undefined || after === undefined || more !== undefined)
    throw new Error(`${file}: wanted ${text} once`);
  await writeFile(file, `${before}${after}`);
};
