import { setTimeout as pause } from "node:timers/promises";
import type { JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { caught } from "../kit/failures.ts";
import type { Range, Unit } from "../local.ts";
import type { Filter } from "./filters.ts";
import type { CountRequest } from "./request.ts";

/**
 * Counts the records that meet all filters; a BankError where the beacon does not take them, or answers so that nothing can be
 * known. @throws {BankError} where the beacon stays busy, silent, failing or away, which shows nothing
 */
export type Ask = (unit: Unit, filters: readonly Filter[]) => Promise<Range | BankError>;

/** How a count is asked for, and how its answer is read. */
export type Asking = {
  readonly request: (unit: Unit, filters: readonly Filter[]) => CountRequest;
  readonly fetch: (request: CountRequest, signal: AbortSignal) => Promise<JsonObject>;
  readonly read: (unit: Unit, filters: readonly Filter[], answer: JsonObject) => Range;
};

const ATTEMPTS = 5;
/** A time limit is long, and a beacon that needs longer is rarely quicker the next time. */
const ATTEMPTS_IN_TIME = 2;
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5000;

/**
 * Asks for the counts of proofs, each once. What a busy or failing beacon does not answer is asked again, five times at most. One
 * that still fails (5xx) is taken to fail at this filter only where it answered another count meanwhile.
 */
export const proofAsker = ({ request, fetch, read }: Asking, signal: AbortSignal): Ask => {
  const asked = new Map<string, Promise<Range | BankError>>();
  let answered = 0;
  const once = async (unit: Unit, filters: readonly Filter[]): Promise<Range | BankError> => {
    const found = await caught(async () => read(unit, filters, await fetch(request(unit, filters), signal)));
    if (!(found instanceof BankError)) answered += 1;
    return found;
  };
  const count: Ask = async (unit, filters) => {
    const before = answered;
    for (let attempt = 1; ; attempt += 1) {
      const found = await once(unit, filters);
      if (!(found instanceof BankError) || !isPassing(found)) return found;
      if (attempt >= (found.code === "BANK_TIMEOUT" ? ATTEMPTS_IN_TIME : ATTEMPTS)) {
        if (found.code !== "BANK_BROKEN") throw found;
        const isUp = answered > before || (filters.length > 0 && !((await once(unit, [])) instanceof BankError));
        if (isUp) return found;
        throw found;
      }
      const wait = Math.max(SHORTEST_PAUSE_MS * 2 ** attempt, found.retryAfterMs ?? 0);
      await pause(Math.min(LONGEST_PAUSE_MS, wait), undefined, { signal });
    }
  };
  return (unit, filters) => {
    const { body } = request(unit, filters);
    const known = asked.get(body) ?? count(unit, filters);
    asked.set(body, known);
    return known;
  };
};

const PASSING: ReadonlySet<string> = new Set(["BANK_BUSY", "BANK_TIMEOUT", "BANK_UNREACHABLE"]);

const isPassing = ({ code, message }: BankError): boolean =>
  PASSING.has(code) || (code === "BANK_BROKEN" && /\bHTTP 5\d\d\b/.test(message));
