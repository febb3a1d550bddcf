import { LRUCache } from "lru-cache";
import type { Clock } from "../../net/clock.ts";
import { type Bucket, type BucketKind, drain, fullBucket, leftOf, spend, waitFor } from "./bucket.ts";
import { type Payer, partyOf, siteOf } from "./party.ts";

/** Units of work that an asker may have done. */
export type RateSettings = {
  /** What an idle asker may spend at once. */
  readonly burst: number;
  /** What comes back per minute to an anonymous asker. */
  readonly perMinute: number;
  /** The same for a registered researcher and an operator. */
  readonly registeredPerMinute: number;
};

/** Rate of the SDL: whole units. */
export type AskerRate = { readonly left: number; readonly burst: number; readonly perMinute: number };

/** Token buckets, one for each party of askers. */
export type Rate = {
  /** Takes the price of a request, known before it runs. @returns null; or the milliseconds after which it would have passed */
  readonly takeUnits: (asker: Payer, units: number) => number | null;
  /**
   * Whether an asker's request is worth reading. Not once too many of them had to be read to be refused, and not in debt.
   * @returns null; or the milliseconds to wait
   */
  readonly knock: (asker: Payer) => number | null;
  /**
   * Takes the price of a request that was read to be refused. It may leave a small debt.
   * @param units default: the least that such a request costs
   */
  readonly takeForUnreadable: (asker: Payer, units?: number) => void;
  readonly look: (asker: Payer) => AskerRate;
  /** Buckets with spent units that are not shared with the other gateways yet. */
  readonly untold: UntoldUnits;
};

/** What gateways tell each other of buckets. */
export type UntoldUnits = {
  /** Takes note of, and forgets, what was spent here since the last call: party, kind and units of each, at most `most`. */
  readonly take: (most: number) => readonly Untold[];
  /**
   * Takes note of what all gateways together have spent of a party's bucket once they were told, in the order of telling; null:
   * nobody could be told.
   */
  readonly learn: (told: Untold, spent: number | null) => void;
  /** Has `hurry` called when a party has spent a twentieth of its burst that the others were not told of. */
  readonly onMuch: (hurry: () => void) => void;
};
export type Untold = { readonly party: string; readonly kind: BucketKind; readonly units: number };

/** Most buckets. One that is forgotten is full again, which takes more addresses than it brings units. */
const MOST_BUCKETS = 50_000;
/** How many networks of one IPv6 site may be at their limit at the same time. */
const SITE = 8;
/** Refusals that are read to be priced, before the door closes until the last price is there. */
const PRICED_REFUSALS = 10;
/** Price of a request that cannot be read, and the debt that such requests may leave. */
const UNREADABLE_UNITS = 1;
const MOST_DEBT = 10;

/**
 * Token buckets by asker. They are our own, since rate-limiter-flexible counts in windows: a window of a minute lets 600 units
 * through at once, and its BurstyRateLimiter adds a second window to the first. Its memory store also has no bound, keeps a
 * timer for each key and goes by the wall clock.
 */
