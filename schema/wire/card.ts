import { buildSchema, isObjectType } from "graphql";
import { once } from "../once.ts";
import { SUBGRAPH_SDL } from "../sdl.ts";
import { VERDICTS } from "../verdict.ts";
import { served } from "./served.ts";
import {
  field,
  integer,
  list,
  nullable,
  oneOf,
  openObject,
  parseAs,
  type Shape,
  type Shaped,
  word,
  wrong,
} from "./shape.ts";

const text: Shape<string> = (json) => (typeof json === "string" ? json : word(json));
const name = openObject({ en: text, ja: text });
const values = list(
  openObject({ value: openObject({ value: text, label: name }), verdict: oneOf(VERDICTS, "UNSUPPORTED") }),
);

/** What a gateway itself reads of a card, and what it relies on beyond the SDL. */
const card = openObject({
  id: word,
  name,
  state: oneOf(["TRIAL", "LIVE", "PAUSED", "WITHDRAWN"], "PAUSED"),
  size: openObject({ donors: nullable(integer(0)), samples: nullable(integer(0)), enrolmentsPerPerson: integer(1) }),
  centres: list(openObject({ id: word, name })),
  capabilities: openObject({ fields: list(openObject({ field, values })) }),
});

/**
 * What a bank says of itself: `self` of the contract but for its release, which is asked for anew each time. The type
 * names what a gateway reads; all other members stand in it as the bank sent them, and are served as the SDL's `Bank`.
 */
export type Card = Shaped<typeof card>;

/**
 * Checks what a bank sent as its card, so that serving it cannot fail: every member is what the SDL declares. Values of a
 * newer contract's enums are read with caution, or left out of their list.
 * @param id that the bank must have; default: any
 * @throws {WrongAnswer} `self.size.enrolmentsPerPerson: wanted an integer >= 1, got 0`
 */
export const parseCard = (json: unknown, id?: string): Card => {
  const parsed = parseAs("self", parseAs("self", json, bank()), card);
  if (id !== undefined && parsed.id !== id) throw wrong("self.id", id, parsed.id);
  parsed.centres.forEach((centre, i) => {
    if (!centre.id.startsWith(`${parsed.id}/`)) throw wrong(`self.centres[${i}].id`, `${parsed.id}/...`, centre.id);
  });
  return parsed;
};

const bank = once(() => {
  const type = buildSchema(SUBGRAPH_SDL).getType("Bank");
  if (!isObjectType(type)) throw new Error("the contract has no type Bank");
  return served(type, { without: ["Bank.release"], cautious: { BankState: "PAUSED", Verdict: "UNSUPPORTED" } });
});
