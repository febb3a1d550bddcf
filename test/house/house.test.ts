import { expect, test } from "vitest";
import { CASTS, EXCEPTIONS, isAllowed, NOT_YET, READ_ENVIRONMENT } from "./lists.ts";
import { allViolations, violationsOf } from "./rules.ts";
import { parseSource } from "./source.ts";

const found = allViolations();
const keys = new Set(found.map(({ key }) => key));

test("the product keeps the house rules, but for what is listed", () => {
  const listed = new Set(NOT_YET);
  expect(found.filter(({ key }) => !isAllowed(key) && !listed.has(key)).map(({ detail }) => detail)).toEqual([]);
});

test("every entry of the lists is still true, and said once", () => {
  const readers = Object.keys(READ_ENVIRONMENT).map((file) => `${file.split("/")[0]}: environment ${file}`);
  const entries = [...NOT_YET, ...Object.keys(EXCEPTIONS), ...Object.keys(CASTS), ...readers];
  expect(entries.filter((key) => !keys.has(key))).toEqual([]);
  expect(entries.filter((key, i) => entries.indexOf(key) !== i)).toEqual([]);
});

test("at most ten exceptions, six casts and two readers of the environment, each with its reason", () => {
  expect(Object.keys(CASTS).length).toBeLessThanOrEqual(6);
  expect(Object.keys(EXCEPTIONS).length).toBeLessThanOrEqual(10);
  expect(Object.keys(READ_ENVIRONMENT).length).toBeLessThanOrEqual(2);
  for (const reason of [EXCEPTIONS, CASTS, READ_ENVIRONMENT].flatMap((list) => Object.values(list)))
    expect(reason.split(" ").length).toBeGreaterThanOrEqual(5);
});

const lines = (count: number, line: string): string => Array.from({ length: count }, () => line).join("\n");
const keysOf = (files: { readonly [file: string]: string }): readonly string[] =>
  violationsOf(Object.entries(files).map(([file, text]) => parseSource(file, text))).map(({ key }) => key);

test.each([
  ["an arrow function", `export const f = () => {\n${lines(79, "g();")}\n};`, ["cache: function f"]],
  [
    "a method of what it returns",
    `export const f = () => ({ open: () => {\n${lines(79, "g();")}\n} });`,
    ["cache: function f", "cache: function open"],
  ],
  ["a callback", `test("x", () => {\n${lines(79, "g();")}\n});`, ["cache: function callback of test"]],
  ["a function of 80 lines", `export const f = () => {\n${lines(78, "g();")}\n};`, []],
  ["five parameters", "export const f = (a, { b }, c: X, d = 1, ...e) => a;", ["cache: parameters f"]],
  ["four parameters", "export const f = (a, { b, c, d, e }, f, g) => a;", []],
  ["a file of 301 lines", lines(301, "g();"), ["cache: file a.ts"]],
  ["a long text", `export const SDL = \`\n${lines(400, "type X")}\n\`;`, []],
  ["a long table", `export const T = {\n${lines(400, 'a: ["b", -1],')}\n} as const;`, []],
  ["a long table of functions", `export const T = {\n${lines(400, "a: () => 1,")}\n};`, ["cache: file a.ts"]],
  ["the environment", 'g(process.env["A"]);', ["cache: environment cache/a.ts"]],
  ["the environment by import", 'import { env } from "node:process";', ["cache: environment cache/a.ts"]],
  ["a cast to never", "f({} as never);", ["cache: cast a.ts"]],
  ["a cast by way of unknown", "const a = f() as unknown as X;", ["cache: cast a.ts"]],
  ["a cast of what is unknown", "const a = JSON.parse(b) as X; const c = d as unknown;", []],
  ["an import of itself", 'export * from "./a.ts";', ["cache: cycle cache/a.ts"]],
])("sees %s", (_, text, wanted) => {
  expect(keysOf({ "cache/a.ts": text })).toEqual(wanted);
});

test("sees files that import each other, types and dynamic imports among them", () => {
  expect(
    keysOf({
      "cache/a.ts": 'import type { B } from "./b.ts";',
      "cache/b.ts": 'export { c } from "./kit/c.ts";',
      "cache/kit/c.ts": 'const a = await import("../a.ts");',
      "cache/d.ts": 'import "./a.ts";',
    }),
  ).toEqual(["cache: cycle cache/a.ts cache/b.ts cache/kit/c.ts"]);
});
