import { remember } from "./once.ts";

/** Codes with what lies above and below each of them; a code may have several parents. */
export type CodeGraph = {
  readonly codes: readonly string[];
  readonly has: (code: string) => boolean;
  readonly parents: (code: string) => readonly string[];
  readonly children: (code: string) => readonly string[];
  /** The code and everything below it, each once. */
  readonly below: (code: string) => ReadonlySet<string>;
};

/** Makes a graph of codes and their parents. Parents that are no codes themselves are left out. */
export const codeGraph = (rows: readonly (readonly [code: string, parents: readonly string[]])[]): CodeGraph => {
  const own = new Set(rows.map(([code]) => code));
  const parents = new Map(rows.map(([code, above]) => [code, above.filter((parent) => own.has(parent))]));
  const children = new Map<string, string[]>();
  for (const [code, above] of parents) {
    for (const parent of above) {
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [code]);
      else siblings.push(code);
    }
  }
  const childrenOf = (code: string): readonly string[] => children.get(code) ?? [];
  return {
    codes: [...own],
    has: (code) => own.has(code),
    parents: (code) => parents.get(code) ?? [],
    children: childrenOf,
    below: remember((code) => {
      const found = new Set([code]);
      for (const each of found) for (const child of childrenOf(each)) found.add(child);
      return found;
    }),
  };
};
