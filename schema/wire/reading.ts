import { z } from "zod";
import { VERDICTS } from "../verdict.ts";
import { bothLanguages, field, isField, items, list, object, oneOf, parseAs, type Shaped, word } from "./shape.ts";

export const understanding = object({
  path: word,
  field: field.nullable(),
  verdict: oneOf(VERDICTS, "UNSUPPORTED"),
  local: list(object({ value: z.coerce.string(), label: bothLanguages })),
  says: bothLanguages,
});

/**
 * How a bank reads one criterion. `path`: its place in the canonical `where`. `field`: null where the bank does not know
 * the criterion. `verdict`: one of a newer contract is read as UNSUPPORTED. `local`: the bank's own codes that were used.
 * `says`: what was done, for the asker.
 */
export type Understanding = Shaped<typeof understanding>;

const reading = object({
  understanding: list(understanding),
  // This gateway cannot have asked for a field that it does not know.
  lostFacets: list(z.unknown()).transform((names) => names.filter(isField)),
});

/** What `readings` returns for one question. `lostFacets`: fields that the bank cannot break down by. */
export type Reading = Shaped<typeof reading>;

/** Checks what a bank sent as its readings. @param count how many questions it was asked @throws {WrongAnswer} */
export const parseReadings = (json: unknown, count: number): readonly Reading[] =>
  parseAs("readings", items(json, "readings", count), list(reading));