export const createRate = (settings: RateSettings, clock: Pick<Clock, "mono">): Rate => {
  const buckets = new LRUCache<string, Bucket>({ max: MOST_BUCKETS });
  const kinds = kindsOf(settings);
  const untold = untoldUnits(buckets, clock);

  const account = (party: string, kind: BucketKind): Account => {
    const now = clock.mono();
    const bucket = buckets.get(party) ?? fullBucket(now);
    drain(bucket, kind, now);
    return { bucket, kind, party };
  };
  /** The asker's own, then that of its site. */
  const accountsOf = (asker: Payer): readonly [Account, ...Account[]] => {
    const site = siteOf(asker);
    const own = account(partyOf(asker), kinds[asker.tier]);
    return site === null ? [own] : [own, account(site, kinds.SITE)];
  };
  const take = ({ bucket, kind, party }: Account, units: number): void => {
    spend(bucket, units);
    buckets.set(party, bucket);
    untold.note(party, kind, bucket);
  };

  return {
    takeUnits(asker, units) {
      const accounts = accountsOf(asker);
      const [{ bucket, party }] = accounts;
      bucket.price = Math.max(bucket.price, units);
      const waitMs = Math.max(...accounts.map((each) => waitFor(each.bucket, each.kind, units)));
      if (waitMs === 0) {
        for (const each of accounts) take(each, units);
        return null;
      }
      bucket.refusals += 1;
      if (bucket.refusals > PRICED_REFUSALS) bucket.closedUntil = bucket.at + waitMs;
      buckets.set(party, bucket);
      return waitMs;
    },
    knock(asker) {
      const accounts = accountsOf(asker);
      const [{ bucket }] = accounts;
      if (bucket.closedUntil > bucket.at) return bucket.closedUntil - bucket.at;
      const inDebt = accounts.find(isInDebt);
      return inDebt === undefined ? null : waitFor(inDebt.bucket, inDebt.kind, bucket.price);
    },
    takeForUnreadable(asker, units = UNREADABLE_UNITS) {
      const price = Math.max(UNREADABLE_UNITS, units);
      for (const each of accountsOf(asker)) if (!isInDebt(each)) take(each, price);
    },
    look(asker) {
      const accounts = accountsOf(asker);
      const left = Math.min(...accounts.map(({ bucket, kind }) => leftOf(bucket, kind)));
      return { ...accounts[0].kind, left: Math.max(0, Math.floor(left)) };
    },
    untold,
  };
};

/** A party's bucket, drained until now. */
type Account = { readonly party: string; readonly bucket: Bucket; readonly kind: BucketKind };

const isInDebt = ({ bucket, kind }: Account): boolean => leftOf(bucket, kind) <= UNREADABLE_UNITS - MOST_DEBT;

const kindsOf = ({ burst, perMinute, registeredPerMinute }: RateSettings) => {
  const named: BucketKind = { burst, perMinute: registeredPerMinute };
  const site: BucketKind = { burst: SITE * burst, perMinute: SITE * perMinute };
  return { ANONYMOUS: { burst, perMinute }, REGISTERED: named, OPERATOR: named, SITE: site } as const;
};

/** Part of a burst that is told at once. */
const MUCH = 0.05;

const untoldUnits = (buckets: LRUCache<string, Bucket>, clock: Pick<Clock, "mono">) => {
  const untold = new Map<string, BucketKind>();
  /** Null while nobody tells. */
  let hurry: (() => void) | null = null;
  return {
    note(party: string, kind: BucketKind, bucket: Bucket): void {
      if (hurry === null || untold.size >= MOST_BUCKETS) return;
      untold.set(party, kind);
      if (bucket.untold >= MUCH * kind.burst) hurry();
    },
    take: (most: number): readonly Untold[] =>
      firstOf(untold, most).flatMap(([party, kind]) => {
        untold.delete(party);
        const bucket = buckets.peek(party);
        if (bucket === undefined || bucket.untold === 0) return [];
        const units = bucket.untold;
        bucket.untold = 0;
        bucket.telling += units;
        return [{ party, kind, units }];
      }),
    learn({ party, kind, units }: Untold, spent: number | null): void {
      const bucket = buckets.peek(party);
      if (bucket === undefined) return;
      bucket.telling = Math.max(0, bucket.telling - units);
      if (spent === null || !Number.isFinite(spent)) return;
      drain(bucket, kind, clock.mono());
      bucket.shared = spent + bucket.telling + bucket.untold;
    },
    onMuch(listener: () => void): void {
      hurry = listener;
    },
  };
};

const firstOf = <K, V>(map: ReadonlyMap<K, V>, most: number): readonly (readonly [K, V])[] => {
  const first: (readonly [K, V])[] = [];
  for (const entry of map) {
    if (first.length === most) break;
    first.push(entry);
  }
  return first;
};
