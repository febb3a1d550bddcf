import type { FieldName } from "../../schema/fields.ts";
import { type CodeTest, isRange, type RangeTest, type Test } from "../local.ts";
import { Unsupported } from "./unsupported.ts";

/** The test of a field of numbers; one of no code asks for any value or for none. @throws {Unsupported} where it is one of codes */
export const numberTest = (field: FieldName, test: Test): RangeTest => {
  if (isRange(test)) return test;
  const { codes, negate, missing, doubt } = test;
  if (codes.length === 0) {
    const ends = negate ? { from: null, to: null } : { from: 1, to: 0 };
    return { ...ends, missing, ...(doubt === undefined ? {} : { doubt }) };
  }
  throw new Unsupported(`${field}: wanted a test of numbers, got one of codes`);
};

/** The test of a field of codes, each by its name. @throws {Unsupported} where it is one of numbers, or of a hierarchy */
export const codeTest = (field: FieldName, test: Test): CodeTest => {
  if (isRange(test)) throw new Unsupported(`${field}: wanted a test of codes, got one of numbers`);
  if (test.below) throw new Unsupported(`${field}: wanted every code by name, got a code with all below it`);
  return test;
};

/** Whether every donor and every sample passes. */
export const passesAlways = (test: Test): boolean =>
  test.missing && (isRange(test) ? test.from === null && test.to === null : test.negate && test.codes.length === 0);
