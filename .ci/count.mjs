// Prints "passed failed" from vitest's JSON report. A test file that could not be loaded counts as one failed, and so does
// a run that failed without any failed test (a check before the tests, an error outside of them, no report at all).
import { existsSync, readFileSync } from "node:fs";

const [report, status] = process.argv.slice(2);
const files = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")).testResults : [];
const count = (wanted) =>
  files.flatMap((file) => file.assertionResults).filter((test) => test.status === wanted).length;
const notLoaded = files.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
const failed = count("failed") + notLoaded;
console.log(count("passed"), failed === 0 && status !== "0" ? 1 : failed);
