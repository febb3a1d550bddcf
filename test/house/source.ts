import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { type Comment, type Node, type Program, parseSync, visitorKeys } from "oxc-parser";

/** The folder that holds package.json. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The rooms of the product, and the sandbox. */
export const ROOMS = [
  "schema",
  "net",
  "adapters",
  "cache",
  "subgraphs",
  "gateway",
  "client",
  "web",
  "sandbox",
] as const;

/** One TypeScript file; `file` is its path from the root. */
export type Source = {
  readonly file: string;
  readonly text: string;
  readonly program: Program;
  readonly comments: readonly Comment[];
};

/** One node of the syntax tree with its ancestors, nearest first. */
export type Visited = { readonly node: Node; readonly above: readonly Node[] };

/** @throws where the text is no TypeScript */
export const parseSource = (file: string, text: string): Source => {
  const { program, comments, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]!.message}`);
  return { file, text, program, comments };
};

/** Every TypeScript and JavaScript file of these folders, parsed, in order of their paths. A folder that is missing has none. With `containing`: those with this text. */
export const readSources = (folders: readonly string[], containing = ""): readonly Source[] =>
  folders.flatMap(filesOf).flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return text.includes(containing) ? [parseSource(file, text)] : [];
  });

/** Every node of the tree, parents first. */
export const nodesOf = (program: Program): readonly Visited[] => {
  const found: Visited[] = [];
  const visit = (node: Node, above: readonly Node[]): void => {
    found.push({ node, above });
    for (const child of childrenOf(node)) visit(child, [node, ...above]);
  };
  visit(program, []);
  return found;
};

/** Number of lines from the first to the last character of the node, both counted; markers of mutants are no lines. */
export const linesOf = (text: string, { start, end }: { readonly start: number; readonly end: number }): number =>
  text
    .slice(start, end)
    .split("\n")
    .filter((line) => !/^\s*\/\/ mutant: [\w-]+$/.test(line)).length;

const childrenOf = (node: Node): readonly Node[] =>
  (visitorKeys[node.type] ?? [])
    .flatMap((key): unknown => Reflect.get(node, key))
    .filter((child): child is Node => typeof child === "object" && child !== null && "type" in child);

const filesOf = (folder: string): readonly string[] => {
  try {
    return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name.replaceAll("\\", "/")))
      .filter((file) => /\.m?[jt]s$/.test(file) && !file.includes("/node_modules/"))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
};
