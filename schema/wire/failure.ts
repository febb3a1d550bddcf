import { brokenReason, object, type Shape, type Shaped, word } from "./shape.ts";

/** Milliseconds after which asking again makes sense; null where the bank does not say it in a form that can be used. */
const retryAfterMs: Shape<number | null> = (json) =>
  typeof json === "number" && Number.isFinite(json) && json >= 0 ? json : null;

const failure = object({ code: word, message: word, retryAfterMs, reason: brokenReason });

/**
 * Why a bank does not answer. `code`: a BankErrorCode, or one of a newer contract, which a gateway reads as BANK_BROKEN.
 * `message`: for the gateway's log. `reason`: of BANK_BROKEN, what is wrong in words for askers.
 */
export type Failure = Shaped<typeof failure>;

/** What stands in the place of an answer, or of all of them. */
export const failed = object({ failure });
export type Failed = Shaped<typeof failed>;
