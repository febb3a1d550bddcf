import type { JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { caught } from "../kit/failures.ts";
import type { Search } from "./search.ts";

/** The searchset of each search, and what was read behind them. */
type Together = { readonly found: readonly (JsonObject | BankError)[]; readonly last: JsonObject | undefined };

/** Sends some searches in one request, and then reads the resource at `last`. */
export type SendTogether = (searches: readonly Search[], signal: AbortSignal, last?: string) => Promise<Together>;

/** How long a server is believed to take no larger bundles. */
const BELIEVED_MS = 10 * 60_000;

/**
 * Sends bundles that a server takes. One that it refuses, or breaks on twice, is sent again in halves, and for ten minutes no
 * bundle is larger than what it took then. A search that fails by itself stays failed.
 */
export const shrinking = (send: SendTogether): SendTogether => {
  let most = Number.POSITIVE_INFINITY;
  let until = 0;
  const remember = (size: number): void => {
    most = Math.min(most, size);
    until = performance.now() + BELIEVED_MS;
  };

  /** `works`: the server has answered a smaller bundle, so that one search that fails is no fault of the server's. */
  const halved: Halved = async (searches, signal, works) => {
    try {
      return await sentTwice(send, searches, signal);
    } catch (error) {
      if (signal.aborted || !isAboutSize(error)) throw error;
      if (searches.length === 1) {
        if (!works) throw error;
        return [error];
      }
      const middle = Math.ceil(searches.length / 2);
      const first = await halved(searches.slice(0, middle), signal, works);
      remember(middle);
      return [...first, ...(await halved(searches.slice(middle), signal, true))];
    }
  };

  return async (searches, signal, last) => {
    if (performance.now() > until) most = Number.POSITIVE_INFINITY;
    const parts = partsOf(searches, most);
    if (parts.length === 1) {
      const whole = await caught(() => send(searches, signal, last));
      if (!(whole instanceof BankError)) return whole;
      if (searches.length === 1 || signal.aborted || !isAboutSize(whole)) throw whole;
    }
    const found: (JsonObject | BankError)[] = [];
    for (const part of parts) found.push(...(await halved(part, signal, found.length > 0)));
    // What is read behind the counts goes by itself.
    return { found, last: last === undefined ? undefined : (await send([], signal, last)).last };
  };
};

type Halved = (
  searches: readonly Search[],
  signal: AbortSignal,
  works: boolean,
) => Promise<readonly (JsonObject | BankError)[]>;

/** A fault of the server's may pass: it is asked once more. */
const sentTwice = async (
  send: SendTogether,
  searches: readonly Search[],
  signal: AbortSignal,
): Promise<Together["found"]> => {
  const first = await caught(() => send(searches, signal));
  if (!(first instanceof BankError)) return first.found;
  if (first.code !== "BANK_BROKEN" || !isAboutSize(first)) throw first;
  return (await send(searches, signal)).found;
};

/** A body over our own limits is one that no server sends for counts, however few they are. */
const isAboutSize = (error: unknown): error is BankError =>
  error instanceof BankError &&
  (error.code === "BANK_UNSUPPORTED" ||
    (error.code === "BANK_BROKEN" && error.reason !== "TOO_LARGE" && error.reason !== "TOO_DEEP"));

const partsOf = (searches: readonly Search[], size: number): readonly (readonly Search[])[] =>
  size >= searches.length
    ? [searches]
    : Array.from({ length: Math.ceil(searches.length / size) }, (_, at) => searches.slice(at * size, (at + 1) * size));
