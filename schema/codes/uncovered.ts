import type { CodeGraph } from "./code-graph.ts";
import { codeSystem, splitDisease } from "./disease-code.ts";
import { icd10Span } from "./icd10.ts";

/**
 * The codes of a list that no other one covers, in their order. One code covers another where everything below the other also
 * lies below it, in its own system: a cross-reference covers nothing. Of codes that mean the same the first by text is left.
 * Takes n log n steps. @param codes disease codes in their normal form, each once
 */
export const uncovered = (codes: readonly string[]): readonly string[] => {
  const bySystem = new Map<string, string[]>();
  for (const curie of codes) {
    const [system, code] = splitDisease(curie);
    const others = bySystem.get(system);
    if (others === undefined) bySystem.set(system, [code]);
    else others.push(code);
  }
  const covered = new Set<string>();
  for (const [system, own] of bySystem) {
    for (const code of coveredIn(system, own)) covered.add(`${system}:${code}`);
  }
  return covered.size === 0 ? codes : codes.filter((code) => !covered.has(code));
};

const coveredIn = (system: string, codes: readonly string[]): readonly string[] => {
  if (codes.length < 2) return [];
  if (system === "ICD10") return coveredSpans(codes);
  const graph = codeSystem(system as Parameters<typeof codeSystem>[0]).graph();
  return graph === null ? [] : coveredBelow(codes, graph);
};

/** A span is covered by one that stands before it, by start and then by length, and does not end earlier. */
const coveredSpans = (codes: readonly string[]): readonly string[] => {
  const placed = codes.map((code) => {
    const [[start, end]] = icd10Span(code, true) as readonly [readonly [number, number]];
    return { code, start, end };
  });
  placed.sort((a, b) => a.start - b.start || b.end - a.end || (a.code < b.code ? -1 : 1));
  let reached = 0;
  return placed.flatMap(({ code, end }) => {
    if (end <= reached) return [code];
    reached = end;
    return [];
  });
};

/** Codes above which another one of the list stands. Each code above them is looked at once. */
const coveredBelow = (codes: readonly string[], { parents }: CodeGraph): readonly string[] => {
  const listed = new Set(codes);
  const known = new Map<string, boolean>();
  const isBelow = (code: string): boolean => {
    const before = known.get(code);
    if (before !== undefined) return before;
    const found = parents(code).some((parent) => listed.has(parent) || isBelow(parent));
    known.set(code, found);
    return found;
  };
  return codes.filter(isBelow);
};
