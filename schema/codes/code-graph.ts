import { once, remember } from "../once.ts";
import type { CrossReference } from "./cross-reference.ts";
import type { Row } from "./rows.ts";

/** Codes with what lies above and below each of them; a code may have several parents. */
export type CodeGraph = {
  readonly codes: readonly string[];
  readonly has: (code: string) => boolean;
  readonly parents: (code: string) => readonly string[];
  readonly children: (code: string) => readonly string[];
  /** The code and everything below it, each once. */
  readonly below: (code: string) => ReadonlySet<string>;
};

/** A system of codes with a hierarchy, as its source has it. `row` throws a RangeError for an unknown code. */
export type CodeTable = {
  readonly graph: CodeGraph;
  readonly row: (code: string) => { readonly en: string; readonly ja: string | null; readonly withdrawn: boolean };
  readonly synonyms: (code: string) => readonly string[];
  readonly icd10: (code: string) => readonly CrossReference[];
};

/** Makes a graph of a table's codes. Their parents are words of one cell; those that are no codes are left out. */
export const codeGraph = (rows: ReadonlyMap<string, Row>, parentsCell: number): CodeGraph => {
  const parents = (code: string): readonly string[] => {
    const named = rows.get(code)?.[parentsCell];
    return named ? named.split(" ").filter((parent) => rows.has(parent)) : [];
  };
  const children = once((): ReadonlyMap<string, readonly string[]> => {
    const found = new Map<string, string[]>();
    for (const code of rows.keys()) {
      for (const parent of parents(code)) {
        const siblings = found.get(parent);
        if (siblings === undefined) found.set(parent, [code]);
        else siblings.push(code);
      }
    }
    return found;
  });
  const childrenOf = (code: string): readonly string[] => children().get(code) ?? [];
  return {
    codes: [...rows.keys()],
    has: (code) => rows.has(code),
    parents,
    children: childrenOf,
    below: remember((code) => {
      const found = new Set([code]);
      for (const each of found) for (const child of childrenOf(each)) found.add(child);
      return found;
    }),
  };
};
