import { BankError } from "../../schema/bank-error.ts";
import type { Bounds, Release } from "../../schema/release.ts";
import type { Lease } from "../../schema/wire/lease.ts";
import type { LocalApi } from "../count/local-api.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { type Announcement, checkLoaded, checkSize, higher } from "./announcement.ts";
import { type AuthorityOptions, type Current, openAuthority } from "./authority.ts";
import type { About, Basis } from "./edition.ts";
import { follower, isOf } from "./follow.ts";

export type ReleasesOptions = Basis & Omit<AuthorityOptions<About>, "staleMs">;

/** Keeps the edition that a bank's subgraph answers from in step with what the bank's local API holds. */
export type Releases = {
  /** @throws {BankError} where the current edition is not known */
  readonly lease: (signal: AbortSignal) => Promise<Lease>;
  /** The edition of this name, if it is current and this process answers from it. */
  readonly serving: (name: string) => Current<About> | null;
  readonly current: () => Current<About> | null;
  /** Looks at the local API where that is needed to know the edition: always, of a bank that announces nothing. */
  readonly settle: (signal: AbortSignal) => Promise<void>;
  /** Looks at the local API and follows it if it holds another release. @throws {BankError} */
  readonly look: (signal: AbortSignal) => Promise<void>;
  /** @throws {QuestionError} where the local API does not hold what is announced, {BankError} where it cannot be asked */
  readonly publish: (announced: Announcement, signal: AbortSignal) => Promise<Release>;
};

/**
 * Of a bank that announces its releases the edition changes after all leases have run out. Of one that does not, each lease
 * is given after a look at the local API, and the edition changes at once, unless it is published.
 */
export const openReleases = async (mapping: Mapping, local: LocalApi, options: ReleasesOptions): Promise<Releases> => {
  const { announced, staleHours } = mapping.yaml.release;
  const staleMs = staleHours * 3_600_000;
  const authority = await openAuthority<About>({ ...options, staleMs });
  const follow = follower(authority, local, options, announced);
  const heldBy = async (signal: AbortSignal): Promise<Release> => {
    const { adapter } = await local.open(signal);
    return { ...(await adapter.release(signal)), kind: announced ? "ANNOUNCED" : "WATCHED" };
  };
  const sizeNow = (): Bounds => higher(mapping.yaml.size, authority.current()?.about.size);

  const look = async (signal: AbortSignal): Promise<void> => {
    const held = await heldBy(signal);
    if (!isOf(authority.current(), held, sizeNow(), options)) await follow(held, sizeNow(), "seen");
  };
  /**
   * Whether this process answers from the state: the mapping may have changed since it was written. Every question asks
   * this, and a state never changes, so the result is kept with it.
   */
  const isOurs = (state: Current<About>): boolean => {
    const { release } = state.about;
    const kind = announced ? "ANNOUNCED" : "WATCHED";
    const found = ours.get(state) ?? isOf(state, { ...release, kind }, sizeNow(), options);
    ours.set(state, found);
    return found;
  };
  const ours = new WeakMap<Current<About>, boolean>();
  const settle = async (signal: AbortSignal): Promise<void> => {
    const state = authority.current();
    if (!announced || state === null || !isOurs(state)) await look(signal);
  };

  return {
    current: authority.current,
    settle,
    look,
    serving: (name) => {
      const state = authority.current();
      return state !== null && state.edition.name === name && isOurs(state) ? state : null;
    },
    async lease(signal) {
      await settle(signal);
      const lease = authority.lease();
      if (lease === null)
        throw new BankError("BANK_BROKEN", mapping.id, "release state: wanted one that was kept, got doubt");
      const { edition, about } = lease;
      return { edition, ...about, leaseMs: lease.leaseMs, staleMs };
    },
    async publish(announcement, signal) {
      const { size, purge } = announcement;
      checkSize(size);
      const held = await heldBy(signal);
      checkLoaded(announcement, mapping.id, held);
      const bounds = higher(sizeNow(), size ?? undefined);
      return (await follow(held, bounds, purge ? "purged" : "published")).about.release;
    },
  };
};
