import { every } from "../../net/every.ts";
import type { Card } from "../../schema/wire/card.ts";
import { ConfigError } from "../settings/config.ts";
import type { Bank } from "./bank.ts";
import { type KeptCards, keptInMemory } from "./kept-cards.ts";
import type { BankLink } from "./link.ts";
import { createMembers, type MembersOptions } from "./members.ts";

export type Registry = AsyncDisposable &
  Pick<ReturnType<typeof createMembers>, "all" | "get" | "unknownBanks"> & {
    /** Banks that answer questions, sorted by id. */
    readonly live: () => readonly Bank[];
    /** Reads every bank's card anew; a bank that cannot say it keeps its last one. Never rejects. */
    readonly refresh: () => Promise<void>;
  };

export type RegistryOptions = Omit<MembersOptions, "onChange"> & {
  /** Where cards outlive the process. Default: they do not. */
  readonly kept?: KeptCards;
};

/** How often cards are read, in ms: all of them, and those of banks that are unknown or whose card breaks the contract. */
const REFRESH_MS = 30_000;
const REFRESH_UNSETTLED_MS = 1000;

/**
 * Reads every bank's card and keeps it, so that it is there when the bank is not. A bank that fails to send it is logged,
 * and known as soon as a refresh succeeds. Disposing the registry disposes the links.
 * @throws {ConfigError} for two banks of one id
 */
export const openRegistry = async (
  links: readonly BankLink[],
  { kept = keptInMemory(), ...options }: RegistryOptions,
): Promise<Registry> => {
  const { log } = options;
  refuseTwins(links);
  let written: ReadonlyMap<string, Card> = new Map();
  const write = async (): Promise<void> => {
    const cards = members.cards();
    // A bank that says the same again keeps its card.
    if (cards.size === written.size && [...cards].every(([at, card]) => written.get(at) === card)) return;
    written = cards;
    // Gateways that share a folder may know their banks by other addresses.
    const merged = new Map([...(await kept.read()), ...cards]);
    await kept.write(merged).catch((err: unknown) => log.error({ err }, "the banks' cards were not kept"));
  };
  const members = createMembers(links, { ...options, onChange: () => void write() });
  const refresh = async (which: "all" | "unsettled"): Promise<void> => {
    await members.meet(which);
    await write();
  };

  // A bank that is away now is asked for all the same, and counts as silent.
  members.recall(await kept.read());
  await refresh("all");
  const timers = [every(REFRESH_MS, () => refresh("all")), every(REFRESH_UNSETTLED_MS, () => refresh("unsettled"))];
  const { all, get, unknownBanks } = members;
  return {
    all,
    get,
    unknownBanks,
    live: () => all().filter((bank) => bank.card().state === "LIVE"),
    refresh: () => refresh("all"),
    [Symbol.asyncDispose]: async () => {
      for (const timer of timers) timer[Symbol.dispose]();
      members[Symbol.dispose]();
      await Promise.allSettled(links.map((link) => link[Symbol.asyncDispose]()));
    },
  };
};

const refuseTwins = (links: readonly BankLink[]): void => {
  const ids = links.flatMap(({ id }) => id ?? []);
  const twice = ids.find((id, i) => ids.indexOf(id) < i);
  if (twice !== undefined) throw new ConfigError(`ODAN_BANKS: wanted every bank once, got two of id ${twice}`);
};
