import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** A fault planted in one place of the source: `find` must stand there exactly once. */
export type Mutant = { readonly name: string; readonly file: string; readonly find: string; readonly replace: string };

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Where the tests of one process put their copies; removed by whoever planted them. */
export const COPIES = path.join(ROOT, ".odan/mutants", String(process.pid));

/**
 * A copy of these files and folders with the fault in it; gives its root. Imports between them stay within the copy.
 * @throws where the place of the fault is not there, or there twice
 */
export const plant = async (
  { file, find, replace }: Mutant,
  name: string,
  paths: readonly string[],
): Promise<string> => {
  const root = path.join(COPIES, name);
  await mkdir(root, { recursive: true });
  await Promise.all(paths.map((from) => cp(path.join(ROOT, from), path.join(root, from), { recursive: true })));
  const target = path.join(root, file);
  const source = await readFile(target, "utf8");
  const times = source.split(find).length - 1;
  if (times !== 1) throw new Error(`${file}: wanted "${find}" once, got it ${times} times`);
  await writeFile(
    target,
    source.replace(find, () => replace),
  );
  return root;
};
