import { GraphQLError } from "graphql";
import { NEVER } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
import { QuestionError } from "../../schema/question-error.ts";
import type { Announcement } from "../releases/announcement.ts";
import type { Resolver } from "./context.ts";
import type { ServedBank } from "./served-bank.ts";

/** What a bank's operator can do: the contract's mutations. Each throws a GraphQLError with a code and an HTTP status. */
export const operatorResolvers = (bank: ServedBank): { readonly [field: string]: Resolver } => ({
  publishRelease: async ({ bank: id, release, purge }, { operator = false, signal = NEVER }) => {
    if (!operator) throw operatorError(401, TOKEN_WANTED, { code: "OPERATOR_ONLY" });
    if (id !== bank.id) throw operatorError(400, `bank: wanted ${bank.id}, got ${id}`, { code: "BAD_ARGUMENT" });
    const announcement = { ...(release as Omit<Announcement, "purge">), purge: purge === true };
    try {
      return { ...(await bank.publish(announcement, signal)), bank: bank.id };
    } catch (error) {
      throw asOperatorError(error);
    }
  },
});

const TOKEN_WANTED =
  "publishRelease: wanted the operator's token as `Authorization: Bearer ...`, got none that is right";

const asOperatorError = (error: unknown): GraphQLError => {
  const { message } = error as Error;
  if (error instanceof QuestionError) {
    const { code, at, says, suggestions } = error;
    return operatorError(400, message, { code, at, says, suggestions });
  }
  if (error instanceof BankError) return operatorError(503, message, { code: error.code });
  return operatorError(500, message, { code: "INTERNAL_SERVER_ERROR" });
};

/** Over HTTP only the message and the extensions of an error arrive, so its code is one of these. */
const operatorError = (
  status: number,
  message: string,
  extensions: { readonly code: string; readonly [name: string]: unknown },
): GraphQLError => new GraphQLError(message, { extensions: { ...extensions, http: { status } } });
