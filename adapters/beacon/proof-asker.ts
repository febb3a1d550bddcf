import { setTimeout as pause } from "node:timers/promises";
import type { JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { caught } from "../kit/failures.ts";
import type { Range, Unit } from "../local.ts";
import type { Filter } from "./filters.ts";
import type { CountRequest } from "./request.ts";

/**
 * Counts the records that meet all filters; a BankError where the beacon does not take them, or answers so that nothing can be
 * known. @throws {BankError} where the beacon stays busy, silent or away, which shows nothing
 */
export type Ask = (unit: Unit, filters: readonly Filter[]) => Promise<Range | BankError>;

/** How a count is asked for, and how its answer is read. */
export type Asking = {
  readonly request: (unit: Unit, filters: readonly Filter[]) => CountRequest;
  readonly fetch: (request: CountRequest, signal: AbortSignal) => Promise<JsonObject>;
  readonly read: (unit: Unit, filters: readonly Filter[], answer: JsonObject) => Range;
};

const ATTEMPTS = 5;
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5000;

/** Asks for the counts of proofs, each once. What a busy or failing beacon does not answer is asked again, five times at most. */
export const proofAsker = ({ request, fetch, read }: Asking, signal: AbortSignal): Ask => {
  const asked = new Map<string, Promise<Range | BankError>>();
  const count = async (unit: Unit, filters: readonly Filter[], sent: CountRequest): Promise<Range | BankError> => {
    for (let attempt = 1; ; attempt += 1) {
      const found = await caught(async () => read(unit, filters, await fetch(sent, signal)));
      if (!(found instanceof BankError)) return found;
      if (!isPassing(found)) return found;
      if (attempt === ATTEMPTS) {
        // A beacon that fails at one filter each time is asked for the others.
        if (found.code === "BANK_BROKEN") return found;
        throw found;
      }
      const wait = Math.max(SHORTEST_PAUSE_MS * 2 ** attempt, found.retryAfterMs ?? 0);
      await pause(Math.min(LONGEST_PAUSE_MS, wait), undefined, { signal });
    }
  };
  return (unit, filters) => {
    const sent = request(unit, filters);
    const known = asked.get(sent.body) ?? count(unit, filters, sent);
    asked.set(sent.body, known);
    return known;
  };
};

const PASSING: ReadonlySet<string> = new Set(["BANK_BUSY", "BANK_TIMEOUT", "BANK_UNREACHABLE"]);

const isPassing = ({ code, message }: BankError): boolean =>
  PASSING.has(code) || (code === "BANK_BROKEN" && /\bHTTP 5\d\d\b/.test(message));
