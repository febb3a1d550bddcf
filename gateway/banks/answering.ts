import type { Logger } from "pino";
import type { Answers } from "../../cache/answers.ts";
import type { Lease } from "../../cache/lease.ts";
import { createReader, EDITION_GONE, type Fetch, type ReadResult } from "../../cache/reader.ts";
import type { Clock } from "../../net/clock.ts";
import { withDeadline } from "../../net/deadline.ts";
import { questionHash } from "../../schema/canonical.ts";
import type { Count } from "../../schema/count.ts";
import type { Bounds, Edition, Release } from "../../schema/release.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { Question } from "../../schema/wire/question.ts";
import { type Payer, partyOf } from "../fairness/party.ts";
import type { BankCalls } from "./calls.ts";
import { BankFailure, failureIn, failureOf, timedOut } from "./failure.ts";
import type { Guard } from "./guard.ts";
import { sharedDeadlines } from "./shared-deadlines.ts";

/** What an asker brings along: who it is, how long to wait, when to stop, and where the lines of this request are logged. */
export type Call = {
  /** In whose turn the banks are asked. */
  readonly asker: Payer;
  readonly deadlineMs: number;
  /** Aborts when the asker has left. */
  readonly signal: AbortSignal;
  readonly log: Logger;
};

/** Which editions will do: exactly `pin`, or none before `floor`. Default: the current one. */
export type WantedEdition = { readonly pin?: Edition | undefined; readonly floor?: Edition | undefined };

/** What a bank's lease says of an edition. */
export type About = { readonly release: Release; readonly size: Bounds };

/** A bank's answer from one edition. */
export type BankAnswer = {
  readonly status: "ANSWERED" | "STALE";
  readonly answer: Answer;
  readonly release: Release;
  readonly edition: Edition;
  /** Milliseconds of the call that brought the answer, whichever asker it was made for. */
  readonly tookMs: number;
  /** Where STALE: since when the bank is out of reach, and why. */
  readonly stale: { readonly since: Date; readonly why: BankFailure } | null;
};

/** Another edition is current than the one that was pinned. */
export type Superseded = { readonly status: "SUPERSEDED" };

export type Answering = ReturnType<typeof createAnswering>;

export type AnsweringOptions = {
  readonly id: string;
  readonly calls: BankCalls;
  readonly guard: Guard;
  readonly answers: Answers;
  readonly clock: Clock;
  readonly log: Logger;
  /** Is called when the bank says that it has left the federation. */
  readonly onWithdrawal: () => void;
};

/** Least time limit of one call, in ms. An asker who waits longer moves the limit of the call out. */
const LEASE_MS = 5000;
const ANSWER_MS = 10_000;
/** How long an asker waits to hear which edition is current before a stale answer will do. */
const LEASE_PATIENCE_MS = 1000;
/** With less time left, in ms, nobody begins another call. */
const LEAST_LEFT_MS = 100;
/** Log message of a lease call that failed. */
export const NO_LEASE = "the bank did not say which edition is current";
/** The lease's name among the shared calls; those of answers are hashes. */
const LEASE = "lease";

