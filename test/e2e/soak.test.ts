import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { Report } from "../soak/soak.ts";

test("half a minute of questions, faults and releases: no wrong answer, no error, no fault in the logs", {
  timeout: 600_000,
}, async () => {
  const options = ["--minutes", "0.5", "--size", "0.001", "--seed", "5", "--pause-ms", "3000", "--lease-ms", "500"];
  const args = ["--import", "tsx", "test/soak/main.ts", ...options, "--json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const report = JSON.parse(await text(child.stdout)) as Report;
  expect(report.failures, JSON.stringify([report.wrong, report.errors, report.logged], null, 2)).toEqual([]);
  expect(report.numbers).toBeGreaterThan(100);
  expect(report.statuses["ANSWERED"]).toBeGreaterThan(0);
  expect(Object.keys(report.upset).length).toBeGreaterThan(0);
});
