import { BANK_ERRORS } from "../../schema/bank-error.ts";
import { BROKEN_REASONS, isBrokenReason } from "../../schema/broken-reasons.ts";
import { type CellCounts, silentCount, type Uncertainty } from "../../schema/count.ts";
import type { AnswerStatus, Problem } from "../../schema/public-answer.ts";
import type { Edition, Release } from "../../schema/release.ts";
import { text } from "../../schema/text.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { Card } from "../../schema/wire/card.ts";
import type { Call, WantedEdition } from "../banks/answering.ts";
import type { Bank } from "../banks/bank.ts";
import { BankFailure, knownCode } from "../banks/failure.ts";
import type { AskedQuestion } from "./asked-question.ts";
import { bankReading } from "./bank-reading.ts";
import { cellsOf } from "./facets.ts";

/** What one bank said to one question, or what is known although it said nothing. */
export type BankResult = Answer & {
  /** The bank as it was when the question was asked. */
  readonly card: Card;
  readonly status: AnswerStatus;
  readonly release: Release | null;
  /** What `release` is called in a snapshot. */
  readonly edition: Edition | null;
  /** When STALE: since when the bank is out of reach. */
  readonly staleSince: Date | null;
  /** In steps of 50. */
  readonly tookMs: number;
  readonly problem: Problem | null;
};

/**
 * Asks one bank one question. A bank that fails, breaks the contract or misses the deadline gives a result like any other: 0
 * to its bound, with the reason. Rejects only when the asker leaves.
 */
export const askBank = async (
  bank: Bank,
  asked: AskedQuestion,
  wanted: WantedEdition,
  call: Call,
): Promise<BankResult> => {
  const started = performance.now();
  const card = bank.card();
  const silent = async (status: AnswerStatus, problem: Problem | null): Promise<BankResult> => {
    const counted = status === "ANSWERED";
    // A bank that has left is asked nothing.
    const known =
      status === "WITHDRAWN" ? null : await bankReading(bank, asked, { ...call, deadlineMs: graceMs(call) });
    return {
      ...unknownResult(bank, asked, status, counted ? "NOT_COUNTED" : "BANK_SILENT"),
      card,
      understanding: known?.understanding ?? [],
      ...(counted ? bank.health.release() : null),
      tookMs: inSteps(performance.now() - started),
      problem,
    };
  };
  try {
    const answered = await bank.answer(asked.json, wanted, call);
    if (answered.status === "SUPERSEDED") return await silent("SUPERSEDED", SUPERSEDED);
    const { status, answer, release, edition, stale } = answered;
    const tookMs = inSteps(answered.tookMs);
    const problem = stale && problemOf(stale.why);
    return {
      ...answer,
      card,
      status,
      release,
      edition,
      staleSince: stale?.since ?? null,
      tookMs,
      problem,
    };
  } catch (error) {
    if (!(error instanceof BankFailure)) throw error;
    const { code, message } = error.failure;
    call.log.warn({ bank: bank.id, code }, message);
    const { status } = BANK_ERRORS[knownCode(code)];
    return silent(status, status === "ANSWERED" ? null : problemOf(error));
  }
};

const SUPERSEDED: Problem = {
  code: "RELEASE_SUPERSEDED",
  message: text(
    "The bank no longer serves the release of that snapshot.",
    "そのスナップショットのリリースは、もう提供されていません。",
  ),
  remedy: text(
    "Ask without snapshot for the current release.",
    "現在のリリースを検索するには snapshot を省いてください。",
  ),
  retryAfterMs: null,
};

/** Up to the next 50 ms. */
const inSteps = (ms: number): number => Math.max(50, Math.ceil(ms / 50) * 50);

/** How long, after a failure, the bank may still say how it would have read the question. */
const graceMs = ({ deadlineMs }: Call): number => Math.ceil(Math.min(100, deadlineMs / 20));

const problemOf = ({ failure: { code: said, retryAfterMs, reason } }: BankFailure): Problem => {
  const code = knownCode(said);
  const { meaning, remedy } = BANK_ERRORS[code];
  return {
    code: code === "BANK_GONE" ? "BANK_BUSY" : code,
    message: code === "BANK_BROKEN" && isBrokenReason(reason) ? BROKEN_REASONS[reason] : meaning,
    remedy,
    retryAfterMs: retryAfterMs === null ? null : Math.round(Math.min(Math.max(0, retryAfterMs), LONGEST_WAIT_MS)),
  };
};

/** A day: after that any bank may be asked again, whatever it says. */
const LONGEST_WAIT_MS = 86_400_000;

/** The result of a bank that has not answered, or not yet: 0 to its bounds because of `why`, in total and in every cell. */
export const unknownResult = (
  bank: Bank,
  { facets }: Pick<AskedQuestion, "facets">,
  status: AnswerStatus,
  why: Uncertainty,
): BankResult => {
  const { donors, samples } = bank.health.bounds();
  const counts: CellCounts = { donors: silentCount(donors, why), samples: silentCount(samples, why) };
  return {
    ...counts,
    card: bank.card(),
    status,
    facets: facets.map((plan) => ({ cells: Array<CellCounts>(cellsOf(plan)).fill(counts) })),
    understanding: [],
    release: null,
    edition: null,
    staleSince: null,
    tookMs: 0,
    problem: null,
  };
};
