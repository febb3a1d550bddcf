import { type Document, isMap, type LineCounter } from "yaml";
import { variablesIn } from "./variables.ts";

/** What a schema finds wrong, and where. */
export type Issue = {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
};

/**
 * Reports issues of a YAML document by line, field and what was wanted. `replaced`, default true: the values checked were those
 * after the variables were replaced, and an issue names the variables that its value comes from.
 */
export const faultsOf = (document: Document, lines: LineCounter) => {
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let depth = path.length; depth > 0; depth--) {
      const parent = document.getIn(path.slice(0, depth - 1), true);
      const pair = isMap(parent)
        ? parent.items.find((item) => String(item.key) === String(path[depth - 1]))
        : undefined;
      const node = (pair?.key ?? document.getIn(path.slice(0, depth), true)) as
        | { range?: [number, number, number] }
        | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  /** The environment variables that a value comes from. */
  const sourceOf = (path: readonly PropertyKey[]): string => {
    const raw = path
      .map((_, depth) => document.getIn(path.slice(0, depth + 1)))
      .find((node) => typeof node === "string");
    const names = raw === undefined ? [] : variablesIn(raw);
    return names.length === 0 ? "" : ` (from the environment variable ${names.join(", ")})`;
  };
  return (issues: readonly Issue[], { replaced = true } = {}): readonly string[] =>
    issues.flatMap((issue) => {
      const field = issue.path.join(".") || "(the file)";
      return unknownKeys(issue).length === 0
        ? [`line ${lineOf(issue.path)}, ${field}: ${issue.message}${replaced ? sourceOf(issue.path) : ""}`]
        : unknownKeys(issue).map((name) => {
            const path = [...issue.path, name];
            return `line ${lineOf(path)}, ${path.join(".")}: unknown setting. Remove it or mend its spelling.`;
          });
    });
};

const unknownKeys = (issue: Issue & { readonly keys?: readonly string[] }): readonly string[] =>
  issue.code === "unrecognized_keys" ? (issue.keys ?? []) : [];
