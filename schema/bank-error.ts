import type { BrokenReason } from "./broken-reasons.ts";
import { text } from "./text.ts";

/**
 * Every way in which a bank can fail to answer: one row per code. `status` is what the answer says, `retry` whether
 * asking again may help, `remedy` what the reader can do. docs/errors.md prints this table, and a test compares.
 */
export const BANK_ERRORS = {
  BANK_UNREACHABLE: {
    status: "UNREACHABLE",
    retry: true,
    meaning: text("The bank could not be reached.", "バンクに接続できません。"),
    remedy: text(
      "Ask again later. If it lasts, write to the bank's contact.",
      "時間をおいて再度検索してください。続く場合はバンクの窓口に連絡してください。",
    ),
  },
  BANK_TIMEOUT: {
    status: "TIMED_OUT",
    retry: true,
    meaning: text("The bank did not answer in time.", "バンクが時間内に応答しませんでした。"),
    remedy: text("Ask again, or allow more time with deadlineMs.", "再度検索するか、deadlineMs を長くしてください。"),
  },
  BANK_BUSY: {
    status: "BUSY",
    retry: true,
    meaning: text("The bank has too much to do.", "バンクが混み合っています。"),
    remedy: text("Ask again after retryAfterMs.", "retryAfterMs の経過後に再度検索してください。"),
  },
  BANK_REFUSED: {
    status: "REFUSED",
    retry: false,
    meaning: text("The bank refused the question.", "バンクが質問を拒否しました。"),
    remedy: text(
      "The operator has to check the credentials and rights in bank.yaml: `odan bank check` tries them.",
      "運用者が bank.yaml の認証情報と権限を確認する必要があります。`odan bank check` で試せます。",
    ),
  },
  BANK_UNSUPPORTED: {
    status: "ANSWERED",
    retry: false,
    meaning: text("The bank cannot count this.", "バンクはこの条件では集計できません。"),
    remedy: text(
      "Ask with fewer or simpler conditions; `reading` shows what the bank understands.",
      "条件を減らすか単純にしてください。reading でバンクの解釈を確認できます。",
    ),
  },
  BANK_BROKEN: {
    status: "BROKEN",
    retry: false,
    meaning: text("The bank's answer makes no sense.", "バンクの応答が不正です。"),
    remedy: text(
      "The operator has to mend the local API or bank.yaml: `odan bank check` says what.",
      "運用者がローカル API または bank.yaml を修正する必要があります。`odan bank check` が原因を示します。",
    ),
  },
  BANK_GONE: {
    status: "BUSY",
    retry: true,
    meaning: text("The bank's release changed while it was counting.", "集計中にバンクのリリースが変わりました。"),
    remedy: text("Ask again: the new release will answer.", "再度検索すると新しいリリースが応答します。"),
  },
  BANK_WITHDRAWN: {
    status: "WITHDRAWN",
    retry: false,
    meaning: text("The bank has left the federation.", "バンクは連合から脱退しました。"),
    remedy: text(
      "Leave it out of banks, or write to the bank's contact.",
      "banks から外して検索するか、バンクの窓口に連絡してください。",
    ),
  },
} as const;

export type BankErrorCode = keyof typeof BANK_ERRORS;

/**
 * An expected failure of a bank. In a list of outcomes it is a value in its slot; from `open` and `release` it is thrown.
 * The message reads `[bank] what happened: wanted X, got Y` and holds neither donor data nor credentials.
 */
export class BankError extends Error {
  override readonly name = "BankError";
  readonly code: BankErrorCode;
  readonly bank: string;
  /** The message without the bank's name before it. */
  readonly detail: string;
  /** Milliseconds after which the bank says that asking again makes sense. */
  readonly retryAfterMs: number | undefined;
  /** Of BANK_BROKEN: what is wrong, in words for askers; undefined where none of them fits. */
  readonly reason: BrokenReason | undefined;

  constructor(
    code: BankErrorCode,
    bank: string,
    message: string,
    options?: { cause?: unknown; retryAfterMs?: number; reason?: BrokenReason },
  ) {
    super(`[${bank}] ${message}`, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.bank = bank;
    this.detail = message;
    this.retryAfterMs = options?.retryAfterMs;
    this.reason = options?.reason;
  }
}
