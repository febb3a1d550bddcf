import { z } from "zod";
import { BROKEN_REASONS, type BrokenReason } from "../broken-reasons.ts";
import { object, type Shaped, word } from "./shape.ts";

const failure = object({
  code: word,
  message: word,
  retryAfterMs: z.number().min(0).nullable().catch(null),
  reason: z
    .enum(Object.keys(BROKEN_REASONS) as readonly BrokenReason[])
    .optional()
    .catch(undefined),
});

/**
 * Why a bank does not answer. `code`: a BankErrorCode, or one of a newer contract, which a gateway reads as BANK_BROKEN.
 * `message`: for the gateway's log. `retryAfterMs`: milliseconds after which asking again makes sense; null where the bank
 * does not say it in a form that can be used. `reason`: of BANK_BROKEN, what is wrong in words for askers; undefined for one
 * of a newer contract.
 */
export type Failure = Shaped<typeof failure>;

/** What stands in the place of an answer, or of all of them. */
export const failed = object({ failure });
export type Failed = Shaped<typeof failed>;
