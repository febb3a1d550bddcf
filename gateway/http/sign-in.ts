import { Refusal } from "../../schema/refusal.ts";
import { anonymous } from "../askers/asker.ts";
import type { Askers } from "../askers/askers.ts";
import { tooMany } from "../fairness/door.ts";
import type { Payer } from "../fairness/party.ts";
import type { Rate } from "../fairness/rate.ts";
import type { Identify } from "./let-in.ts";

export type SignInOptions = { readonly askers: Askers; readonly fairness: { readonly rate: Rate } };

/**
 * Tells who sent a request. One whose token does not count ends before GraphQL. Guessing tokens has a budget of its own, by
 * address: it takes nothing from the anonymous askers of that address, and they nothing from it.
 */
export const askerOf =
  ({ askers, fairness: { rate } }: SignInOptions): Identify =>
  async (request, { notes }) => {
    const guesser: Payer = { tier: "ANONYMOUS", id: `sign-in:${askers.addressIdOf(request)}`, name: null };
    const waitMs = rate.knock(guesser);
    if (waitMs !== null) return tooMany(waitMs);
    try {
      return await askers.of(request);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      rate.takeForUnreadable(guesser);
      notes.errorCodes = [refusal.code];
      return refusal;
    }
  };

/** Tells who opens a page: an address, whatever token comes along. */
export const visitorOf =
  ({ askers }: Pick<SignInOptions, "askers">): Identify =>
  async (request) =>
    anonymous(askers.addressIdOf(request));
