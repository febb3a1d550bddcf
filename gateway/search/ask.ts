import { parse } from "graphql";
import type { Logger } from "pino";
import { EDITION_GONE, type Fetch, LeaseTimeout, UnstableEdition } from "../../cache/reader.ts";
import { timeoutSignal, withDeadline } from "../../net/deadline.ts";
import { NEVER } from "../../net/signals.ts";
import type {
  AnswerJson,
  CellCounts,
  Count,
  FailureJson,
  QuestionJson,
  ReadingJson,
  Uncertainty,
  UnderstandingJson,
} from "../../schema/answer.ts";
import { BANK_ERRORS, BankError, type BankErrorCode } from "../../schema/bank-error.ts";
import { BROKEN_REASONS, isBrokenReason } from "../../schema/broken-reasons.ts";
import { questionHash } from "../../schema/canonical.ts";
import { silentCount } from "../../schema/count.ts";
import type { Edition, Release } from "../../schema/release.ts";
import { type Text, text } from "../../schema/text.ts";
import { parseAnswers } from "../../schema/wire/answer.ts";
import { parseReadings } from "../../schema/wire/reading.ts";
import { WrongAnswer } from "../../schema/wire/shape.ts";
import type { BankRequest } from "../banks/executor.ts";
import { BankFailure, failureIn, knownCode } from "../banks/failure.ts";
import type { About } from "../banks/reader.ts";
import type { RegisteredBank } from "../banks/registry.ts";

/** AnswerStatus of the SDL, as far as a bank that was asked once can have it. */
export type AnswerStatus = (typeof BANK_ERRORS)[BankErrorCode]["status"] | "STALE" | "SUPERSEDED";

/**
 * Problem of the SDL. It says what every failure of its kind means and, of a bank that is BROKEN, what is wrong in words of a
 * closed list; what happened at this bank is in the log.
 */
export type Problem = {
  readonly code: Exclude<BankErrorCode, "BANK_GONE"> | "RELEASE_SUPERSEDED";
  readonly message: Text;
  readonly remedy: Text;
  readonly retryAfterMs: number | null;
};

/** What one bank said to one question, or what is known although it said nothing. `facets`: one list of cells for each. */
export type BankResult = CellCounts & {
  readonly bank: RegisteredBank;
  readonly status: AnswerStatus;
  readonly facets: readonly { readonly cells: readonly CellCounts[] }[];
  readonly understanding: readonly UnderstandingJson[];
  readonly release: Release | null;
  /** What `release` is called in a snapshot. */
  readonly edition: Edition | null;
  /** When STALE: since when the bank is out of reach. */
  readonly staleSince: Date | null;
  /** In steps of 50. */
  readonly tookMs: number;
  readonly problem: Problem | null;
};

