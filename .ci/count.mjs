// `count.mjs REPORT STATUS [REPORT STATUS]...`: prints "N passed, N failed" over vitest's JSON reports, and exits non-zero if
// anything failed. A test file that could not be loaded counts as one failed, and so does a run that failed without any failed
// test (a check before the tests, an error outside of them, no report at all) or in which no test passed.
import { existsSync, readFileSync } from "node:fs";

const countRun = (report, status) => {
  const files = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")).testResults : [];
  const count = (wanted) =>
    files.flatMap((file) => file.assertionResults).filter((test) => test.status === wanted).length;
  const notLoaded = files.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
  const [passed, failed] = [count("passed"), count("failed") + notLoaded];
  return { passed, failed: failed === 0 && (status !== "0" || passed === 0) ? 1 : failed };
};

const given = process.argv.slice(2);
const runs = given.flatMap((report, i) => (i % 2 === 0 ? [countRun(report, given[i + 1])] : []));
const passed = runs.reduce((sum, run) => sum + run.passed, 0);
const failed = runs.reduce((sum, run) => sum + run.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || runs.length === 0 ? 1 : 0);
