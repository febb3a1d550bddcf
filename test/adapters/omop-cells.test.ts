import { expect, test, vi } from "vitest";
import type { CodeTest } from "../../adapters/local.ts";
import { cellsOf } from "../../adapters/omop/cells.ts";
import type { CodeColumn } from "../../adapters/omop/columns.ts";
import { countSql } from "../../adapters/omop/count-sql.ts";
import { omopFields } from "../../adapters/omop/fields.ts";
import { omopOptions } from "../../adapters/omop/options.ts";
import { binder } from "../../adapters/omop/statement.ts";
import { ABSENT, OPTIONS } from "./omop-bank.ts";
import { question } from "./questions.ts";

const CELLS = 200;
const CODES = Array.from({ length: 5 * CELLS }, (_, at) => String(at + 1));
const cells = Array.from(
  { length: CELLS },
  (_, at): CodeTest => ({ codes: CODES.slice(5 * at, 5 * at + 5), negate: false, missing: false }),
);

const plain: CodeColumn = { type: "int", raw: () => "raw", whole: () => "whole", none: ["0"] };
const withHierarchy: CodeColumn = { ...plain, below: { ancestors: "concept_ancestor", mapped: new Set(CODES) } };

// By the two thousand categories of ICD-10 every cell went through all codes of all of them: that kept the processor for
// six seconds, in which a gateway that ran its banks itself heard of none of the others.
test.each([
  ["a column", plain],
  ["a column with a hierarchy", withHierarchy],
])("cells over %s look each of their codes up a few times, not all codes in each cell", (_, column) => {
  const { bind, statement } = binder();
  const has = vi.spyOn(Set.prototype, "has");
  const { map } = cellsOf(column, { field: "DISEASE", cells }, bind, true);
  const looks = has.mock.calls.length;
  has.mockRestore();
  expect(looks).toBeLessThan(5 * CODES.length);
  // Every code stands once, with the cell that names it.
  const [codes, places] = statement(map).values;
  expect(codes).toBe(`{${CODES.join()}}`);
  expect(places).toBe(`{${CODES.map((_code, at) => Math.floor(at / 5)).join()}}`);
});

// Each breakdown by category went through its codes twice, and the driver joined them element by element: 130 MB of garbage.
test("what a breakdown's codes are in a column is worked out once for all questions", () => {
  let reads = 0;
  const asked: CodeTest = {
    get codes() {
      reads += 1;
      return ['a"b', String.raw`c\d`, "{e,f}"];
    },
    negate: false,
    missing: false,
  };
  const by = [{ field: "DISEASE", cells: [asked] }] as const;
  const options = { ...OPTIONS, url: "postgres://localhost/x", schema: "cdm", disease: { by: "source_value" } };
  const fields = omopFields(omopOptions.parse(options), ABSENT);
  const written = () => countSql(fields, [{ ...question([]), by }]).values;
  const first = written();
  expect(first).toEqual(expect.arrayContaining([String.raw`{"a\"b","c\\d","{e,f}"}`, "{0,0,0}"]));
  const before = reads;
  expect(written()).toEqual(first);
  expect(reads).toBe(before);
});
