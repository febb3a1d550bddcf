import { asObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { MappedCodes } from "../adapter.ts";
import { asObjects, type FhirClient } from "./http.ts";
import type { FhirOptions } from "./options.ts";
import { count, type Manner, readAll, type Search } from "./search.ts";
import { escaped, wordOf } from "./words.ts";

/** A server with more Conditions than this is asked for every mapped code. */
const MOST_CONDITIONS = 20_000;

/**
 * The mapped codes of a whole code system that the server's Conditions hold, which are all that is worth asking for: of
 * the ten thousand codes of a system a bank records some hundreds. Every Condition is read. Undefined where there are
 * too many, where not every one of them came, or where the mapping names single codes. @throws {BankError}
 */
export const recordedDiseases = async (
  bank: string,
  client: FhirClient,
  options: FhirOptions,
  mapping: MappedCodes,
  manner: Manner,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> => {
  const word = wordOf(options, "DISEASE", "DONORS");
  const section = mapping.DISEASE;
  // Only the standard's own parameter is known to look at Condition.code.
  if (word === undefined || section?.tree === undefined || options.diseases?.code !== "code") return undefined;
  const all: Search = { resource: options.diseases.resource, params: [] };
  const [total] = await count(bank, client, [all], manner, signal);
  if (typeof total !== "number" || total > MOST_CONDITIONS) return undefined;
  const read = await readAll(bank, client, { ...all, params: [["_count", "1000"]] }, manner.echoes, signal).catch(
    (error: unknown) => {
      if (error instanceof BankError && ["BANK_UNSUPPORTED", "BANK_BROKEN"].includes(error.code)) return undefined;
      throw error;
    },
  );
  if (read?.size !== total) return undefined;
  const held = new Set<string>();
  for (const condition of read.values()) {
    for (const { system, code } of asObjects(asObject(condition["code"])?.["coding"])) {
      held.add(folded(escaped(String(code))));
      held.add(folded(`${escaped(String(system ?? ""))}|${escaped(String(code))}`));
    }
  }
  return new Set(section.codes.filter((code) => held.has(folded(word.spell(code)))));
};

/** Whether case matters is the code system's to say, and a code too many does no harm. */
const folded = (token: string): string => token.toLowerCase();
