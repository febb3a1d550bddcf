import { setMaxListeners } from "node:events";
import { isDeepStrictEqual } from "node:util";
import { type Addresses, severalAddresses } from "../../net/addresses.ts";
import { unlessAborted } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Adapter } from "../adapter.ts";
import type { LocalCounts, LocalQuestion, Release } from "../local.ts";

/** Opens the adapter of one address. */
export type OpenOne = (signal: AbortSignal) => Promise<Adapter>;

/** What is remembered of a bank's addresses from one adapter to the next. */
export type Memory = {
  readonly counts: Addresses;
  readonly releases: Addresses;
  /** Ids of releases that were told once, and then others in their place: ids are never reused. */
  readonly left: Set<string>;
  told: Release | undefined;
};

/** @param count how many addresses the bank has */
export const noMemory = (count: number): Memory => ({
  counts: severalAddresses(count),
  releases: severalAddresses(count, RELEASE_AFTER_MS),
  left: new Set(),
  told: undefined,
});

/** A release is cheap to tell, and whoever asks for a lease has no second to wait for it. */
const RELEASE_AFTER_MS = 250;

/** How long an address that understands less than the first one is left alone before it is opened anew. */
const REOPEN_MS = 60_000;

type Opened = { readonly adapter: Adapter; readonly since: number };
type Outcomes = readonly (LocalCounts | BankError)[];

/**
 * One adapter for several addresses of one local API. Each address has an adapter of its own, which counts a whole batch and
 * holds it to its release: no number is made of two addresses. The next address is asked when one is slow or fails, which
 * one does, too, that holds another release or understands less than the one that was opened first.
 *
 * Where the addresses hold several releases, as they do while a new one is loaded, the bank's is the newest that any of
 * them told: one that tells a release that was left, or an earlier one, is behind. The bank goes back to such a release
 * only where all of its addresses tell one.
 * @throws {BankError} where no address can be opened; signal.reason when the signal aborts
 */
export const replicas = async (
  bank: string,
  openers: readonly OpenOne[],
  memory: Memory,
  signal: AbortSignal,
): Promise<Adapter> => {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const held: (Promise<Opened> | undefined)[] = openers.map(() => undefined);
  let closed: Promise<void> | undefined;

  const reach = (at: number): Promise<Opened> => {
    const known = held[at];
    if (known !== undefined) return known;
    const opening = openers[at]!(closing.signal).then(
      (adapter) => ({ adapter, since: performance.now() }),
      (error: unknown) => {
        held[at] = undefined;
        throw error;
      },
    );
    held[at] = opening;
    return opening;
  };
  const close = (): Promise<void> => {
    closed ??= (async () => {
      closing.abort(new BankError("BANK_UNREACHABLE", bank, "the adapter is closed"));
      const all = await Promise.allSettled(held);
      await Promise.all(
        all.map((one) => (one.status === "fulfilled" ? one.value?.adapter[Symbol.asyncDispose]() : undefined)),
      );
    })();
    return closed;
  };

  const lead = await firstToOpen(
    bank,
    openers.map((_, at) => reach(at)),
    memory,
    signal,
  ).catch(async (error) => {
    await close();
    throw error;
  });
  if (lead.opened !== undefined) remember(memory, lead.opened);

  /** The adapter of an address that stands for the same as the first one's. @throws {BankError} */
  const fitting = async (at: number, stop: AbortSignal): Promise<Adapter> => {
    const opened = await unlessAborted(reach(at), stop);
    const { adapter, since } = opened;
    if (isLike(adapter, lead)) return adapter;
    const [wanted, other] = [lead.opened, adapter.opened];
    const now = wanted?.id === other?.id ? other : await adapter.release(stop);
    if (now?.id !== wanted?.id) throw gone(bank, wanted?.id, now?.id);
    if (now === other && performance.now() - since < REOPEN_MS) {
      throw new BankError("BANK_BROKEN", bank, "addresses of one local API: wanted the same abilities, got others");
    }
    if ((await held[at]) === opened) {
      held[at] = undefined;
      void Promise.resolve(adapter[Symbol.asyncDispose]()).catch(() => undefined);
    }
    const { adapter: anew } = await unlessAborted(reach(at), stop);
    if (isLike(anew, lead)) return anew;
    throw gone(bank, wanted?.id, anew.opened?.id);
  };

  return {
    capabilities: lead.capabilities,
    ...(lead.opened === undefined ? {} : { opened: lead.opened }),

    async release(asked) {
      requireOpen(closed, bank);
      const failures = new Map<number, BankError>();
      const behind: Release[] = [];
      const ask = async (at: number, stop: AbortSignal): Promise<Release> =>
        noted(at, failures, async () => {
          const { adapter } = await unlessAborted(reach(at), stop);
          const release = await adapter.release(stop);
          if (!isBehind(release, memory)) return release;
          behind.push(release);
          throw gone(bank, memory.told?.id, release.id);
        });
      const release = await memory.releases.ask(ask, asked).catch((error: unknown) => {
        asked.throwIfAborted();
        if (!(error instanceof BankError)) throw error;
        // All of them went back.
        if (behind.length === openers.length) return newest(behind);
        throw [...failures.values()].find(({ code }) => code !== "BANK_GONE") ?? error;
      });
      remember(memory, release);
      return release;
    },

    async count(questions, asOf, asked) {
      asked.throwIfAborted();
      if (questions.length === 0) return [];
      const failed = new Map<number, Outcomes>();
      try {
        requireOpen(closed, bank);
        return await memory.counts.ask(async (at, stop) => {
          const outcomes = await outcomesOf(questions, () => fitting(at, stop), asOf, stop);
          const fault = outcomes.find(isFault);
          if (fault === undefined) return outcomes;
          failed.set(at, outcomes);
          throw fault;
        }, asked);
      } catch (error) {
        asked.throwIfAborted();
        if (!(error instanceof BankError)) throw error;
        return (await leastBad(failed, reach, memory, asked)) ?? questions.map(() => error);
      }
    },

    [Symbol.asyncDispose]: close,
  };
};

