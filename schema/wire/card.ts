import { z } from "zod";
import { VERDICTS } from "../verdict.ts";
import { integer, isField, list, object, oneOf, parseAs, type Shaped, text, word, wrong } from "./shape.ts";

/** A value that the SDL lets be null; absent is null. */
const maybe = <S extends z.ZodType>(shape: S) => shape.nullish().transform((value) => value ?? null);
/** A list of words without those of a newer contract. */
const known = <const W extends string>(words: readonly W[]) =>
  list(text).transform((given) => given.filter((word): word is W => words.some((each) => each === word)));

const yes = z.boolean("true or false");
const verdict = text.pipe(oneOf(VERDICTS, "UNSUPPORTED"));
const name = object({ en: text, ja: text, missing: maybe(text).pipe(z.enum(["EN", "JA"]).nullable().catch(null)) });
const fieldSupport = object({
  field: text,
  verdict,
  facet: yes,
  systems: maybe(list(text)),
  values: list(object({ value: object({ value: text, label: name }), verdict })),
});

/** The SDL's `Bank` but for its release. Each member has the SDL's type; numbers that a gateway reckons with are bounded. */
const card = object({
  id: word,
  name,
  description: maybe(name),
  url: maybe(text),
  contact: object({ name, email: text }),
  access: object({
    requestUrl: maybe(text),
    eligible: known(["JP_ACADEMIA", "JP_COMPANY", "OVERSEAS_ACADEMIA", "OVERSEAS_COMPANY"]),
    terms: maybe(name),
    licence: maybe(text),
  }),
  size: object({ donors: maybe(integer(0)), samples: maybe(integer(0)), enrolmentsPerPerson: integer(1) }),
  centres: list(object({ id: word, name })),
  adapter: text,
  state: text.pipe(oneOf(["TRIAL", "LIVE", "PAUSED", "WITHDRAWN"], "PAUSED")),
  capabilities: object({
    counts: known(["DONORS", "SAMPLES"]),
    sameSample: yes,
    fields: list(fieldSupport).transform((all) =>
      all.flatMap(({ field, ...support }) => (isField(field) ? [{ field, ...support }] : [])),
    ),
  }),
  disclosure: object({
    threshold: maybe(z.int32("an integer")),
    zeroShown: yes,
    spread: z.int32("an integer"),
    says: name,
  }),
});

/** What a bank says of itself: `self` of the contract but for its release, which is asked for anew each time. */
export type Card = Shaped<typeof card>;

/**
 * Checks what a bank sent as its card, so that serving it cannot fail: every member is what the SDL declares. Values of a
 * newer contract's enums are read with caution, or left out of their list.
 * @param id that the bank must have; default: any
 * @throws {WrongAnswer} `self.size.enrolmentsPerPerson: wanted an integer >= 1, got 0`
 */
export const parseCard = (json: unknown, id?: string): Card => {
  const parsed = parseAs("self", json, card);
  if (id !== undefined && parsed.id !== id) throw wrong("self.id", id, parsed.id);
  parsed.centres.forEach((centre, i) => {
    if (!centre.id.startsWith(`${parsed.id}/`)) throw wrong(`self.centres[${i}].id`, `${parsed.id}/...`, centre.id);
  });
  return parsed;
};
