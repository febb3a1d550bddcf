import { createHash } from "node:crypto";

/** The record of a run, for the checker. Times are those of the timeline, in ms. */
export type History = {
  readonly leaseMs: number;
  readonly staleMs: number;
  readonly patienceMs: number;
  readonly gateways: number;
  readonly editions: readonly EditionEvent[];
  readonly reads: readonly ReadEvent[];
  readonly answers: readonly AnswerEvent[];
  /** Questions that reached a bank's data. */
  readonly calls: readonly CallEvent[];
  readonly silences: readonly SilenceEvent[];
  /** Different bytes under one key of the shared store. */
  readonly conflicts: number;
  /** When the last fault ended. */
  readonly healedAt: number;
  readonly faults: Readonly<Record<string, number>>;
};

/** One edition that a bank made current. */
export type EditionEvent = {
  readonly bank: string;
  /** A WATCHED bank changes its data without notice: its gateways may lag by one lease. */
  readonly kind: "ANNOUNCED" | "WATCHED";
  readonly name: string;
  readonly ordinal: number;
  /** No answer before this time can be of this edition. */
  readonly flip: number;
  /** When the bank acknowledged the publication; null if it never did. */
  readonly ack: number | null;
  /** Whether it was ordered again with a purge, which makes another edition of the same release. */
  readonly again?: boolean;
};

/** One question to one bank by way of one gateway. */
export type ReadEvent = {
  readonly answer: number;
  readonly bank: string;
  readonly question: string;
  readonly session: number;
  /** A gateway in one of its lives. */
  readonly gateway: string;
  /** When it was sent, when the gateway took it up, and when the outcome was there. */
  readonly inv: number;
  readonly began: number;
  readonly res: number;
  /** Ordinals, as they were when the question was sent. */
  readonly floor: number | null;
  readonly pin: number | null;
  /** `LEFT`: the asker gave up. */
  readonly state: "FRESH" | "STALE" | "SUPERSEDED" | "FAILED" | "LEFT";
  readonly name: string | null;
  readonly ordinal: number | null;
  /** When the edition was known to be current; for FRESH and STALE. */
  readonly verified: number | null;
  readonly body: string | null;
  /** Why it failed. */
  readonly why: string | null;
};

/** One answer to a session: a part for each bank and page that it asked for. */
export type AnswerEvent = {
  readonly id: number;
  readonly inv: number;
  readonly res: number;
  /** The reads that it is made of. */
  readonly parts: readonly number[];
  readonly complete: boolean;
  readonly total: number;
};

export type CallEvent = {
  readonly bank: string;
  readonly name: string;
  readonly question: string;
  readonly at: number;
};

/** A bank did not say which edition is current. */
export type SilenceEvent = { readonly gateway: string; readonly bank: string; readonly at: number };

/** The one right body for a question to a bank in an edition. */
export const truth = (bank: string, name: string, question: string): string =>
  createHash("sha256").update(`${bank} ${name} ${question}`).digest("hex").slice(0, 12);

/** The number in a body. */
export const numberIn = (body: string): number => Number.parseInt(body.slice(0, 6), 16);

export const hashOf = (history: History): string => createHash("sha256").update(JSON.stringify(history)).digest("hex");