/** The first address to open that is not behind, or the first at all where all of them are. */
const firstToOpen = async (
  bank: string,
  openings: readonly Promise<Opened>[],
  memory: Memory,
  signal: AbortSignal,
): Promise<Adapter> => {
  const behind: Adapter[] = [];
  const tried = openings.map(async (opening) => {
    const { adapter } = await opening;
    if (adapter.opened === undefined || !isBehind(adapter.opened, memory)) return adapter;
    behind.push(adapter);
    throw gone(bank, memory.told?.id, adapter.opened.id);
  });
  return unlessAborted(
    Promise.any(tried).catch(({ errors }: AggregateError) => {
      if (behind.length === openings.length) return behind[0]!;
      throw errors.find((error) => !(error instanceof BankError) || error.code !== "BANK_GONE") ?? errors[0];
    }),
    signal,
  );
};

const isLike = (one: Adapter, other: Adapter): boolean =>
  one.opened?.id === other.opened?.id && isDeepStrictEqual(one.capabilities, other.capabilities);

const isBehind = ({ id, date }: Release, { told, left }: Memory): boolean =>
  told !== undefined && id !== told.id && (left.has(id) || date < told.date);

const remember = (memory: Memory, release: Release): void => {
  if (memory.told !== undefined && memory.told.id !== release.id) memory.left.add(memory.told.id);
  memory.left.delete(release.id);
  memory.told = release;
};

const newest = (releases: readonly Release[]): Release =>
  releases.reduce((one, other) => (other.date > one.date ? other : one));

const gone = (bank: string, wanted = "one", got = "another"): BankError =>
  new BankError("BANK_GONE", bank, `wanted release ${wanted}, got ${got} at one of its addresses`);

const requireOpen = (closed: Promise<void> | undefined, bank: string): void => {
  if (closed !== undefined) throw new BankError("BANK_UNREACHABLE", bank, "the adapter is closed");
};

/** Notes a failure of an address and passes it on. */
const noted = async <T>(at: number, failures: Map<number, BankError>, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BankError) failures.set(at, error);
    throw error;
  }
};

/** What an address answers; the same failure in each slot where it cannot be asked. */
const outcomesOf = async (
  questions: readonly LocalQuestion[],
  adapter: () => Promise<Adapter>,
  asOf: Release,
  stop: AbortSignal,
): Promise<Outcomes> => {
  try {
    return await (await adapter()).count(questions, asOf, stop);
  } catch (error) {
    if (!(error instanceof BankError) || stop.aborted) throw error;
    return questions.map(() => error);
  }
};

/** Whether another address may do better: what cannot be put to one cannot be put to any. */
const isFault = (outcome: LocalCounts | BankError): outcome is BankError =>
  outcome instanceof BankError && outcome.code !== "BANK_UNSUPPORTED";

/**
 * Of several addresses' outcomes those with the fewest faults. Where a fault is that the release is gone, it tells of the
 * bank only if the address is not behind.
 */
const leastBad = async (
  failed: ReadonlyMap<number, Outcomes>,
  reach: (at: number) => Promise<Opened>,
  memory: Memory,
  asked: AbortSignal,
): Promise<Outcomes | undefined> => {
  const ranked = await Promise.all(
    [...failed].map(async ([at, outcomes]) => {
      const faults = outcomes.filter(isFault);
      const isGone = faults.some(({ code }) => code === "BANK_GONE");
      const isNews = isGone && (await holdsNews(at, reach, memory, asked));
      return { outcomes, faults: faults.length, rank: isNews ? 0 : isGone ? 2 : 1, at };
    }),
  );
  ranked.sort((a, b) => a.faults - b.faults || a.rank - b.rank || a.at - b.at);
  return ranked[0]?.outcomes;
};

const holdsNews = async (
  at: number,
  reach: (at: number) => Promise<Opened>,
  memory: Memory,
  asked: AbortSignal,
): Promise<boolean> => {
  try {
    const { adapter } = await unlessAborted(reach(at), asked);
    return !isBehind(await adapter.release(asked), memory);
  } catch (error) {
    asked.throwIfAborted();
    if (error instanceof BankError) return false;
    throw error;
  }
};
