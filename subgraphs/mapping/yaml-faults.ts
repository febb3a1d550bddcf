import { type Document, isMap, type LineCounter } from "yaml";

/** What a schema finds wrong, and where. */
export type Issue = {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
};

/** Tells faults of a YAML document by line, field and what was wanted. */
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
  return (issues: readonly Issue[]): readonly string[] =>
    issues.flatMap((issue) => {
      const field = issue.path.join(".") || "(the file)";
      return unknownKeys(issue).length === 0
        ? [`line ${lineOf(issue.path)}, ${field}: ${issue.message}`]
        : unknownKeys(issue).map((name) => {
            const path = [...issue.path, name];
            return `line ${lineOf(path)}, ${path.join(".")}: unknown setting. Remove it or mend its spelling.`;
          });
    });
};

const unknownKeys = (issue: Issue & { readonly keys?: readonly string[] }): readonly string[] =>
  issue.code === "unrecognized_keys" ? (issue.keys ?? []) : [];
