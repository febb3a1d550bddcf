import type { FieldName } from "../fields.ts";
import { VERDICTS } from "../verdict.ts";
import {
  bothLanguages,
  field,
  isField,
  list,
  nullable,
  object,
  oneOf,
  parseAs,
  type Shape,
  type Shaped,
  word,
} from "./shape.ts";

const value: Shape<string> = (json) => String(json);

export const understanding = object({
  path: word,
  field: nullable(field),
  verdict: oneOf(VERDICTS, "UNSUPPORTED"),
  local: list(object({ value, label: bothLanguages })),
  says: bothLanguages,
});

/**
 * How a bank reads one criterion. `path`: its place in the canonical `where`. `field`: null where the bank does not know
 * the criterion. `verdict`: one of a newer contract is read as UNSUPPORTED. `local`: the bank's own codes that were used.
 * `says`: what was done, for the asker.
 */
export type Understanding = Shaped<typeof understanding>;

/** Names of fields, without those that are not known: this gateway cannot have asked for them. */
const facets: Shape<readonly FieldName[]> = (json) => list((name) => name)(json).filter(isField);

const reading = object({ understanding: list(understanding), lostFacets: facets });

/** What `readings` returns for one question. `lostFacets`: fields that the bank cannot break down by. */
export type Reading = Shaped<typeof reading>;

/** Checks what a bank sent as its readings. @param count how many questions it was asked @throws {WrongAnswer} */
export const parseReadings = (json: unknown, count: number): readonly Reading[] =>
  parseAs("readings", json, list(reading, count));
