import type { Logger } from "pino";
import { timeoutSignal, withDeadline } from "../../net/deadline.ts";
import { isTurnOver, nextTurn } from "../../net/turns.ts";
import { type Card, parseCard } from "../../schema/wire/card.ts";
import { type Bank, type BankOptions, createBank, type ManagedBank } from "./bank.ts";
import { type BankCalls, bankCalls } from "./calls.ts";
import { type BankFailure, failureOf, timedOut } from "./failure.ts";
import { bankGuard, type Guard } from "./guard.ts";
import type { BankLink } from "./link.ts";
import { readingCache } from "./readings.ts";
import { salvagedCard } from "./salvaged-card.ts";

export type MembersOptions = Pick<BankOptions, "answers" | "clock" | "log"> & {
  /** Is called with each bank that says it has left, once its card has been read anew. */
  readonly onChange: () => void;
};

/** Time limit for a bank to send its card, in ms; after half of it the bank stops waiting for its local API. */
const CARD_MS = 10_000;
/** Time limit for a bank that was away to show that it is back, in ms. */
const PROBE_MS = 5000;

/** One link. `managed` is there once the bank behind it is known; `fault` says what was wrong with its last card. */
type Member = {
  readonly link: BankLink;
  readonly calls: BankCalls;
  readonly guard: Guard;
  managed: ManagedBank | null;
  fault: string | null;
};

/** The banks at the links of the configuration: which of them are known, and what their cards say. */
export const createMembers = (links: readonly BankLink[], options: MembersOptions) => {
  const { log, clock, onChange } = options;
  const readings = readingCache();
  const members = links.map((link) => memberOf(link, { log, clock }));
  const mayLeadTo = pinnedIds(links);
  let all: readonly Bank[] = [];
  let byId: ReadonlyMap<string, Bank> = new Map();

  const adopt = (member: Member, card: Card, fault?: BankFailure): void => {
    const { calls, guard, link } = member;
    const { isHosted = false } = link;
    const onWithdrawal = () => void meet(member).then(onChange);
    const isKnown = member.managed !== null;
    member.managed ??= createBank(card, { ...options, id: card.id, calls, guard, readings, isHosted, onWithdrawal });
    member.managed.update(fault ?? card);
    if (isKnown) return;
    all = members.flatMap(({ managed }) => managed?.bank ?? []).sort((a, b) => (a.id < b.id ? -1 : 1));
    byId = new Map(all.map((bank) => [bank.id, bank]));
  };
  /** @throws {Error} where a card breaks the contract, or is another bank's; the bank is BROKEN then if it is known which it is */
  const take = (member: Member, json: unknown): void => {
    const { link, managed } = member;
    const wanted = managed?.bank.id ?? link.id;
    const isFree = (id: string): boolean => managed !== null || (!byId.has(id) && mayLeadTo(link, id));
    try {
      const card = parseCard(json, wanted);
      if (!isFree(card.id)) {
        throw new Error(`[${card.id}] card.id: wanted one bank of it, got two: ${link.at} is not the one that has it`);
      }
      adopt(member, card);
    } catch (error) {
      const card = managed?.bank.card() ?? salvagedCard(json, wanted);
      if (card !== null && isFree(card.id)) adopt(member, card, failureOf(card.id, error, { retryAfterMs: null, log }));
      throw error;
    }
  };
  const meet = async (member: Member): Promise<void> => {
    try {
      const json = await readCard(member);
      if (isTurnOver()) await nextTurn();
      take(member, json);
      member.fault = null;
    } catch (error) {
      noteFault(member, error as Error, log);
    }
  };

  return {
    /** Every bank that is known, whatever its state, sorted by id. */
    all: () => all,
    /** Undefined where the id is unknown. */
    get: (id: string): Bank | undefined => byId.get(id),
    /** How many banks have never said who they are: they cannot be asked, and totals lack them. */
    unknownBanks: () => members.filter(({ managed }) => managed === null).length,
    /** The card of each known bank, by the address of its link. */
    cards: (): ReadonlyMap<string, Card> =>
      new Map(members.flatMap(({ link, managed }) => (managed === null ? [] : [[link.at, managed.bank.card()]]))),
    /** Takes cards that were kept by address, for banks that are away now. */
    recall(kept: ReadonlyMap<string, Card>) {
      for (const member of members) {
        const card = kept.get(member.link.at);
        if (card !== undefined && mayLeadTo(member.link, card.id) && !byId.has(card.id)) adopt(member, card);
      }
    },
    /** Asks banks for their cards: all, or those that are unknown or whose card breaks the contract. Never rejects. */
    meet: async (which: "all" | "unsettled") => {
      const isWanted = ({ managed, fault }: Member) => which === "all" || managed === null || fault !== null;
      await Promise.all(members.filter(isWanted).map(meet));
    },
    [Symbol.dispose]() {
      for (const { guard } of members) guard[Symbol.dispose]();
    },
  };
};

/** The same fault again is logged at level debug. */
const noteFault = (member: Member, err: Error, log: Logger): void => {
  const level = member.fault === err.message ? "debug" : "error";
  log[level]({ bank: member.link.at, err }, "the bank did not say who it is");
  member.fault = err.message;
};

/** Whether a link may lead to the bank of an id: one that a link is pinned to is no other's. */
const pinnedIds = (links: readonly BankLink[]): ((link: BankLink, id: string) => boolean) => {
  const pinned = new Set(links.flatMap(({ id }) => id ?? []));
  return ({ id: own }, id) => (own === undefined ? !pinned.has(id) : own === id);
};

const memberOf = (link: BankLink, { log, clock }: Pick<MembersOptions, "log" | "clock">): Member => {
  const calls = bankCalls(link);
  const bank = link.id ?? link.at;
  const guard = bankGuard(bank, {
    lateMs: clock.lateMs,
    probe: () => withDeadline(calls.lease, PROBE_MS, () => timedOut(bank, PROBE_MS)),
    report: (what, err) =>
      what === "lost" ? log.error({ bank, err }, "the bank is away") : log.info({ bank }, "the bank is back"),
  });
  return { link, calls, guard, managed: null, fault: null };
};

const readCard = ({ link, calls, guard }: Member): Promise<unknown> =>
  withDeadline(
    (signal) => guard.unqueued(() => calls.card(timeoutSignal(signal, CARD_MS / 2))),
    CARD_MS,
    () => timedOut(link.id ?? link.at, CARD_MS),
  );
