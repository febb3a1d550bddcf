import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const PAGE = readFileSync("SECURITY.md", "utf8");

test("every test that SECURITY.md names exists", () => {
  const named = [...new Set([...PAGE.matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => file!))];
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((file) => !existsSync(file))).toEqual([]);
});

test("every row of SECURITY.md names the test that proves it, or says that nothing stops it", () => {
  const rows = PAGE.split("\n").filter((line) => line.startsWith("| ") && !/^\| (tries|---)/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  const unproven = rows.filter((row) => !row.includes("`test/") && !row.includes("nothing yet"));
  expect(unproven).toEqual([]);
});
