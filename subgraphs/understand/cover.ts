import type { CodeTest } from "../../adapters/local.ts";

/**
 * The fewest filters that together ask for exactly these codes: one `below` filter for each subtree that lies wholly
 * within them, largest first, then code by code.
 */
export const cover = (
  codes: readonly string[],
  tree: ReadonlyMap<string, readonly string[]> | undefined,
): readonly CodeTest[] => {
  const left = new Set(codes);
  const tests: CodeTest[] = [];
  if (tree !== undefined && codes.length > 1) {
    const wanted = new Set(codes);
    for (const [code, below] of bySize(tree)) {
      if (left.size === 0) break;
      if (below.length > codes.length || !below.every((c) => wanted.has(c)) || !below.some((c) => left.has(c)))
        continue;
      for (const c of below) left.delete(c);
      tests.push({ codes: [code], negate: false, missing: false, below: true });
    }
  }
  return [...tests, ...[...left].map((code): CodeTest => ({ codes: [code], negate: false, missing: false }))];
};

const sizes = new WeakMap<object, readonly (readonly [string, readonly string[]])[]>();

/** Subtrees of more than one code, largest first. */
const bySize = (tree: ReadonlyMap<string, readonly string[]>): readonly (readonly [string, readonly string[]])[] => {
  const before = sizes.get(tree);
  if (before !== undefined) return before;
  const sorted = [...tree].filter(([, below]) => below.length > 1).sort(([, a], [, b]) => b.length - a.length);
  sizes.set(tree, sorted);
  return sorted;
};
