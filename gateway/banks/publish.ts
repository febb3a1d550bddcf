import { GraphQLError } from "graphql";
import type { Logger } from "pino";
import { z } from "zod";
import { BankError } from "../../schema/bank-error.ts";
import { isFaultCode } from "../../schema/faults.ts";
import { type Refusal, refuse } from "../../schema/refusal.ts";
import type { Release } from "../../schema/release.ts";
import type { Asker } from "../askers/asker.ts";
import type { AuditPublish } from "../askers/refused-publishes.ts";
import type { RequestContext } from "../context.ts";
import type { Bank } from "./bank.ts";
import type { Publication } from "./calls.ts";
import type { Registry } from "./registry.ts";
import { unknownBank } from "./unknown-bank.ts";

/** Arguments of `publishRelease`, as they came. */
export type PublishArgs = Omit<Publication, "asker">;

/**
 * Has a bank's subgraph publish a release, and returns when no gateway answers from an older one as fresh.
 * @throws {Refusal} OPERATOR_ONLY, UNKNOWN_BANK, NOT_YOUR_BANK or TOO_MANY_REQUESTS before the bank is asked; what the subgraph refuses
 */
export const publishRelease = async (
  args: PublishArgs,
  registry: Registry,
  { asker, signal, log, audit }: RequestContext & { readonly audit: AuditPublish },
): Promise<Release> => {
  const bank = registry.get(args.bank);
  const refusal = whyNot(asker, bank);
  if (refusal !== null) throw await audit({ asker: asker.id, bank: args.bank, refusal }, log);
  if (bank === undefined) throw unknownBank("bank", args.bank, registry.all());
  const published = await bank.publish({ ...args, asker }, signal).catch((error: unknown) => {
    if (error instanceof GraphQLError) throw refusedBy(error);
    throw error instanceof BankError ? unreachable(error, log) : error;
  });
  const { release, purge } = args;
  const line = { audit: "publishRelease", bank: bank.id, release: release.number, purge, asker: asker.id };
  log.info(line, "published a release");
  await registry.refresh();
  return published;
};

/** Why an asker may not publish; null: they may. That nobody has a bank is told to every operator. */
const whyNot = ({ tier, banks }: Asker, bank: Bank | undefined): Refusal | null => {
  if (tier !== "OPERATOR") return refuse("OPERATOR_ONLY", { at: "publishRelease" });
  if (bank === undefined) return null;
  const isOwn = banks === "HOSTED" ? bank.isHosted : banks.includes(bank.id);
  return isOwn ? null : refuse("NOT_YOUR_BANK", { at: "bank" });
};

/** A refusal goes out as the bank sent it: message, code, and what belongs to the code. A code that is not known is a fault. */
const refusedBy = ({ message, extensions, originalError }: GraphQLError): Error => {
  const { code, ...parts } = extensions ?? {};
  if (!isFaultCode(code) || code === "FAULT_OF_OURS") return originalError ?? new Error(message);
  return refuse(code, { message, ...sent.parse(parts) });
};

/** What a bank may say of its refusal; what it says in another form is left out. */
const sent = z.object({
  at: z.string().optional().catch(undefined),
  says: z.object({ en: z.string(), ja: z.string() }).optional().catch(undefined),
  suggestions: z.array(z.string()).optional().catch(undefined),
});

/** Nobody has checked the token: the asker gets the code, the log what happened. */
const unreachable = ({ bank, code, message, retryAfterMs }: BankError, log: Logger): Refusal => {
  log.warn({ bank, code }, message);
  return refuse(code, retryAfterMs === undefined ? {} : { retryAfterMs });
};
