import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The two runs that `.ci/run` is made of, by the mode of vitest that selects each. */
export const LANES = { short: "npm test", long: "npm run test:long" } as const;
export type Lane = (typeof LANES)[keyof typeof LANES];

/**
 * Tests that `npm test` does not run, or runs in part. `files` is how their paths begin; of several suites that fit a file
 * the longest counts. A lane has a volume, "all", or null where it runs nothing of them. `docs/testing.md` has this table.
 */
export type Suite = { readonly files: string } & { readonly [L in Lane]: string | null };

const suite = (files: string, short: string | null, long: string | null): Suite => ({
  files,
  "npm test": short,
  "npm run test:long": long,
});

export const SUITES: readonly Suite[] = [
  suite("test/", "all", null),
  suite("test/law/law.test.ts", "20,000 cases", "200,000 cases"),
  suite("test/consistency/simulation.test.ts", "200 runs", "2,000 runs"),
  suite("test/consistency/interleavings.test.ts", "100 programs", "1,000 programs"),
  suite("test/chaos/chaos.test.ts", "one cell of each fault", "all cells"),
  suite("test/chaos/two-addresses.test.ts", null, "all"),
  suite("test/chaos/slow-local-api.test.ts", null, "all"),
  suite("test/adapters/omop", null, "all"),
  suite("test/sandbox/ncbn.test.ts", null, "all"),
  suite("test/cache/store.test.ts", null, "all"),
  suite("test/cache/redis-faults.test.ts", null, "all"),
  suite("test/gateway/state-failover.test.ts", null, "all"),
  suite("test/ci/built.test.ts", null, "all"),
  suite("test/e2e/", null, "all"),
  suite("test/e2e/two-banks.test.ts", "all", null),
  suite("test/e2e/withdrawn.test.ts", "all", null),
];

/** The suite that a test file belongs to. */
export const suiteOf = (file: string): Suite =>
  SUITES.filter(({ files }) => file.startsWith(files)).reduce((a, b) => (b.files.length > a.files.length ? b : a));

/** The test files of a lane, or all of them; paths from the root. */
export const filesOf = (lane: Lane | null): readonly string[] =>
  readdirSync(fileURLToPath(new URL(".", import.meta.url)), { recursive: true, encoding: "utf8" })
    .map((name) => `test/${name.replaceAll("\\", "/")}`)
    .filter((file) => file.endsWith(".test.ts") && (lane === null || suiteOf(file)[lane] !== null))
    .sort();

/** The lane that this process runs in. Null outside of both, where any file may be run at the volume of `npm test`. */
export const LANE: Lane | null = Object.values(LANES).find((lane) => lane === process.env["TEST_LANE"]) ?? null;

/** How many cases, runs or programs this lane wants of a test file: the number in its suite. */
export const volumeOf = (file: string): number =>
  Number.parseInt((suiteOf(file)[LANE ?? LANES.short] ?? "").replaceAll(",", ""), 10);
