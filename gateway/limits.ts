import { LONGEST_DEADLINE_MS } from "../net/deadline.ts";
import { CALL_LIMITS, QUESTION_LIMITS } from "../schema/question-limits.ts";

/** Longest lease that a bank may be set to grant. */
export const LONGEST_LEASE_MS = 600_000;
/** Longest time that publishing takes: it waits for the leases to expire, and perhaps for another publication before it. */
export const LONGEST_PUBLISH_MS = 2 * LONGEST_LEASE_MS + 60_000;
/** Days that a token lasts where its administrator does not say, and at most. */
export const TOKEN_DAYS = { usual: 90, longest: 366 } as const;

/** Upper bounds of one question and of one request; docs/limits.md lists them. `limits` of the SDL serves those that it names. */
export const LIMITS = {
  ...QUESTION_LIMITS,
  /** Codes and other values of all criteria of one question. */
  codesPerQuestion: 1_000,
  facets: CALL_LIMITS.facets,
  /** Values that one facet lists. */
  first: CALL_LIMITS.readings,
  deadlineMs: LONGEST_DEADLINE_MS,
  /** Values of one axis of a facet, per bank. */
  axisValues: CALL_LIMITS.axisValues,
  /** Cells of one facet, per bank. */
  cellsPerFacet: CALL_LIMITS.cellsPerFacet,
  /** Cells of all facets of one request, per bank. */
  cells: CALL_LIMITS.cells,
  /** Fields of one request's answer, and what its searches cost in fields. */
  cost: 200_000,
  rootFields: 30,
  /** Keys of one field in one object of the answer. */
  aliases: 100,
  /** Words and signs of a document. */
  tokens: 5_000,
  /** Open subscriptions, and queries with @defer or @stream, on one connection. */
  streams: 4,
  /** Bytes of a request's body. */
  bodyBytes: 256 * 1024,
  /** Bytes of an answer, over all its parts. */
  answerBytes: 16 * 1024 * 1024,
} as const;
