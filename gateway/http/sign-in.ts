import { Refusal } from "../../schema/refusal.ts";
import { anonymous } from "../askers/asker.ts";
import type { Askers } from "../askers/askers.ts";
import { tooMany } from "../fairness/door.ts";
import type { Payer } from "../fairness/party.ts";
import type { Rate } from "../fairness/rate.ts";
import type { Identify } from "./let-in.ts";
import { bankToPublish } from "./publish-attempt.ts";

export type SignInOptions = { readonly askers: Askers; readonly fairness: { readonly rate: Rate } };

/**
 * Tells who sent a request. One whose token does not count ends before GraphQL; where it was to publish a release, it has an
 * audit line. Guessing tokens has a budget of its own, by address: it takes nothing from others at that address, with or
 * without a token, and they nothing from it.
 */
export const askerOf =
  ({ askers, fairness: { rate } }: SignInOptions): Identify =>
  async (request, { notes, log, auditPublish }) => {
    try {
      return await askers.of(request);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      const asker = askers.addressIdOf(request);
      const guesser: Payer = { tier: "ANONYMOUS", id: `sign-in:${asker}`, name: null };
      const waitMs = rate.knock(guesser);
      if (waitMs !== null) return tooMany(waitMs);
      rate.takeForUnreadable(guesser);
      const bank = await bankToPublish(request);
      const told = bank === null ? refusal : await auditPublish({ asker, bank, refusal }, log);
      notes.errorCodes = [told.code];
      return told;
    }
  };

/** Tells who opens a page: an address, whatever token comes along. */
export const visitorOf =
  ({ askers }: Pick<SignInOptions, "askers">): Identify =>
  async (request) =>
    anonymous(askers.addressIdOf(request));