/** Asks one bank so that no answer is older than it says: deadline, lease, cache, guard and call, in this order. */
export const createAnswering = (options: AnsweringOptions) => {
  const { id, calls, guard, answers, clock, log, onWithdrawal } = options;
  const late = (ms: number) => timedOut(id, ms);
  /** The errors of shared calls that ran out of time. */
  const overdue = new WeakSet<object>();
  const deadlines = sharedDeadlines(clock, (ms) => {
    const error = late(ms);
    overdue.add(error);
    return error;
  });

  const lease = async (): Promise<Lease<About>> => {
    const { edition, release, size, leaseMs, staleMs } = await guard.unqueued(() =>
      deadlines.run({ name: LEASE, leastMs: LEASE_MS }, calls.lease),
    );
    return { edition, leaseMs, staleMs, about: { release, size } };
  };
  const reader = createReader({ id, lease, isWithdrawal }, answers, clock, {
    leaseFailed: (err) => log.warn({ bank: id, err }, NO_LEASE),
    withdrawn: onWithdrawal,
  });
  const failed = (error: unknown, call: Call): BankFailure => {
    call.signal.throwIfAborted();
    return failureOf(id, error, { retryAfterMs: reader.last()?.leaseMs ?? null, log: call.log });
  };
  /** Waits within an asker's deadline for work that needs the calls of these names. */
  const inTime = async <T>(call: Call, names: readonly string[], work: (signal: AbortSignal) => Promise<T>) => {
    const { deadlineMs, signal } = call;
    const waited = () => withDeadline(work, deadlineMs, () => late(deadlineMs), signal);
    try {
      return await deadlines.waiting(names, deadlineMs, waited);
    } catch (error) {
      throw failed(error, call);
    }
  };
  /** One call to the bank for all who wait, in the turn of the first; its answer is cached, so it may outlive them. */
  const fill =
    (question: Question, name: string, party: string): Fetch<About> =>
    ({ edition, about }, signal) =>
      deadlines.run({ name, leastMs: ANSWER_MS, signal }, (left) =>
        guard.queued(() => answerOf(calls, { edition, about }, question, left), { party, signal: left }),
      );

  return {
    /** The edition that was current when the bank last said so; null: it never did, or a later one is known of. */
    last: reader.last,
    /** Drops what the bank answered: it has withdrawn. */
    withdraw: reader.withdraw,
    /** @throws {BankFailure} where there is no answer in time; the signal's reason when the asker leaves */
    async answer(question: Question, { pin, floor }: WantedEdition, call: Call): Promise<BankAnswer | Superseded> {
      const { deadlineMs, signal } = call;
      const name = entryOf(question);
      const leaseTimeoutMs = Math.min(LEASE_PATIENCE_MS, deadlineMs / 2);
      const fetch = fill(question, name, partyOf(call.asker));
      const read = () => reader.read({ question: name, fetch, pin, floor, leaseTimeoutMs, signal });
      const until = clock.mono() + deadlineMs;
      const part = await inTime(call, [LEASE, name], (left) =>
        read().catch((error: unknown) => {
          // A shared call ends when the askers before have no time left; this one has, and begins another call.
          const isOthers = typeof error === "object" && error !== null && overdue.has(error);
          if (!isOthers || left.aborted || until - clock.mono() < LEAST_LEFT_MS) throw error;
          return read();
        }),
      );
      return part.state === "SUPERSEDED" ? { status: "SUPERSEDED" } : bankAnswer(part, (why) => failed(why, call));
    },
    /** The edition that is current now. Rejects as `answer` does. */
    current: (call: Call) => inTime(call, [LEASE], reader.lease),
  };
};

const isWithdrawal = (why: unknown): boolean => failureIn(why)?.code === "BANK_WITHDRAWN";

/** Asks for the answer of one edition. @throws {BankFailure} {Error} where it is of another release */
const answerOf = async (
  calls: BankCalls,
  { edition, about }: Pick<Lease<About>, "edition" | "about">,
  question: Question,
  signal: AbortSignal,
) => {
  try {
    const { release, answer } = await calls.answer({ asOf: edition.name, question, bounds: about.size }, signal);
    if (release?.id !== about.release.id) {
      throw new Error(`answers.release.id: wanted ${about.release.id}, got ${release?.id}`);
    }
    return { value: answer, size: sizeOf(answer) };
  } catch (error) {
    if (error instanceof BankFailure && error.failure.code === "BANK_GONE") return EDITION_GONE;
    throw error;
  }
};

const bankAnswer = (
  { state, ...part }: Exclude<ReadResult<About>, { readonly state: "SUPERSEDED" }>,
  failed: (why: unknown) => BankFailure,
): BankAnswer => {
  const { entry, verified } = part;
  return {
    status: state === "FRESH" ? "ANSWERED" : "STALE",
    // Checked when this gateway read it from the bank, or by the gateway that sealed the entry.
    answer: entry.value as Answer,
    release: verified.about.release,
    edition: verified.edition,
    tookMs: entry.tookMs,
    stale: "why" in part ? { since: new Date(verified.atWall), why: failed(part.why) } : null,
  };
};

/** Counted up when an older gateway's entries may not be read by a newer one: the form of answers has changed. */
const ENTRY_VERSION = 1;
const entries = new WeakMap<Question, string>();
/** What the cache calls a question; worked out once, since every bank is asked the same one. */
const entryOf = (question: Question): string => {
  const entry = entries.get(question) ?? questionHash([ENTRY_VERSION, question]);
  entries.set(question, entry);
  return entry;
};

/** Bytes of memory that an answer takes, rounded up. Most of them are cells: two counts, each a few numbers. */
const sizeOf = ({ understanding, facets }: Answer): number => {
  let size = 4 * JSON.stringify(understanding).length + 1000;
  for (const { cells } of facets) {
    for (const { donors, samples } of cells) size += 220 + sizeOfReasons(donors) + sizeOfReasons(samples);
  }
  return size;
};
const sizeOfReasons = ({ because }: Count): number => (because.length === 0 ? 0 : 64 + 48 * because.length);
