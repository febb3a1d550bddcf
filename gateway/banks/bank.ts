import { withDeadline } from "../../net/deadline.ts";
import type { Bounds, Edition, Release } from "../../schema/release.ts";
import type { Card } from "../../schema/wire/card.ts";
import { type Answering, type AnsweringOptions, type Call, createAnswering } from "./answering.ts";
import type { Publication } from "./calls.ts";
import { BankFailure, timedOut } from "./failure.ts";
import { usualDeadline } from "./guard.ts";
import { type BankReadings, createReadings, type ReadingCache } from "./readings.ts";

/** A bank of the federation, and the one door through which it is asked. */
export type Bank = Pick<Answering, "answer"> & {
  readonly id: string;
  /** What the bank last said of itself. */
  readonly card: () => Card;
  /** A bank is asked for a question at most once in each edition, and not while it is out of reach. */
  readonly readings: BankReadings;
  /** The current release; null where the bank does not say it in time. Rejects only when the asker leaves. */
  readonly release: (call: Call) => Promise<Release | null>;
  /**
   * Has the bank publish a release; resolves once no gateway answers from an older one.
   * @throws {GraphQLError} what the bank refuses {BankError} where it is out of reach
   */
  readonly publish: (order: Publication, signal: AbortSignal) => Promise<Release>;
  /** Whether the gateway's own ODAN_OPERATOR_TOKEN_FILE is good for the bank. */
  readonly isHosted: boolean;
  readonly health: BankHealth;
};

/** What is known of a bank without asking it. */
export type BankHealth = {
  /** Bounds that the bank warrants: of its last known release, else of its last good card. */
  readonly bounds: () => Bounds;
  /** The last known release, as people and as snapshots name it; null before the first lease. */
  readonly release: () => { readonly release: Release; readonly edition: Edition } | null;
  /** Milliseconds to wait for the bank where the question names no deadline; at most `mostMs`. */
  readonly usualDeadlineMs: (mostMs: number) => number;
};

/** A bank, and the way for the registry to change its card. */
export type ManagedBank = {
  readonly bank: Bank;
  /** Takes a new card. A failure means that the card broke the contract: the bank is BROKEN until the next good one. */
  readonly update: (card: Card | BankFailure) => void;
};

export type BankOptions = AnsweringOptions & Pick<Bank, "isHosted"> & { readonly readings: ReadingCache };

/** Time limit of one call for the release, in ms. */
const RELEASE_MS = 5000;

/** @param first the bank's card, or the last one that was kept */
export const createBank = (first: Card, options: BankOptions): ManagedBank => {
  const { id, calls, guard, isHosted } = options;
  const answering = createAnswering(options);
  let card = first;
  let cardJson = JSON.stringify(first);
  let fault: BankFailure | null = null;
  /** How many cards there have been. */
  let cards = 0;
  if (card.state === "WITHDRAWN") answering.withdraw();

  const askRelease = (): Promise<Release | null> =>
    withDeadline(
      (left) => guard.unqueued(() => calls.release(left)),
      RELEASE_MS,
      () => timedOut(id, RELEASE_MS),
    );

  const bank: Bank = {
    id,
    card: () => card,
    async answer(question, wanted, call) {
      if (card.state === "WITHDRAWN") throw WITHDRAWN;
      if (fault !== null) throw fault;
      return answering.answer(question, wanted, call);
    },
    readings: createReadings({
      ...options,
      answering,
      cardVersion: () => cards,
      isOpen: () => card.state === "LIVE" || card.state === "TRIAL",
    }),
    async release(call) {
      try {
        return await withDeadline(askRelease, call.deadlineMs, () => timedOut(id, call.deadlineMs), call.signal);
      } catch (error) {
        call.signal.throwIfAborted();
        call.log.warn({ bank: id, err: error }, "the bank did not say its release");
        return null;
      }
    },
    publish: (order, signal) => guard.unqueued(() => calls.publish(order, signal)),
    isHosted,
    health: {
      bounds: () => (fault === null ? answering.last()?.about.size : undefined) ?? card.size,
      release() {
        const last = answering.last();
        return last && { release: last.about.release, edition: last.edition };
      },
      usualDeadlineMs: (mostMs) => usualDeadline(guard.latency, mostMs),
    },
  };
  return {
    bank,
    update(next) {
      if (next instanceof BankFailure) {
        fault = next;
        return;
      }
      fault = null;
      const nextJson = JSON.stringify(next);
      if (nextJson === cardJson) return;
      [card, cardJson] = [next, nextJson];
      cards += 1;
      if (card.state === "WITHDRAWN") answering.withdraw();
    },
  };
};

const WITHDRAWN = new BankFailure({ code: "BANK_WITHDRAWN", message: "the bank has withdrawn", retryAfterMs: null });
