import { parse } from "graphql";
import type { Logger } from "pino";
import { BANK_ERRORS, BankError, type BankErrorCode } from "../adapters/bank-error.ts";
import type {
  AnswerJson,
  CellCounts,
  FailureJson,
  QuestionJson,
  ReadingJson,
  ReleaseJson,
  Uncertainty,
  UnderstandingJson,
} from "../schema/answer.ts";
import { silentCount } from "../schema/count.ts";
import type { Text } from "../schema/text.ts";
import { readAnswers, readReadings } from "./answers-json.ts";
import { withDeadline } from "./deadline.ts";
import type { BankRequest } from "./executor.ts";
import type { RegisteredBank } from "./registry.ts";

/** AnswerStatus of the SDL, as far as a bank that was asked once can have it. */
export type AnswerStatus = (typeof BANK_ERRORS)[BankErrorCode]["status"];

/** Problem of the SDL. It says what every failure of its kind means; what happened at this bank is in the log. */
export type Problem = {
  readonly code: Exclude<BankErrorCode, "BANK_GONE">;
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
  readonly release: ReleaseJson | null;
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

const ANSWERS = parse("query answers($questions: [JSON!]!) { answers(questions: $questions) }");
const READINGS = parse("query readings($questions: [JSON!]!) { readings(questions: $questions) }");

/**
 * Asks one bank one question, with one document. A bank that fails, breaks the contract or misses the deadline gives a
 * result like any other: 0 to its bound, with the reason.
 */
export const askBank = async (
  bank: RegisteredBank,
  question: QuestionJson,
  options: AskOptions,
): Promise<BankResult> => {
  const started = performance.now();
  const { release, answer } = await answerOf(bank, question, options);
  const tookMs = Math.ceil((performance.now() - started) / 50) * 50;
  if (!("failure" in answer)) return { ...answer, bank, status: "ANSWERED", release, tookMs, problem: null };

  const code = codeOf(answer.failure.code);
  const { status } = BANK_ERRORS[code];
  options.log.warn({ bank: bank.id, code: answer.failure.code }, answer.failure.message);
  const reading = await askReading(bank, question, { ...options, deadlineMs: graceMs(options.deadlineMs) });
  const common = { bank, status, understanding: reading?.understanding ?? [], tookMs };
  return status === "ANSWERED"
    ? { ...common, ...unknownCounts(bank, question, "NOT_COUNTED"), release, problem: null }
    : {
        ...common,
        ...unknownCounts(bank, question, "BANK_SILENT"),
        release: null,
        problem: problemOf(code, answer.failure.retryAfterMs),
      };
};

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
    const half = AbortSignal.timeout(Math.ceil(options.deadlineMs / 2));
    const patience = (left: AbortSignal) => AbortSignal.any([left, half]);
    return readReadings(await send(bank, READINGS, question, options, patience));
  } catch (error) {
    options.signal?.throwIfAborted();
    const { code, message } = failureOf(bank, error, options.log);
    options.log.warn({ bank: bank.id, code }, message);
    return null;
  }
};

/** How long, after a failure, the bank may still say how it would have read the question. */
const graceMs = (deadlineMs: number): number => Math.ceil(Math.min(100, deadlineMs / 20));

type Said = { readonly release: ReleaseJson | null; readonly answer: AnswerJson | FailureJson };

const answerOf = async (bank: RegisteredBank, question: QuestionJson, options: AskOptions): Promise<Said> => {
  try {
    return readAnswers(await send(bank, ANSWERS, question, options), question, bank.copy.size);
  } catch (error) {
    options.signal?.throwIfAborted();
    return { release: null, answer: { failure: failureOf(bank, error, options.log) } };
  }
};

/** The JSON of the document's one field, which has its operation's name. */
const send = async (
  bank: RegisteredBank,
  document: BankRequest["document"],
  question: QuestionJson,
  { deadlineMs, signal }: AskOptions,
  patience = (left: AbortSignal) => left,
): Promise<unknown> => {
  const { data, errors } = await withDeadline(
    (left) => bank.execute({ document, variables: { questions: [question] }, signal: patience(left) }),
    deadlineMs,
    () => new BankError("BANK_TIMEOUT", bank.id, `no answer in time: wanted one within ${deadlineMs} ms, got none`),
    signal,
  );
  if (errors !== undefined && errors.length > 0)
    throw errors[0]?.originalError ?? new Error("wanted data, got an error");
  return data?.[document === ANSWERS ? "answers" : "readings"];
};

const failureOf = (bank: RegisteredBank, error: unknown, log: Logger): FailureJson["failure"] => {
  if (error instanceof BankError) {
    return { code: error.code, message: error.message, retryAfterMs: error.retryAfterMs ?? null };
  }
  log.debug({ bank: bank.id, err: error }, "the bank broke");
  const message = error instanceof Error ? error.message : String(error);
  return { code: "BANK_BROKEN", message: `[${bank.id}] ${message}`, retryAfterMs: null };
};

/** A newer bank may name failures that this gateway does not know. */
const codeOf = (code: string): BankErrorCode =>
  Object.hasOwn(BANK_ERRORS, code) ? (code as BankErrorCode) : "BANK_BROKEN";

const problemOf = (code: BankErrorCode, retryAfterMs: number | null): Problem => ({
  code: code === "BANK_GONE" ? "BANK_BUSY" : code,
  message: BANK_ERRORS[code].meaning,
  remedy: BANK_ERRORS[code].remedy,
  retryAfterMs,
});

const unknownCounts = (bank: RegisteredBank, question: QuestionJson, why: Uncertainty) => {
  const counts: CellCounts = {
    donors: silentCount(bank.copy.size.donors, why),
    samples: silentCount(bank.copy.size.samples, why),
  };
  const facets = question.facets.map(({ by, across }) => ({
    cells: Array.from({ length: by.values.length * (across?.values.length ?? 1) }, () => counts),
  }));
  return { ...counts, facets };
};
