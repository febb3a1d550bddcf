import { describe, expect, test } from "vitest";
import { MUTANTS as OF_CONSISTENCY } from "./consistency/mutants.ts";
import { parseSource } from "./house/source.ts";
import { MUTANTS as OF_THE_LAW } from "./law/mutants.ts";
import {
  argument,
  condition,
  consequent,
  itself,
  type Mutant,
  markersIn,
  mutated,
  readAll,
  rightOf,
  value,
} from "./mutant.ts";

const MUTANTS: readonly Mutant[] = [...OF_THE_LAW, ...OF_CONSISTENCY];
const markers = markersIn(readAll());

test.each(MUTANTS)("there is a place for: $name", (mutant) => {
  expect(() => mutated(mutant, markers)).not.toThrow();
});

test("every marker in the product has a mutant", () => {
  const used = new Set(MUTANTS.map(({ marker }) => marker));
  expect(
    markers.filter(({ marker }) => !used.has(marker)).map(({ marker, source }) => `${source.file}: ${marker}`),
  ).toEqual([]);
});

/** The code after a mutant of these two was planted in it, on one line. */
const plantIn = (code: string, { at, becomes }: Pick<Mutant, "at" | "becomes">): string =>
  mutated({ name: "x", marker: "here", at, becomes }, markersIn([parseSource("a.ts", code)]))
    .text.replace(/\s+/g, " ")
    .trim();

describe("a mutant is planted at", () => {
  const fault = { becomes: () => "0" };
  test.each([
    ["a statement", "a();\n// mutant: here\na(1,\n2)\na();", itself, "a(); // mutant: here 0 a();"],
    ["a declaration", "// mutant: here\nconst a: number = 1 +\n 1;", value, "// mutant: here const a: number = 0;"],
    ["a return", "() => {\n// mutant: here\nreturn { a: 1 }; }", value, "() => { // mutant: here return 0; }"],
    ["a property", "a({\n// mutant: here\nb: () => 1, c })", value, "a({ // mutant: here b: 0, c })"],
    ["an assignment", "let a;\n/* mutant: here */ a = 1;", value, "let a; /* mutant: here */ a = 0;"],
    ["an operand", "const a = b\n? // mutant: here\n c(1).d : e;", itself, "const a = b ? // mutant: here 0 : e;"],
    ["a condition", "// mutant: here\nif (a) b();", condition, "// mutant: here if (0) b();"],
    ["a value's condition", "// mutant: here\nconst a = b ? 1 : 2;", condition, "// mutant: here const a = 0 ? 1 : 2;"],
    ["what an if does", "// mutant: here\nif (a) { b(); }", consequent, "// mutant: here if (a) 0"],
    ["a right side", "// mutant: here\nif (a > 5) b();", rightOf(condition), "// mutant: here if (a > 0) b();"],
    [
      "an argument",
      "// mutant: here\nconst a = await b(1).c(2, 3);",
      argument(1),
      "// mutant: here const a = await b(1).c(2, 0);",
    ],
    ["a last argument", "// mutant: here\na(1, 2);", argument(-1), "// mutant: here a(1, 0);"],
    ["the next code", "// mutant: here\n// of a\na();", itself, "// mutant: here // of a 0"],
  ])("%s", (_, code, at, wanted) => {
    expect(plantIn(code, { at, ...fault })).toBe(wanted);
  });
});

test.each([
  ["no marker", "a();", itself, "0", "wanted its marker once in the product, got none"],
  ["two markers", "// mutant: here\na();\n// mutant: here\na();", itself, "0", "once in the product, got a.ts, a.ts"],
  ["no code", "a(); // mutant: here", itself, "0", "wanted code after its marker, got nothing, in a.ts"],
  ["another shape", "// mutant: here\na();", condition, "0", 'wanted a condition, got "a();" in a.ts'],
  ["no change", "// mutant: here\na(0);", argument(0), "0", 'wanted a fault, got "0" unchanged in a.ts'],
  ["no code after the change", "// mutant: here\na(0);", argument(0), "(", "a.ts: "],
  [
    "a local that was renamed",
    "// mutant: here\na(b.c);",
    itself,
    "a(c)",
    "wanted names that its file knows, got c in a.ts",
  ],
])("a mutant says that there is %s", (_, code, at, becomes, wanted) => {
  expect(() => plantIn(code, { at, becomes: () => becomes })).toThrow(wanted);
});

test("a mutant may declare names of its own, and use those of the language", () => {
  const becomes = () => "a.map((c, d) => { const { e: [f] } = c; return Math.max(c, d, f); })";
  expect(plantIn("const a = [];\n// mutant: here\na.b();", { at: itself, becomes })).toContain("Math.max(c, d, f)");
});
