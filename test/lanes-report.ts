/**
 * Writes the table of `docs/testing.md` from the JSON reports of both lanes:
 * `CI_TEST_JSON=a.json npm test; CI_TEST_JSON=b.json npm run test:long; node --import tsx test/lanes-report.ts a.json b.json`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { LANES, SUITES, type Suite, suiteOf } from "./lanes.ts";

type Report = {
  readonly testResults: readonly { readonly name: string; readonly startTime: number; readonly endTime: number }[];
};

const DOCUMENT = "docs/testing.md";
const TABLE = /(?:^\| `test\/.*\n)+/m;

/** Seconds that the files of each suite took in this run, added up. */
const secondsOf = async (report: string): Promise<ReadonlyMap<Suite, number>> => {
  const { testResults } = JSON.parse(await readFile(report, "utf8")) as Report;
  const seconds = new Map<Suite, number>();
  for (const { name, startTime, endTime } of testResults) {
    const suite = suiteOf(relative(".", name).replaceAll("\\", "/"));
    seconds.set(suite, (seconds.get(suite) ?? 0) + (endTime - startTime) / 1000);
  }
  return seconds;
};

const [short, long] = process.argv.slice(2);
if (short === undefined || long === undefined) throw new Error("wanted the reports of npm test and npm run test:long");
const runs = [await secondsOf(short), await secondsOf(long)];
const rows = SUITES.map((suite) => {
  const volumes = [suite[LANES.short], suite[LANES.long]];
  const took = volumes.map((what, i) =>
    what === null ? "-" : `${Math.ceil(runs[i]?.get(suite) ?? 0).toLocaleString("en")} s`,
  );
  return `| \`${suite.files}\` | ${[...volumes.map((what) => what ?? "-"), ...took].join(" | ")} |\n`;
});
const text = await readFile(DOCUMENT, "utf8");
if (!TABLE.test(text)) throw new Error(`${DOCUMENT}: wanted a table of suites, got none`);
await writeFile(DOCUMENT, text.replace(TABLE, rows.join("")));
