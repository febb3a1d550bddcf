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
    for (const { code, below } of subtreesWith(codes, tree)) {
      if (left.size === 0) break;
      if (below.length > codes.length || !below.every((c) => wanted.has(c)) || !below.some((c) => left.has(c)))
        continue;
      for (const c of below) left.delete(c);
      tests.push({ codes: [code], negate: false, missing: false, below: true });
    }
  }
  return [...tests, ...[...left].map((code): CodeTest => ({ codes: [code], negate: false, missing: false }))];
};

type Subtree = { readonly code: string; readonly below: readonly string[] };

/** Subtrees of more than one code that hold one of these, largest first. */
const subtreesWith = (codes: readonly string[], tree: ReadonlyMap<string, readonly string[]>): readonly Subtree[] => {
  const { bySize, holding } = indexOf(tree);
  const ranks = new Set(codes.flatMap((code) => holding.get(code) ?? []));
  return [...ranks].sort((a, b) => a - b).map((rank) => bySize[rank]!);
};

/** Subtrees of more than one code, largest first, and for each code the ranks of those that hold it. */
type Index = { readonly bySize: readonly Subtree[]; readonly holding: ReadonlyMap<string, readonly number[]> };

const indexes = new WeakMap<object, Index>();

const indexOf = (tree: ReadonlyMap<string, readonly string[]>): Index => {
  const before = indexes.get(tree);
  if (before !== undefined) return before;
  const bySize = [...tree]
    .map(([code, below]): Subtree => ({ code, below }))
    .filter(({ below }) => below.length > 1)
    .sort((a, b) => b.below.length - a.below.length);
  const holding = new Map<string, number[]>();
  for (const [rank, { below }] of bySize.entries()) {
    for (const code of below) {
      const ranks = holding.get(code);
      if (ranks === undefined) holding.set(code, [rank]);
      else ranks.push(rank);
    }
  }
  const index = { bySize, holding };
  indexes.set(tree, index);
  return index;
};
