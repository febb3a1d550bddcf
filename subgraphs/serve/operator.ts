import { refusedError } from "../../net/serve/refused.ts";
import { NEVER } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
import { Refusal, refuse } from "../../schema/refusal.ts";
import { text } from "../../schema/text.ts";
import type { Announcement } from "../releases/announcement.ts";
import type { Resolver } from "./context.ts";
import type { ServedBank } from "./served-bank.ts";

/** What a bank's operator can do: the contract's mutations. Each throws a GraphQLError of the table of refusals. */
export const operatorResolvers = (bank: ServedBank): { readonly [field: string]: Resolver } => ({
  publishRelease: async ({ bank: id, release, purge }, { operator = false, signal = NEVER }) => {
    if (!operator) throw refusedError(refuse("OPERATOR_ONLY", { message: TOKEN_WANTED }));
    if (id !== bank.id) throw refusedError(otherBank(bank.id, String(id).slice(0, 64)));
    const announcement = { ...(release as Omit<Announcement, "purge">), purge: purge === true };
    try {
      return { ...(await bank.publish(announcement, signal)), bank: bank.id };
    } catch (error) {
      const refusal = refusalOf(error);
      throw refusal === null ? error : refusedError(refusal);
    }
  },
});

const TOKEN_WANTED =
  "publishRelease: wanted the operator's token as `Authorization: Bearer ...`, got none that is right";

const otherBank = (id: string, got: string): Refusal =>
  refuse("BAD_ARGUMENT", {
    at: "bank",
    says: text(`wanted ${id}, got ${got}`, `${id} が必要ですが、${got} が指定されました`),
  });

/** Over HTTP only the message and the extensions of an error arrive, so it needs a code. Null: a bug. */
const refusalOf = (error: unknown): Refusal | null => {
  if (error instanceof Refusal) return error;
  return error instanceof BankError ? refuse(error.code, { message: error.message }) : null;
};
