import { QUESTION_LIMITS } from "../schema/question-limits.ts";

/** Longest lease that a bank may be set to give. */
export const LONGEST_LEASE_MS = 600_000;
/** Longest that publishing takes: it waits for the leases, and may stand in line behind another change. */
export const LONGEST_PUBLISH_MS = 2 * LONGEST_LEASE_MS + 60_000;

/** What one question may hold at most. `limits` of the SDL serves those that it names. */
export const LIMITS = {
  ...QUESTION_LIMITS,
  facets: 9,
  /** Values that one facet lists. */
  first: 200,
  deadlineMs: 30_000,
  /** Values of one axis of a facet that a bank is asked for. */
  axisValues: 2_100,
  /** Cells of one facet that a bank is asked for. */
  cells: 2_500,
  /** Searches, readings and availabilities in one HTTP request. */
  searches: 50,
  /** Subscriptions, and queries with @defer or @stream, that are open on one connection. */
  streams: 4,
  /** Bytes of a request's body. */
  bodyBytes: 256 * 1024,
} as const;
