import { KIND_NAMES, type Kind } from "./house.ts";
import type { OfMillion } from "./million/million.ts";
import type { OfHands } from "./of-hand.ts";
import type { Calls } from "./upstream-calls.ts";

/** What a run found; null for what was not asked for. */
export type Found = {
  readonly coldOfLimit: number | null;
  readonly adapterOfHand: OfHands | null;
  readonly subgraphOfHand: OfHands | null;
  readonly upstreamCallsPerQuestion: { readonly [K in Kind]: Calls } | null;
  readonly canonicalGrowth: number | null;
  readonly omopOfMillion: OfMillion | null;
  readonly filesOfRead: number | null;
};

/** The least that each ratio should be. */
const TARGETS = { coldOfLimit: 0.3, adapterOfHand: 0.8, omopOfMillion: 1 / 1.5 } as const;

/** The most that each of these ratios should be. */
const MOST = { canonicalGrowth: 20, filesOfRead: 3 } as const;

/** The figures for people, each ratio with its target beside it. */
export const report = (found: Found): string => {
  const { coldOfLimit, upstreamCallsPerQuestion, canonicalGrowth, omopOfMillion, filesOfRead, ...ofHand } = found;
  const lines: string[] = [];
  if (coldOfLimit !== null) lines.push(line("coldOfLimit", coldOfLimit, TARGETS.coldOfLimit));
  for (const figure of ["adapterOfHand", "subgraphOfHand"] as const) {
    for (const kind of KIND_NAMES) {
      const of = ofHand[figure]?.[kind];
      if (of === undefined) continue;
      lines.push(line(`${figure}.${kind}`, of.median, figure === "adapterOfHand" ? TARGETS[figure] : null));
      for (const [name, ratio] of Object.entries(of.questions))
        lines.push(`${`    ${name}`.padEnd(26)}${shown(ratio)}`);
    }
  }
  if (upstreamCallsPerQuestion !== null) {
    lines.push(
      `${"upstreamCallsPerQuestion".padEnd(26)}${["0", "3", "9"].map((n) => n.padStart(8)).join("")}   by facets`,
    );
    for (const kind of KIND_NAMES) {
      const calls = upstreamCallsPerQuestion[kind];
      lines.push(
        `${`    ${kind}`.padEnd(26)}${[calls[0], calls[3], calls[9]].map((n) => String(n).padStart(8)).join("")}`,
      );
    }
  }
  if (canonicalGrowth !== null) lines.push(atMost("canonicalGrowth", canonicalGrowth));
  if (omopOfMillion !== null) {
    lines.push(`${"omopOfMillion".padEnd(26)}${omopOfMillion.persons} persons`);
    for (const [name, ratio] of Object.entries(omopOfMillion.questions)) {
      lines.push(line(`    ${name}`, ratio, TARGETS.omopOfMillion));
    }
  }
  if (filesOfRead !== null) lines.push(atMost("filesOfRead", filesOfRead));
  return lines.join("\n");
};

const atMost = (name: keyof typeof MOST, ratio: number): string => {
  const judged = ratio <= MOST[name] ? "meets" : "above";
  return `${name.padEnd(26)}${shown(ratio)}   target at most ${MOST[name]}   ${judged}`;
};

const line = (name: string, ratio: number, target: number | null): string => {
  const judged = target === null ? "" : `   target ${shown(target).trim()}   ${ratio >= target ? "meets" : "below"}`;
  return `${name.padEnd(26)}${shown(ratio)}${judged}`;
};

const shown = (ratio: number): string => ratio.toFixed(2).padStart(8);