export type AskOptions = {
  readonly deadlineMs: number;
  /** Aborts when the asker has gone; then asking rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly log: Logger;
};

/** Which editions will do: exactly `pin`, or none before `floor`. Default: the current one. */
export type Wanted = { readonly pin?: Edition | undefined; readonly floor?: Edition | undefined };

const ANSWERS = parse(
  "query answers($asOf: ID!, $questions: [JSON!]!) { answers(asOf: $asOf, questions: $questions) }",
);
const READINGS = parse("query readings($questions: [JSON!]!) { readings(questions: $questions) }");

/**
 * Asks one bank one question, by one document if its answer is not known already. A bank that fails, breaks the contract
 * or misses the deadline gives a result like any other: 0 to its bound, with the reason.
 */
export const askBank = async (
  bank: RegisteredBank,
  question: QuestionJson,
  options: AskOptions,
  wanted: Wanted = {},
): Promise<BankResult> => {
  const started = performance.now();
  const since = () => inSteps(performance.now() - started);
  if (bank.copy.state === "WITHDRAWN") return silent(bank, question, options, "WITHDRAWN", WITHDRAWN, since);
  try {
    const part = await partOf(bank, question, options, wanted);
    if (part.state === "SUPERSEDED") return await superseded(bank, question, options, since);
    const { entry, verified } = part;
    const common = {
      // Read from the bank here, or at the gateway that sealed it.
      ...(entry.value as AnswerJson),
      bank,
      release: verified.about.release,
      edition: verified.edition,
      // That of the call which brought the answer, whoever made it.
      tookMs: inSteps(entry.tookMs),
    };
    if (part.state === "FRESH") return { ...common, status: "ANSWERED", staleSince: null, problem: null };
    const problem = problemOf(failureOf(bank, part.why, options.log));
    return { ...common, status: "STALE", staleSince: new Date(verified.atWall), problem };
  } catch (error) {
    options.signal?.throwIfAborted();
    const failure = failureOf(bank, error, options.log);
    options.log.warn({ bank: bank.id, code: failure.code }, failure.message);
    const code = knownCode(failure.code);
    const { status } = BANK_ERRORS[code];
    if (status !== "ANSWERED") return silent(bank, question, options, status, problemOf(failure), since);
    const reading = await askReading(bank, question, { ...options, deadlineMs: graceMs(options.deadlineMs) });
    const verified = bank.reader.last();
    return {
      bank,
      status,
      ...unknownCounts(bank, question, "NOT_COUNTED"),
      understanding: reading?.understanding ?? [],
      release: verified?.about.release ?? null,
      edition: verified?.edition ?? null,
      staleSince: null,
      tookMs: since(),
      problem: null,
    };
  }
};

const silent = async (
  bank: RegisteredBank,
  question: QuestionJson,
  options: AskOptions,
  status: AnswerStatus,
  problem: Problem,
  tookMs: () => number,
): Promise<BankResult> => {
  // A bank that has left is asked nothing.
  const reading =
    status === "WITHDRAWN"
      ? null
      : await askReading(bank, question, { ...options, deadlineMs: graceMs(options.deadlineMs) });
  const understanding = reading?.understanding ?? [];
  const nothing = { release: null, edition: null, staleSince: null, tookMs: tookMs() };
  return { bank, status, ...unknownCounts(bank, question, "BANK_SILENT"), understanding, ...nothing, problem };
};

const superseded = (bank: RegisteredBank, question: QuestionJson, options: AskOptions, tookMs: () => number) =>
  silent(bank, question, options, "SUPERSEDED", { ...SUPERSEDED, retryAfterMs: null }, tookMs);

const SUPERSEDED = {
  code: "RELEASE_SUPERSEDED",
  message: text(
    "The bank no longer serves the release of that snapshot.",
    "そのスナップショットのリリースは、もう提供されていません。",
  ),
  remedy: text(
    "Ask without snapshot for the current release.",
    "現在のリリースを検索するには snapshot を省いてください。",
  ),
} as const;

/** Up to the next 50 ms. */
const inSteps = (ms: number): number => Math.max(50, Math.ceil(ms / 50) * 50);

/**
 * How the bank would read the question; null where it cannot say it in time. Half of the time is for reaching its local
 * API; after that it says what its mapping alone tells. Rejects only when the asker has gone.
 */
export const askReading = async (
  bank: RegisteredBank,
  question: QuestionJson,
  options: AskOptions,
): Promise<ReadingJson | null> => {
  try {
    const { deadlineMs, signal } = options;
    const ask = (left: AbortSignal) =>
      jsonOf(bank, {
        document: READINGS,
        variables: { questions: [question] },
        signal: timeoutSignal(left, Math.ceil(deadlineMs / 2)),
      });
    const json = await withDeadline(ask, deadlineMs, () => late(bank, deadlineMs), signal);
    return parseReadings(json, 1)[0] ?? null;
  } catch (error) {
    options.signal?.throwIfAborted();
    const { code, message } = failureOf(bank, error, options.log);
    options.log.warn({ bank: bank.id, code }, message);
    return null;
  }
};

/** How long, after a failure, the bank may still say how it would have read the question. */
const graceMs = (deadlineMs: number): number => Math.ceil(Math.min(100, deadlineMs / 20));

/** The bank's answer, known or asked for. It is asked for all who wait; only when none of them does any more, it is told. */
const partOf = (bank: RegisteredBank, question: QuestionJson, options: AskOptions, { pin, floor }: Wanted) => {
  const { deadlineMs, signal = NEVER } = options;
  const read: Fetch<About> = async ({ edition, about }, stop) => {
    const variables = { asOf: edition.name, questions: [question] };
    const call = async (left: AbortSignal) => {
      const json = await jsonOf(bank, { document: ANSWERS, variables, signal: left });
      const { release, answer } = parseAnswers(json, question, about.size);
      if (!("failure" in answer)) {
        if (release?.id !== about.release.id) {
          throw new Error(`answers.release.id: wanted ${about.release.id}, got ${release?.id}`);
        }
        return { value: answer, size: sizeOf(answer) };
      }
      if (answer.failure.code === "BANK_GONE") return EDITION_GONE;
      throw new BankFailure(answer.failure);
    };
    const guarded = (left: AbortSignal) => bank.guard.read(() => call(left), left);
    return withDeadline(guarded, LONGEST_MS, () => late(bank, LONGEST_MS), stop);
  };
  const leaseTimeoutMs = Math.min(LEASE_PATIENCE_MS, deadlineMs / 2);
  const work = () => bank.reader.read({ question: entryOf(question), fetch: read, pin, floor, leaseTimeoutMs, signal });
  return withDeadline(work, deadlineMs, () => late(bank, deadlineMs), signal);
};

/** Counted up when entries of an older gateway may not be read by a newer one: AnswerJson has changed. */
const ENTRY_VERSION = 1;
const entries = new WeakMap<QuestionJson, string>();
/** What the cache calls a question. Every bank is asked the same one. */
const entryOf = (question: QuestionJson): string => {
  const entry = entries.get(question) ?? questionHash([ENTRY_VERSION, question]);
  entries.set(question, entry);
  return entry;
};
/** How long a call goes on whose askers have their deadlines behind them: its answer is kept for the next one. */
const LONGEST_MS = 10_000;
/** How long an asker waits to hear which release is current. */
const LEASE_PATIENCE_MS = 1000;

const late = (bank: RegisteredBank, deadlineMs: number): BankError =>
  new BankError("BANK_TIMEOUT", bank.id, `no answer in time: wanted one within ${deadlineMs} ms, got none`);

/** Bytes of memory that an answer takes, or somewhat more: most of it are cells, whose counts hold little but numbers. */
const sizeOf = ({ understanding, facets }: AnswerJson): number => {
  let size = 4 * JSON.stringify(understanding).length + 1000;
  for (const { cells } of facets) {
    for (const { donors, samples } of cells) size += 220 + sizeOfReasons(donors) + sizeOfReasons(samples);
  }
  return size;
};
const sizeOfReasons = ({ because }: Count): number => (because.length === 0 ? 0 : 64 + 48 * because.length);

/** The JSON of the document's one field. */
const jsonOf = async (bank: RegisteredBank, request: BankRequest): Promise<unknown> => {
  const { data, errors } = await bank.execute(request);
  if (errors !== undefined && errors.length > 0)
    throw errors[0]?.originalError ?? new Error("wanted data, got an error");
  return Object.values(data ?? {})[0];
};

const failureOf = (bank: RegisteredBank, error: unknown, log: Logger): FailureJson["failure"] => {
  const known = failureIn(error);
  if (known !== null) return known;
  const flipping = error instanceof UnstableEdition;
  if (flipping || error instanceof LeaseTimeout) {
    const retryAfterMs = flipping ? (bank.reader.last()?.leaseMs ?? null) : null;
    return { code: flipping ? "BANK_GONE" : "BANK_TIMEOUT", message: error.message, retryAfterMs };
  }
  log.debug({ bank: bank.id, err: error }, "the bank broke");
  const message = error instanceof Error ? error.message : String(error);
  const reason = error instanceof WrongAnswer ? error.reason : undefined;
  return { code: "BANK_BROKEN", message: `[${bank.id}] ${message}`, retryAfterMs: null, reason };
};

const problemOf = ({ code: said, retryAfterMs, reason }: FailureJson["failure"]): Problem => {
  const code = knownCode(said);
  const { meaning, remedy } = BANK_ERRORS[code];
  return {
    code: code === "BANK_GONE" ? "BANK_BUSY" : code,
    message: code === "BANK_BROKEN" && isBrokenReason(reason) ? BROKEN_REASONS[reason] : meaning,
    remedy,
    retryAfterMs: retryAfterMs === null ? null : Math.round(Math.min(Math.max(0, retryAfterMs), LONGEST_WAIT_MS)),
  };
};

/** Whatever a bank says: in a day it may be asked again. */
const LONGEST_WAIT_MS = 86_400_000;

const WITHDRAWN = problemOf({ code: "BANK_WITHDRAWN", message: "", retryAfterMs: null });

const unknownCounts = (bank: RegisteredBank, question: QuestionJson, why: Uncertainty) => {
  const size = bank.reader.last()?.about.size ?? bank.copy.size;
  const counts: CellCounts = { donors: silentCount(size.donors, why), samples: silentCount(size.samples, why) };
  const facets = question.facets.map(({ by, across }) => ({
    cells: Array.from({ length: by.values.length * (across?.values.length ?? 1) }, () => counts),
  }));
  return { ...counts, facets };
};
