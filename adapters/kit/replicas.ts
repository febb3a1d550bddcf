import { isDeepStrictEqual } from "node:util";
import { type Addresses, severalAddresses } from "../../net/addresses.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Adapter } from "../adapter.ts";
import type { LocalCounts, LocalQuestion, Release } from "../local.ts";
import { bankBroken, caught } from "./failures.ts";
import { goneAt, type OpenedAddresses, type OpenOne, openedAddresses } from "./opened-addresses.ts";
import { type ReleaseHistory, releaseHistory } from "./release-history.ts";

/** What is remembered of a bank's addresses from one adapter to the next: which one to ask first, and the releases. */
export type Memory = { readonly counts: Addresses; readonly releases: Addresses; readonly history: ReleaseHistory };

/** @param count the number of the bank's addresses */
export const noMemory = (count: number): Memory => ({
  counts: severalAddresses(count),
  releases: severalAddresses(count, RELEASE_AFTER_MS),
  history: releaseHistory(),
});

/** How long one address is waited for until the next one is asked for its release, which is cheap, in ms. */
const RELEASE_AFTER_MS = 250;

/** How long an address that understands less than the first one is left alone before it is opened anew, in ms. */
const REOPEN_MS = 60_000;

type Outcomes = readonly (LocalCounts | BankError)[];

/** A bank's addresses, of which `lead` was opened first: its capabilities are the bank's. */
type Bank = {
  readonly bank: string;
  readonly addresses: OpenedAddresses;
  readonly lead: Adapter;
  readonly memory: Memory;
};

/**
 * One adapter for several addresses of one local API. Each address has an adapter of its own, which counts a whole batch and
 * holds it to its release: no number is made of two addresses. The next address is asked when one is slow or fails; one that
 * holds another release, or understands less than the one that was opened first, has failed.
 *
 * Where the addresses hold several releases, as they do while a new one is loaded, the bank's is the newest that any of
 * them stated. The bank goes back to a release that it left, or to an earlier one, only where all of its addresses state one.
 * @throws {BankError} where no address can be opened; signal.reason when the signal aborts
 */
export const replicas = async (
  bank: string,
  openers: readonly OpenOne[],
  memory: Memory,
  signal: AbortSignal,
): Promise<Adapter> => {
  const addresses = openedAddresses(bank, openers);
  const lead = await addresses.first(memory.history, signal).catch(async (error) => {
    await addresses.close();
    throw error;
  });
  if (lead.opened !== undefined) memory.history.note(lead.opened);
  const of = { bank, addresses, lead, memory };
  return {
    capabilities: lead.capabilities,
    ...(lead.opened === undefined ? {} : { opened: lead.opened }),
    ...(lead.findings === undefined ? {} : { findings: lead.findings }),

    async release(asked) {
      addresses.requireOpen();
      const release = await releaseOf(of, openers.length, asked);
      memory.history.note(release);
      return release;
    },

    async count(questions, asOf, asked) {
      asked.throwIfAborted();
      if (questions.length === 0) return [];
      const failed = new Map<number, Outcomes>();
      const outcomes = await caught(async () => {
        addresses.requireOpen();
        return memory.counts.ask(async (at, stop) => {
          const counted = await countAt(of, at, { questions, asOf }, stop);
          const fault = counted.find(isFault);
          if (fault === undefined) return counted;
          failed.set(at, counted);
          throw fault;
        }, asked);
      });
      if (!(outcomes instanceof BankError)) return outcomes;
      asked.throwIfAborted();
      return (await leastBad(of, failed, asked)) ?? questions.map(() => outcomes);
    },

    [Symbol.asyncDispose]: addresses.close,
  };
};

/** The release that the first address states which is not behind; the newest one where all of them are. @throws {BankError} */
const releaseOf = async ({ bank, addresses, memory }: Bank, count: number, asked: AbortSignal): Promise<Release> => {
  const { history, releases } = memory;
  const failures: BankError[] = [];
  const behind: Release[] = [];
  const releaseAt = async (at: number, stop: AbortSignal): Promise<Release> => {
    const release = await caught(async () => (await addresses.reach(at, stop)).adapter.release(stop));
    if (release instanceof BankError) {
      failures.push(release);
      throw release;
    }
    if (!history.isBehind(release)) return release;
    behind.push(release);
    throw goneAt(bank, history.current()?.id, release.id);
  };
  return releases.ask(releaseAt, asked).catch((error: unknown) => {
    asked.throwIfAborted();
    if (!(error instanceof BankError)) throw error;
    if (behind.length === count) return behind.reduce((one, other) => (other.date > one.date ? other : one));
    throw failures.find(({ code }) => code !== "BANK_GONE") ?? error;
  });
};

type Batch = { readonly questions: readonly LocalQuestion[]; readonly asOf: Release };

/** What an address answers; the same failure in each slot where it cannot be asked. */
const countAt = async (of: Bank, at: number, { questions, asOf }: Batch, stop: AbortSignal): Promise<Outcomes> => {
  const counted = await caught(async () => (await fitting(of, at, stop)).count(questions, asOf, stop));
  if (!(counted instanceof BankError)) return counted;
  stop.throwIfAborted();
  return questions.map(() => counted);
};

/** The adapter of an address that holds the same release, and understands the same, as the lead. @throws {BankError} */
const fitting = async ({ bank, addresses, lead }: Bank, at: number, stop: AbortSignal): Promise<Adapter> => {
  const opened = await addresses.reach(at, stop);
  const { adapter, since } = opened;
  if (isLike(adapter, lead)) return adapter;
  const [wanted, other] = [lead.opened, adapter.opened];
  const now = wanted?.id === other?.id ? other : await adapter.release(stop);
  if (now?.id !== wanted?.id) throw goneAt(bank, wanted?.id, now?.id);
  if (now === other && performance.now() - since < REOPEN_MS) {
    throw bankBroken(bank, "addresses of one local API: wanted the same abilities, got others");
  }
  await addresses.discard(at, opened);
  const { adapter: anew } = await addresses.reach(at, stop);
  if (isLike(anew, lead)) return anew;
  throw goneAt(bank, wanted?.id, anew.opened?.id);
};

const isLike = (one: Adapter, other: Adapter): boolean =>
  one.opened?.id === other.opened?.id && isDeepStrictEqual(one.capabilities, other.capabilities);

/** Whether another address may do better: what cannot be put to one cannot be put to any. */
const isFault = (outcome: LocalCounts | BankError): outcome is BankError =>
  outcome instanceof BankError && outcome.code !== "BANK_UNSUPPORTED";

/**
 * Of several addresses' outcomes those with the fewest faults. A fault that the release is gone says something of the bank
 * only if the address is not behind.
 */
const leastBad = async (
  { addresses, memory }: Bank,
  failed: ReadonlyMap<number, Outcomes>,
  asked: AbortSignal,
): Promise<Outcomes | undefined> => {
  const isAhead = async (at: number): Promise<boolean> => {
    const release = await caught(async () => (await addresses.reach(at, asked)).adapter.release(asked));
    asked.throwIfAborted();
    return !(release instanceof BankError) && !memory.history.isBehind(release);
  };
  const ranked = await Promise.all(
    [...failed].map(async ([at, outcomes]) => {
      const faults = outcomes.filter(isFault);
      const isGone = faults.some(({ code }) => code === "BANK_GONE");
      const rank = !isGone ? 1 : (await isAhead(at)) ? 0 : 2;
      return { outcomes, faults: faults.length, rank, at };
    }),
  );
  ranked.sort((a, b) => a.faults - b.faults || a.rank - b.rank || a.at - b.at);
  return ranked[0]?.outcomes;
};
