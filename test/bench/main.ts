import { parseArgs } from "node:util";
import { canonicalGrowth } from "./canonical-growth.ts";
import { coldOfLimit } from "./cold-of-limit.ts";
import { filesOfRead } from "./files-of-read.ts";
import { startSandbox } from "./house.ts";
import { ofMillion } from "./million/million.ts";
import { ofHand } from "./of-hand.ts";
import { report } from "./report.ts";
import { upstreamCalls } from "./upstream-calls.ts";

const HELP = `npm run bench -- [--json] [--only FIGURE] [--size N]
  --json         one object in place of the table
  --only FIGURE  coldOfLimit, adapterOfHand (with subgraphOfHand), upstreamCallsPerQuestion, canonicalGrowth, omopOfMillion or
                 filesOfRead
  --size N       size of the sandbox's banks, above 0 and up to 1, the published size; default 1.
                 Of omopOfMillion: of a million persons; default 0.1.
                 Of filesOfRead: of two million diagnoses and two million samples; default 1`;

const FIGURES = [
  "coldOfLimit",
  "adapterOfHand",
  "upstreamCallsPerQuestion",
  "canonicalGrowth",
  "omopOfMillion",
  "filesOfRead",
] as const;
type FigureName = (typeof FIGURES)[number];

/**
 * `npm run bench`: prints ratios within one run, never times. It is not a test: a figure below its target does not fail it.
 * Both sides of every ratio run the built JavaScript. Up to commit 235b552 both ran TypeScript that tsx compiles at load time,
 * so ratios of then and now compare, and times do not.
 */
const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean" },
      only: { type: "string" },
      size: { type: "string" },
      help: { type: "boolean" },
    },
  });
  const size = Number(values.size ?? 1);
  const known = values.only === undefined || FIGURES.some((name) => name === values.only);
  if (values.help || !known || !(size > 0 && size <= 1)) return console.log(HELP);
  const wanted = (name: FigureName): boolean => (values.only ?? name) === name;
  const cold = wanted("coldOfLimit") ? await coldOfLimit() : null;
  const withBanks = wanted("adapterOfHand") || wanted("upstreamCallsPerQuestion");
  await using sandbox = withBanks ? await startSandbox(size) : null;
  const hands = sandbox !== null && wanted("adapterOfHand") ? await ofHand(sandbox.at) : null;
  const found = {
    node: process.versions.node,
    size,
    coldOfLimit: cold,
    adapterOfHand: hands?.adapterOfHand ?? null,
    subgraphOfHand: hands?.subgraphOfHand ?? null,
    upstreamCallsPerQuestion:
      sandbox !== null && wanted("upstreamCallsPerQuestion") ? await upstreamCalls(sandbox.at) : null,
    canonicalGrowth: wanted("canonicalGrowth") ? await canonicalGrowth() : null,
    omopOfMillion: wanted("omopOfMillion") ? await ofMillion(Math.round(1e6 * Number(values.size ?? 0.1))) : null,
    filesOfRead: wanted("filesOfRead") ? await filesOfRead(size) : null,
  };
  console.log(values.json ? JSON.stringify(found, rounded, 2) : report(found));
};

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === "number" ? Math.round(value * 1000) / 1000 : value;

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
}
