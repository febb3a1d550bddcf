import type { PublicJwk } from "../../net/signing/keys.ts";
import { isTurnOver, nextTurn } from "../../net/turns.ts";
import { QuestionError } from "../../schema/question-error.ts";
import { text } from "../../schema/text.ts";
import type { Bank } from "../banks/bank.ts";
import type { Registry } from "../banks/registry.ts";
import type { RequestContext } from "../context.ts";
import { LIMITS } from "../limits.ts";
import { type AskedQuestion, askedQuestion } from "./asked-question.ts";
import { askBank, type BankResult } from "./bank-result.ts";
import type { FacetInput } from "./facets.ts";
import { pickBanks, pinnedBanks } from "./pick-banks.ts";
import { type Presenter, presenter, presentSearch, type Search } from "./present.ts";
import type { SnapshotTokens } from "./snapshot.ts";

/** What all requests share. */
export type Federation = {
  readonly registry: Registry;
  readonly tokens: SnapshotTokens;
  /** Public keys by which the gateway's requests to banks are checked, newest first. Default: none. */
  readonly keys?: readonly PublicJwk[] | undefined;
  /** The clock that the years of facets go by. */
  readonly now: () => Date;
  /** Milliseconds that a bank may take where the question does not say. */
  readonly deadlineMs: number;
  /** Aborts when the gateway closes: what still streams has a second left to end well. */
  readonly closing?: AbortSignal | undefined;
};

/** Arguments of `search`, as they came. */
export type SearchArgs = {
  readonly where: unknown;
  readonly banks?: readonly string[] | null;
  readonly facets?: readonly FacetInput[] | null;
  readonly snapshot?: string | null;
  readonly notBefore?: string | null;
  readonly deadlineMs?: number | null;
};

/** A question that every bank is being asked. */
export type Asking = {
  readonly banks: readonly Bank[];
  readonly asked: AskedQuestion;
  /** One for each bank, in their order. They reject only when the asker leaves. */
  readonly results: readonly Promise<BankResult>[];
  readonly present: Presenter;
};

/**
 * Asks the banks one question, all at once and each with its own deadline.
 * @throws {QuestionError} for a fault of the asker, before any bank is asked
 */
export const startSearch = (args: SearchArgs, federation: Federation, request: RequestContext): Asking => {
  const { registry, tokens, now } = federation;
  const given = deadlineOf(args.deadlineMs);
  const pins = args.snapshot == null ? null : tokens.read(args.snapshot, "snapshot");
  const floors = args.notBefore == null ? null : tokens.read(args.notBefore, "notBefore");
  const banks = pins === null ? pickBanks(registry, args.banks, floors) : pinnedBanks(registry, args.banks, pins);
  const cards = banks.map((bank) => bank.card());
  const asked = askedQuestion(args.where, args.facets, cards, now().getUTCFullYear());
  const { snapshot = null } = args;
  const unknownBanks = snapshot === null && args.banks == null ? registry.unknownBanks() : 0;
  const present = presenter(asked, cards, { tokens, snapshot, unknownBanks });
  const results = banks.map(async (bank) => {
    if (isTurnOver()) await nextTurn(request.signal);
    const deadlineMs = given ?? bank.health.usualDeadlineMs(federation.deadlineMs);
    const wanted = { pin: pins?.get(bank.id), floor: floors?.get(bank.id) };
    return askBank(bank, asked, wanted, { ...request, deadlineMs });
  });
  return { banks, asked, results, present };
};

/**
 * Asks the banks one question and adds up what they say. A bank's fault is part of the answer.
 * @throws {QuestionError} for a fault of the asker, before any bank is asked
 */
export const search = async (args: SearchArgs, federation: Federation, request: RequestContext): Promise<Search> => {
  // A request may ask many times, and each question may have a thousand codes.
  if (isTurnOver()) await nextTurn(request.signal);
  const { present, results } = startSearch(args, federation, request);
  return presentSearch(present, await Promise.all(results));
};

/** Null: each bank has its usual one. */
const deadlineOf = (asked: number | null | undefined): number | null => {
  if (asked === null || asked === undefined) return null;
  if (asked >= 1 && asked <= LIMITS.deadlineMs) return asked;
  const says = text(
    `wanted 1 to ${LIMITS.deadlineMs} milliseconds, got ${asked}`,
    `1から${LIMITS.deadlineMs}ミリ秒が必要ですが、${asked} が指定されました`,
  );
  throw new QuestionError("deadlineMs", says, { code: "BAD_ARGUMENT" });
};
