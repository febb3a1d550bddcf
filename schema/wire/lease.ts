import type { ReleaseKind } from "../release.ts";
import { type Failed, failed } from "./failure.ts";
import { duration, integer, members, object, oneOf, parseAs, type Shaped, word } from "./shape.ts";

const KINDS: readonly ReleaseKind[] = ["ANNOUNCED", "WATCHED"];

/** A release. A kind of a newer contract is read as WATCHED, which promises less. */
export const release = object({ id: word, date: word, kind: oneOf(KINDS, "WATCHED") });

const bounds = object({ donors: integer(0).nullable(), samples: integer(0).nullable() });

const lease = object({
  edition: object({ name: word, ordinal: integer(1), purges: integer(0) }),
  release,
  size: bounds,
  leaseMs: duration,
  staleMs: duration,
});

/**
 * What `lease` returns: the current edition, which `answers` takes as `asOf` by its name, with its release and bounds.
 * `leaseMs`: milliseconds for which it stays current, counted from the answer; 0: it was current when asked. `staleMs`:
 * milliseconds for which its answers may be shown, marked STALE, while the bank is out of reach.
 */
export type Lease = Shaped<typeof lease>;

/** Checks what a bank sent as its lease. @throws {WrongAnswer} */
export const parseLease = (json: unknown): Lease | Failed =>
  "failure" in members(json, "lease") ? parseAs("lease", json, failed) : parseAs("lease", json, lease);
