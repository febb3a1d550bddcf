/** A bank's data as its local API numbers them. `id` is opaque, never reused, and changes with the data; `date` is a day. */
export type Release = { readonly id: string; readonly date: string; readonly kind: ReleaseKind };

/** ANNOUNCED: the bank publishes it. WATCHED: the bank changes without notice, so an answer may be older by one lease. */
export type ReleaseKind = "ANNOUNCED" | "WATCHED";

/**
 * One state of all that a bank's answers depend on: release, mapping, policy and vocabulary. `name` is never reused,
 * `ordinal` grows with every edition, `purges` with every one that withdrew what was answered before it.
 */
export type Edition = { readonly name: string; readonly ordinal: number; readonly purges: number };

/** Upper bounds that a bank warrants; null: none. */
export type Bounds = { readonly donors: number | null; readonly samples: number | null };
