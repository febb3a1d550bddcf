import type { SubschemaConfig } from "@graphql-tools/delegate";
import type { Logger } from "pino";
import type { Answers } from "../../cache/answers.ts";
import type { Clock } from "../../net/clock.ts";
import { timeoutSignal, withDeadline } from "../../net/deadline.ts";
import { NEVER } from "../../net/signals.ts";
import { parseCard } from "../../schema/wire/card.ts";
import { ConfigError } from "../config.ts";
import { contract } from "./contract.ts";
import { type Copies, copiesInMemory } from "./copies.ts";
import { type BankCopy, copyDocument } from "./copy.ts";
import type { BankExecutor, BankLink } from "./executor.ts";
import type { Guard } from "./guard.ts";
import { type BankReader, bankReader } from "./reader.ts";

/** A bank of the federation: what is kept of it, and the ways to ask it. */
export type RegisteredBank = {
  readonly id: string;
  readonly copy: BankCopy;
  readonly execute: BankExecutor;
  /** Asks it so that no answer is older than it says. */
  readonly reader: BankReader;
  /** Keeps it from costing more than it must. */
  readonly guard: Guard;
  /** The bank as a part of the stitched schema, for what is delegated to it. */
  readonly subschema: SubschemaConfig<unknown, unknown, unknown, { readonly signal: AbortSignal }>;
};

export type Registry = AsyncDisposable & {
  /** Banks that answer questions, sorted by id. */
  readonly live: () => readonly RegisteredBank[];
  /** Every bank that is known, whatever its state, sorted by id. */
  readonly all: () => readonly RegisteredBank[];
  /** Undefined where the id is unknown. */
  readonly get: (id: string) => RegisteredBank | undefined;
  /** How many banks have never said who they are: they cannot be asked, and what is added up lacks them. */
  readonly strangers: () => number;
  /** Reads every bank's `self` anew; a bank that cannot say it keeps its last copy. Never rejects. */
  readonly refresh: () => Promise<void>;
};

/**
 * How long a bank may take to say who it is, and how often it is asked: more often while one is not known yet. Half of the
 * time is for reaching its local API; after that it says what its mapping alone tells.
 */
const SELF_DEADLINE_MS = 10_000;
const REFRESH_MS = 30_000;
const REFRESH_UNKNOWN_MS = 1000;

export type RegistryOptions = {
  readonly answers: Answers;
  readonly clock: Clock;
  readonly log: Logger;
  /** Default: what is known of the banks ends with the registry. */
  readonly copies?: Copies;
};

/**
 * Reads every bank's `self` and keeps it, so that it is there when the bank is not. A bank that fails to say it is
 * logged, and known as soon as a refresh succeeds. Disposing the registry disposes the links.
 * @throws {ConfigError} for two banks of one id
 */
export const openRegistry = async (links: readonly BankLink[], options: RegistryOptions): Promise<Registry> => {
  const { log, copies = copiesInMemory() } = options;
  const twice = links.find(({ id }, i) => id !== undefined && links.findIndex((other) => other.id === id) < i);
  if (twice !== undefined) throw new ConfigError(`ODAN_BANKS: wanted every bank once, got two of id ${twice.id}`);
  const banks = new Map<BankLink, RegisteredBank>();
  let all: readonly RegisteredBank[] = [];
  let live: readonly RegisteredBank[] = [];
  let byId: ReadonlyMap<string, RegisteredBank> = new Map();

  const keep = (link: BankLink, copy: BankCopy): void => {
    const { execute } = link;
    const { id } = copy;
    const known = banks.get(link);
    if (known !== undefined && known.id !== id) throw new Error(`[${known.id}] self.id: wanted ${known.id}, got ${id}`);
    if (known === undefined && byId.has(id)) throw new Error(`[${id}] self.id: wanted one bank of it, got two`);
    const { reader, guard, subschema } = known ?? {
      ...bankReader(id, execute, options, () => void meet(link).then(write)),
      subschema: subschemaOf(id, execute),
    };
    banks.set(link, { id, copy, execute, reader, guard, subschema });
    if (copy.state === "WITHDRAWN") reader.withdraw();
    all = [...banks.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    live = all.filter((bank) => bank.copy.state === "LIVE");
    byId = new Map(all.map((bank) => [bank.id, bank]));
  };
  const meet = async (link: BankLink): Promise<void> => {
    try {
      keep(link, await readSelf(link));
    } catch (error) {
      log.error({ bank: link.at, err: error }, "the bank did not say who it is");
    }
  };
  let written = "";
  const refresh = async (): Promise<void> => {
    await Promise.all(links.map(meet));
    await write();
  };
  const write = async (): Promise<void> => {
    const mine = new Map([...banks].map(([link, { copy }]) => [link.at, copy]));
    const now = JSON.stringify([...mine]);
    if (now === written) return;
    written = now;
    // Gateways that share a folder may know their banks by other addresses.
    const kept = new Map([...(await copies.read()), ...mine]);
    await copies.write(kept).catch((err: unknown) => log.error({ err }, "what is known of the banks was not kept"));
  };

  // A bank that is away now is asked for all the same, and counts as silent.
  const before = await copies.read();
  for (const link of links) {
    const copy = before.get(link.at);
    if (copy !== undefined && (link.id === undefined || link.id === copy.id) && !byId.has(copy.id)) keep(link, copy);
  }
  await refresh();
  const strangers = (): number => links.length - banks.size;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const later = (): void => {
    if (closed) return;
    const soon = strangers() > 0;
    timer = setTimeout(() => void refresh().then(later), soon ? REFRESH_UNKNOWN_MS : REFRESH_MS).unref();
  };
  later();
  return {
    all: () => all,
    live: () => live,
    get: (id) => byId.get(id),
    strangers,
    refresh,
    [Symbol.asyncDispose]: async () => {
      closed = true;
      clearTimeout(timer);
      for (const { guard } of all) guard[Symbol.dispose]();
      await Promise.allSettled(links.map((link) => link[Symbol.asyncDispose]()));
    },
  };
};

const COPY = copyDocument(contract);

const readSelf = async ({ at, id, execute }: BankLink): Promise<BankCopy> => {
  const { data, errors } = await withDeadline(
    (signal) => execute({ document: COPY, signal: timeoutSignal(signal, SELF_DEADLINE_MS / 2) }),
    SELF_DEADLINE_MS,
    () => new Error(`[${at}] self: wanted an answer within ${SELF_DEADLINE_MS} ms, got none`),
  );
  if (errors !== undefined) throw errors[0];
  return parseCard(data?.["self"], id);
};

const subschemaOf = (id: string, execute: BankExecutor): RegisteredBank["subschema"] => ({
  name: id,
  schema: contract,
  executor: ({ document, variables, context }) =>
    execute({ document, variables: variables ?? {}, signal: context?.signal ?? NEVER }) as Promise<never>,
});
