import type { Logger } from "pino";
import { QuestionError } from "../../schema/question-error.ts";
import { text } from "../../schema/text.ts";
import { usualDeadline } from "../banks/guard.ts";
import type { RegisteredBank, Registry } from "../banks/registry.ts";
import { LIMITS } from "../limits.ts";
import { askBank, type BankResult } from "./ask.ts";
import { askedQuestion } from "./asked-question.ts";
import type { FacetInput, FacetPlan } from "./facets.ts";
import { pickBanks, pinnedBanks } from "./pick-banks.ts";
import { type Presenter, presenter, presentSearch, type Search } from "./present.ts";
import type { SnapshotTokens } from "./snapshot.ts";

/** Arguments of `search`, as they came. */
export type SearchArgs = {
  readonly where: unknown;
  readonly banks?: readonly string[] | null;
  readonly facets?: readonly FacetInput[] | null;
  readonly snapshot?: string | null;
  readonly notBefore?: string | null;
  readonly deadlineMs?: number | null;
};

/** What asking the banks needs beside the question. */
export type AskWith = {
  readonly registry: Registry;
  /** The most for questions that name no deadline. */
  readonly deadlineMs: number;
  readonly now: () => Date;
  readonly tokens: SnapshotTokens;
  readonly log: Logger;
  /** Aborts when the asker has gone. */
  readonly signal?: AbortSignal | undefined;
  /** Aborts when the gateway closes and what still streams has a second left to end well. */
  readonly closing?: AbortSignal | undefined;
};

/** A question that every bank is being asked. */
export type Asking = {
  readonly banks: readonly RegisteredBank[];
  readonly facets: readonly FacetPlan[];
  /** One for each bank, in their order. They reject only when the asker has gone. */
  readonly results: readonly Promise<BankResult>[];
  readonly present: Presenter;
};

/**
 * Asks the banks one question, all at once and each with its own deadline.
 * @throws {QuestionError} for a fault of the asker, before any bank is asked
 */
export const startSearch = (args: SearchArgs, ask: AskWith): Asking => {
  const given = deadlineOf(args.deadlineMs);
  const pins = args.snapshot == null ? null : ask.tokens.read(args.snapshot, "snapshot");
  const floors = args.notBefore == null ? null : ask.tokens.read(args.notBefore, "notBefore");
  const banks =
    pins === null ? pickBanks(ask.registry, args.banks, floors) : pinnedBanks(ask.registry, args.banks, pins);
  const copies = banks.map((bank) => bank.copy);
  const asked = askedQuestion(args.where, args.facets, copies, ask.now().getUTCFullYear());
  const { snapshot = null } = args;
  const strangers = snapshot === null && args.banks == null ? ask.registry.strangers() : 0;
  const present = presenter(asked, copies, { tokens: ask.tokens, snapshot, strangers });
  const results = banks.map((bank) => {
    const deadlineMs = given ?? usualDeadline(bank.guard.latency, ask.deadlineMs);
    const wanted = { pin: pins?.get(bank.id), floor: floors?.get(bank.id) };
    return askBank(bank, asked.json, { deadlineMs, signal: ask.signal, log: ask.log }, wanted);
  });
  return { banks, facets: asked.facets, results, present };
};

/**
 * Asks the banks one question and adds up what they say. A bank's fault is part of the answer.
 * @throws {QuestionError} for a fault of the asker, before any bank is asked
 */
export const search = async (args: SearchArgs, ask: AskWith): Promise<Search> => {
  const { present, results } = startSearch(args, ask);
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
