import { GraphQLError } from "graphql";
import type { Logger } from "pino";
import { BANK_ERRORS, BankError } from "../../schema/bank-error.ts";
import type { Release } from "../../schema/release.ts";
import type { RequestContext } from "../context.ts";
import type { Publication } from "./calls.ts";
import type { Registry } from "./registry.ts";
import { unknownBank } from "./unknown-bank.ts";

/** Arguments of `publishRelease`, as they came. */
export type PublishArgs = Omit<Publication, "token">;

/**
 * Has a bank's subgraph publish a release, and returns when no gateway answers from an older one as fresh.
 * @throws {QuestionError} UNKNOWN_BANK {GraphQLError} what the subgraph refuses
 */
export const publishRelease = async (
  args: PublishArgs,
  registry: Registry,
  { asker, signal, log }: RequestContext,
): Promise<Release> => {
  const bank = registry.get(args.bank);
  if (bank === undefined) throw unknownBank("bank", args.bank, registry.all());
  const published = await bank.publish({ ...args, token: asker.token ?? "" }, signal).catch((error: unknown) => {
    if (error instanceof GraphQLError) throw refusal(error);
    throw error instanceof BankError ? unreachable(error, log) : error;
  });
  log.info({ bank: bank.id, release: args.release.number, purge: args.purge }, "published a release");
  await registry.refresh();
  return published;
};

/** A refusal goes out as the bank sent it: message, code, and what belongs to the code. */
const refusal = ({ message, extensions, originalError }: GraphQLError): Error => {
  const { code, at, says, suggestions } = extensions ?? {};
  if (typeof code !== "string" || code === "INTERNAL_SERVER_ERROR") return originalError ?? new Error(message);
  const status = code === "OPERATOR_ONLY" ? 401 : code.startsWith("BANK_") ? 503 : 400;
  return new GraphQLError(message, { extensions: { code, at, says, suggestions, http: { status } } });
};

/** Nobody has checked the token: the asker gets the code, the log what happened. */
const unreachable = ({ bank, code, message }: BankError, log: Logger): GraphQLError => {
  log.warn({ bank, code }, message);
  const { meaning } = BANK_ERRORS[code];
  return new GraphQLError(meaning.en, { extensions: { code, says: meaning, http: { status: 503 } } });
};
