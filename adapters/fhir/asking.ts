import { setTimeout as pause } from "node:timers/promises";
import { BankError } from "../../schema/bank-error.ts";
import type { Search } from "./search.ts";
import type { FhirServer } from "./server.ts";

const ATTEMPTS = 6;
const SHORTEST_PAUSE = 20;
const LONGEST_PAUSE = 5000;

/**
 * A server as it is asked for proofs: a search that fails since the server is busy, or by a fault of its own (HTTP 5xx), shows
 * nothing and is sent again, at most six times in all, after the time that the server names (5 s at most).
 */
export const askedAgain = (server: FhirServer): FhirServer => ({
  ...server,
  count: again(server.count),
  search: again(server.search),
});

type Send<T> = (searches: readonly Search[], signal: AbortSignal) => Promise<readonly (T | BankError)[]>;

const again =
  <T>(send: Send<T>): Send<T> =>
  async (searches, signal) => {
    const outcomes = [...(await send(searches, signal))];
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
      const failed = outcomes.flatMap((outcome, at) => (isPassing(outcome) ? [{ at, error: outcome }] : []));
      if (failed.length === 0) break;
      const waits = failed.map(({ error }) => error.retryAfterMs ?? 0);
      await pause(Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, ...waits)), undefined, { signal });
      const found = await send(
        failed.map(({ at }) => searches[at]!),
        signal,
      );
      found.forEach((outcome, index) => {
        outcomes[failed[index]!.at] = outcome;
      });
    }
    return outcomes;
  };

const isPassing = (outcome: unknown): outcome is BankError =>
  outcome instanceof BankError &&
  (outcome.code === "BANK_BUSY" || (outcome.code === "BANK_BROKEN" && /\bHTTP 5\d\d\b/.test(outcome.message)));
