/**
 * A token bucket, kept as what was spent and has not drained yet: an untouched bucket is all zero. Units are those of
 * docs/limits.md; times are milliseconds of a monotonic clock.
 */
export type Bucket = {
  /** Spent at this gateway. */
  own: number;
  /** Spent at all gateways, as far as this one knows; never counts for less than `own`. */
  shared: number;
  /** When both were drained last. */
  at: number;
  /** Spent here and not yet told to the other gateways. */
  untold: number;
  /** Told, and not yet answered. */
  telling: number;
  /** Refusals for lack of units since the bucket was full. */
  refusals: number;
  /** Until when everything is refused unread. */
  closedUntil: number;
  /** The highest price since the bucket was full, as far as it is known: what a refusal that reads no price has to wait for. */
  price: number;
};

/** Size and speed of buckets of one kind. */
export type BucketKind = { readonly burst: number; readonly perMinute: number };

/** Price that is assumed of a request that was not read: a question to five banks. */
const USUAL_PRICE = 10;

export const fullBucket = (now: number): Bucket => ({
  own: 0,
  shared: 0,
  at: now,
  untold: 0,
  telling: 0,
  refusals: 0,
  closedUntil: 0,
  price: USUAL_PRICE,
});

/** Lets what was spent drain until now. */
export const drain = (bucket: Bucket, { perMinute }: BucketKind, now: number): void => {
  const drained = (Math.max(0, now - bucket.at) * perMinute) / MINUTE_MS;
  bucket.own = Math.max(0, bucket.own - drained);
  bucket.shared = Math.max(0, bucket.shared - drained);
  bucket.at = now;
  if (spentOf(bucket) > 0) return;
  bucket.refusals = 0;
  bucket.price = USUAL_PRICE;
};

/** Units that are left; below zero where several gateways let more through than one would have. */
export const leftOf = (bucket: Bucket, { burst }: BucketKind): number => burst - spentOf(bucket);

/** Takes units, whether they are left or not. */
export const spend = (bucket: Bucket, units: number): void => {
  bucket.own += units;
  bucket.shared += units;
  bucket.untold += units;
};

/**
 * Milliseconds until so many units are left; 0: they are. More than the burst need a full bucket, and the debt is paid off
 * before the next request.
 */
export const waitFor = (bucket: Bucket, { burst, perMinute }: BucketKind, units: number): number => {
  const missing = Math.min(units, burst) - (burst - spentOf(bucket));
  return missing <= ROUNDING ? 0 : Math.ceil((missing * MINUTE_MS) / perMinute - ROUNDING);
};

const MINUTE_MS = 60_000;
/** Sums of fractions are off by less than this. */
const ROUNDING = 1e-6;

const spentOf = ({ own, shared }: Bucket): number => Math.max(own, shared);
