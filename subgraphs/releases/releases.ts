import type { Clock } from "../../net/clock.ts";
import { NEVER } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
import { QuestionError } from "../../schema/question-error.ts";
import type { Bounds, Release } from "../../schema/release.ts";
import { text } from "../../schema/text.ts";
import type { Lease } from "../../schema/wire/lease.ts";
import type { LocalApi } from "../count/local-api.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { type Current, openAuthority, type StateFile } from "./authority.ts";
import { type About, candidateOf } from "./edition.ts";

/** What an operator says of a release. */
export type Announcement = {
  readonly number: string;
  readonly date: string;
  readonly size?: { readonly donors?: number | null; readonly samples?: number | null } | null;
  readonly purge: boolean;
};

export type ReleasesOptions = {
  /** Hash of bank.yaml and the tables beside it. */
  readonly fingerprint: string;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly file: StateFile<About>;
  /** False where whoever holds a lease ends with this process. */
  readonly leasesMayBeOut: boolean;
};

/** Keeps the edition that a bank's subgraph answers from in step with what the bank's local API holds. */
export type Releases = {
  /** @throws {BankError} where nobody can say what is current */
  readonly lease: (signal: AbortSignal) => Promise<Lease>;
  /** The edition of this name, if it is current and this process answers from it. */
  readonly serving: (name: string) => Current<About> | null;
  readonly current: () => Current<About> | null;
  /** Sees to it that there is an edition to tell of: of a bank that announces nothing, the one that it holds now. */
  readonly settle: (signal: AbortSignal) => Promise<void>;
  /** Looks at the local API and follows it if it holds another release. @throws {BankError} */
  readonly look: (signal: AbortSignal) => Promise<void>;
  /** @throws {QuestionError} where the local API does not hold what is announced, {BankError} where it cannot be asked */
  readonly publish: (announced: Announcement, signal: AbortSignal) => Promise<Release>;
};

/**
 * A bank that announces its releases is taken at its word: the edition changes after all leases have run out. Of one that
 * does not, each lease is given after a look at the local API, and the edition changes at once, unless it is published.
 */
export const openReleases = async (
  mapping: Mapping,
  local: LocalApi,
  { fingerprint, clock, leaseMs, file, leasesMayBeOut }: ReleasesOptions,
): Promise<Releases> => {
  const { announced, staleHours } = mapping.yaml.release;
  const kind = announced ? "ANNOUNCED" : "WATCHED";
  const staleMs = staleHours * 3_600_000;
  const authority = await openAuthority<About>({ clock, leaseMs, staleMs, file, leasesMayBeOut });

  const candidate = (release: Release, size: Bounds) => candidateOf(fingerprint, release, kind, size);
  const sizeNow = (): Bounds => higher(mapping.yaml.size, authority.current()?.about.size);
  const digestOf = ({ edition }: Current<About>): string => edition.name.slice(edition.name.indexOf("-") + 1);
  const isOf = (state: Current<About> | null, release: Release, size: Bounds): state is Current<About> =>
    state !== null && digestOf(state) === candidate(release, size).digest;

  let moving: Promise<unknown> = Promise.resolve();
  /** Makes what the local API holds current. One after the other: each may open an adapter of its own. */
  const follow = (release: Release, size: Bounds, how: "seen" | "published" | "purged"): Promise<Current<About>> => {
    const mine = moving.then(async () => {
      const state = authority.current();
      if (how !== "purged" && isOf(state, release, size)) {
        // What was seen before it was announced was adopted without waiting for older leases.
        return how === "seen" ? state : authority.publish(candidate(release, size));
      }
      const before = await local.open(NEVER);
      const next = await local.openFor(release, NEVER);
      const held = candidate(next.adapter.opened ?? release, size);
      const flipped = () => local.put(next);
      try {
        if (how === "seen" && !announced) return await authority.adopt(held, flipped);
        return await authority.publish(held, { purge: how === "purged", flipped });
      } catch (error) {
        if (next !== before) next.retire();
        throw error;
      }
    });
    moving = mine.catch(() => undefined);
    return mine;
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    const { adapter } = await local.open(signal);
    const release = await adapter.release(signal);
    if (!isOf(authority.current(), release, sizeNow())) await follow(release, sizeNow(), "seen");
  };

  /**
   * Whether the current state is what this process would answer from: the mapping may have changed since it was written.
   * Every question asks so, and a state is never changed, only followed by another: each is hashed once.
   */
  const mine = (state: Current<About>): boolean => {
    const found = known.get(state) ?? isOf(state, state.about.release, sizeNow());
    known.set(state, found);
    return found;
  };
  const known = new WeakMap<Current<About>, boolean>();

  const settle = async (signal: AbortSignal): Promise<void> => {
    const state = authority.current();
    if (!announced || state === null || !mine(state)) await look(signal);
  };

  return {
    current: authority.current,
    settle,
    look,
    serving: (name) => {
      const state = authority.current();
      return state !== null && state.edition.name === name && mine(state) ? state : null;
    },
    async lease(signal) {
      await settle(signal);
      const lease = authority.lease();
      if (lease === null)
        throw new BankError("BANK_BROKEN", mapping.id, "release state: wanted one that was kept, got doubt");
      const { edition, about } = lease;
      return { edition, ...about, leaseMs: lease.leaseMs, staleMs };
    },
    async publish({ number, date, size, purge }, signal) {
      for (const unit of ["donors", "samples"] as const) {
        if ((size?.[unit] ?? 0) < 0) throw belowZero(`release.size.${unit}`, size?.[unit]);
      }
      const { adapter } = await local.open(signal);
      const held = await adapter.release(signal);
      const wanted = `${mapping.id}@${number}`;
      if (held.id !== wanted || held.date !== date) {
        const says = text(
          `wanted ${wanted} of ${date} in the bank's local API, got ${held.id} of ${held.date}. Load the release there first`,
          `バンクのローカル API に ${date} の ${wanted} が必要ですが、${held.date} の ${held.id} があります。先にリリースを読み込んでください`,
        );
        throw new QuestionError("release", says, { code: "RELEASE_NOT_LOADED" });
      }
      const bounds = higher(sizeNow(), size ?? undefined);
      return (await follow(held, bounds, purge ? "purged" : "published")).about.release;
    },
  };
};

const belowZero = (at: string, got: unknown): QuestionError =>
  new QuestionError(at, text(`wanted 0 or more, got ${got}`, `0以上が必要ですが、${got} が指定されました`), {
    code: "BAD_ARGUMENT",
  });

type SomeBounds = { readonly donors?: number | null | undefined; readonly samples?: number | null | undefined };

/** A bank's bounds hold until it publishes higher ones. */
const higher = (a: SomeBounds, b: SomeBounds = {}): Bounds => ({
  donors: most(a.donors, b.donors),
  samples: most(a.samples, b.samples),
});

const most = (a: number | null | undefined, b: number | null | undefined): number | null =>
  a == null ? (b ?? null) : Math.max(a, b ?? 0);
