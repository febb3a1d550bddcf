import { setMaxListeners } from "node:events";
import type { RequestContext } from "../context.ts";
import { arrivals, DONE, iterate } from "./arrivals.ts";
import { type BankResult, unknownResult } from "./bank-result.ts";
import type { BankAnswer, Search } from "./present.ts";
import { type Asking, type Federation, type SearchArgs, startSearch } from "./search.ts";

/** SearchEvent of the SDL. What is a function is worked out when it is selected. */
export type SearchEvent = {
  readonly answers: readonly BankAnswer[];
  readonly search: Omit<Search, "banks"> & { readonly banks: () => readonly BankAnswer[] };
  readonly last: boolean;
};

/** What an event is made of: who answered since the last one, and what is known of all. */
export type Progress = {
  readonly asking: Asking;
  readonly news: readonly BankResult[];
  readonly known: readonly BankResult[];
};

/**
 * Asks the banks one question and yields their answers as they arrive. An event is made when it is read: a slow reader gets
 * fewer of them. Returning from the iterator cancels the calls that nobody else waits for.
 * @throws {QuestionError} for a fault of the asker, before any bank is asked
 */
export const searchEvents = (
  args: SearchArgs,
  federation: Federation,
  request: RequestContext,
): AsyncIterableIterator<Progress | Error, undefined> => {
  const left = new AbortController();
  // Every bank listens.
  setMaxListeners(0, left.signal);
  const asking = startSearch(args, federation, { ...request, signal: left.signal });
  const leave = () => left.abort();
  // The asker goes, or the gateway has to: either way the stream ends here, as a whole.
  const ends = [request.signal, federation.closing];
  for (const signal of ends) {
    if (signal?.aborted) leave();
    signal?.addEventListener("abort", leave, { once: true });
  }
  const { banks, asked, results } = asking;
  const coming = arrivals(results, holdMs);
  left.signal.addEventListener("abort", coming.stop, { once: true });
  const known = new Map(banks.map((bank) => [bank.id, unknownResult(bank, asked, "WAITING", "BANK_WAITING")]));
  let waiting = banks.length;
  let over = false;
  const end = () => {
    over = true;
    for (const signal of ends) signal?.removeEventListener("abort", leave);
  };
  const next = async (): Promise<IteratorResult<Progress | Error, undefined>> => {
    if (over || left.signal.aborted) return DONE;
    let news: readonly BankResult[];
    try {
      news = await coming.take();
    } catch (error) {
      const cancelled = left.signal.aborted;
      end();
      leave();
      // An iterator that rejects would take the connection down with it, without a word.
      return cancelled ? DONE : { done: false, value: error as Error };
    }
    if (left.signal.aborted) return DONE;
    for (const result of news) known.set(result.card.id, result);
    waiting -= news.length;
    if (waiting === 0) end();
    return { done: false, value: { asking, news, known: [...known.values()] } };
  };
  return iterate(next, () => {
    end();
    leave();
  });
};

/** @throws {Error} what went wrong instead of an event */
export const presentEvent = async (progress: Progress | Error): Promise<SearchEvent> => {
  if (progress instanceof Error) throw progress;
  const { asking, news, known } = progress;
  const { totals, answer } = await asking.present.show(known);
  return {
    answers: news.map(answer),
    search: { ...totals, banks: () => known.map(answer) },
    last: totals.waiting === 0,
  };
};

/** Banks that answer shortly after one another share an event, but for none does that add more than a tenth. */
export const holdMs = (afterMs: number): number => Math.min(50, afterMs / 10) - TIMER_MS;
/** What timers are late by. */
const TIMER_MS = 1;
