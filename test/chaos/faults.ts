import { WRONG_COUNTS, type WrongCount } from "../../sandbox/faults.ts";
import type { BrokenReason } from "../../schema/broken-reasons.ts";
import type { AnswerStatus } from "../../schema/public-answer.ts";
import type { HttpFault } from "../faults/http-proxy.ts";
import type { Mode } from "../faults/tcp-proxy.ts";

/** What goes wrong, and what a bank that was not asked that question before then looks like. */
export type Fault = {
  readonly http?: HttpFault;
  readonly tcp?: Mode;
  readonly dns?: "gone";
  /** What the local API tells in place of its counts. */
  readonly lies?: WrongCount;
  readonly sql?: "locked" | "killed" | "noise";
  readonly files?: "missing" | "cut" | "garbage" | "no announcement" | "changing";
  /** It is there before the gateway is: what is loaded once is loaded with it. */
  readonly fromStart?: true;
  readonly statuses: readonly AnswerStatus[];
  /** Any of them. */
  readonly reasons?: readonly BrokenReason[];
  readonly retryAfterMs?: number;
  /** Which release is current can be asked all the same: what is known stays ANSWERED. */
  readonly sparesLease?: true;
  /** 500 unless there is much to be sent. */
  readonly deadlineMs?: number;
  /** Less than what an answer may come later than its deadline by rule. */
  readonly graceMs?: number;
  /** More than what it may take by rule until the bank is ANSWERED again. */
  readonly mendedMs?: number;
};

/** A fault at every edge, or the reason for which it makes no sense there. `http` stands for beacon, sqon and fhir. */
export type Row = {
  readonly name: string;
  readonly http: Fault | string;
  /** Default: as `http`. */
  readonly remote?: Fault | string;
  readonly sqon?: Fault | string;
  readonly omop: Fault | string;
  readonly tabular: Fault | string;
  /** The one cell of this row that every run of the tests goes through. */
  readonly always: "beacon" | "sqon" | "fhir" | "remote" | "omop" | "tabular";
};

const UNREACHABLE = { statuses: ["UNREACHABLE"] } as const;
const TIMED_OUT = { statuses: ["TIMED_OUT"] } as const;
const BUSY = { statuses: ["BUSY"], retryAfterMs: 2000 } as const;
const broken = (...reasons: readonly BrokenReason[]) => ({ statuses: ["BROKEN"], reasons }) as const;
const ANSWERED = { statuses: ["ANSWERED"], sparesLease: true } as const;

const NO_TLS =
  "the way from a gateway to a subgraph trusts the public authorities: no certificate of a test is one of theirs";
const NO_WIRE = "files of this machine: there is no wire";
const NO_HTTP = "PostgreSQL is not asked over HTTP";
const BY_ENGINE = "PostgreSQL and DuckDB count themselves; what an adapter makes of it is checked in the subgraph";

export const ROWS: readonly Row[] = [
  {
    name: "refuse",
    http: { http: { kind: "refuse" }, ...UNREACHABLE },
    omop: { tcp: { kind: "refuse" }, ...UNREACHABLE },
    tabular: { files: "missing", fromStart: true, ...UNREACHABLE },
    always: "beacon",
  },
  {
    name: "gone after it was read",
    http: "a server keeps what it serves: this is `refuse`",
    omop: "a server keeps what it serves: this is `refuse`",
    tabular: { files: "missing", ...ANSWERED },
    always: "tabular",
  },
  {
    name: "reset",
    http: { http: { kind: "reset" }, ...UNREACHABLE },
    omop: { tcp: { kind: "reset" }, ...UNREACHABLE },
    tabular: NO_WIRE,
    always: "sqon",
  },
  {
    name: "half-open",
    http: { http: { kind: "half-open" }, ...TIMED_OUT },
    omop: { tcp: { kind: "drop" }, ...TIMED_OUT },
    tabular: NO_WIRE,
    always: "fhir",
  },
  {
    name: "taken and never answered",
    http: { http: { kind: "silent" }, ...TIMED_OUT },
    // The same question goes on waiting for the call that was made, which is given up after ten seconds; others do not.
    remote: { http: { kind: "silent" }, ...TIMED_OUT, mendedMs: 10_000 },
    omop: "this is `a lock held`",
    tabular: NO_WIRE,
    always: "beacon",
  },
  {
    name: "ten seconds late",
    http: { http: { kind: "delay", ms: 10_000 }, ...TIMED_OUT, graceMs: 50 },
    omop: { tcp: { kind: "delay", ms: 10_000 }, ...TIMED_OUT, graceMs: 50 },
    tabular:
      "a release is read once and answers from memory; a pipe in place of a file is refused (test/adapters/tabular)",
    always: "remote",
  },
  {
    name: "a byte a second",
    http: { http: { kind: "drip", ms: 1000 }, ...TIMED_OUT },
    // As above: the call lasts its ten seconds.
    remote: { http: { kind: "drip", ms: 1000 }, ...TIMED_OUT, mendedMs: 10_000 },
    omop: "the driver waits for whole messages, so that it sees `ten seconds late`",
    tabular: NO_WIRE,
    always: "sqon",
  },
  {
    name: "cut, reset",
    http: { http: { kind: "cut", how: "reset" }, ...UNREACHABLE },
    omop: { tcp: { kind: "cut", bytes: 30 }, ...UNREACHABLE },
    tabular: { files: "cut", fromStart: true, statuses: ["BROKEN"] },
    always: "remote",
  },
  {
    name: "cut, ended",
    http: { http: { kind: "cut", how: "end" }, ...UNREACHABLE },
    omop: "a message of PostgreSQL says how long it is: the same as `cut, reset`",
    tabular: NO_WIRE,
    always: "fhir",
  },
  {
    name: "no HTTP, no SQL, no Parquet",
    http: { http: { kind: "garbage", what: "bytes" }, ...broken("NOT_HTTP") },
    omop: { sql: "noise", statuses: ["BROKEN", "UNREACHABLE"] },
    tabular: { files: "garbage", fromStart: true, statuses: ["BROKEN"] },
    always: "omop",
  },
  {
    name: "garbage under its own type",
    http: { http: { kind: "garbage", what: "body" }, ...broken("WRONG_FORM") },
    omop: NO_HTTP,
    tabular: { files: "no announcement", fromStart: true, statuses: ["BROKEN"] },
    always: "beacon",
  },
  {
    name: "a page",
    http: { http: { kind: "garbage", what: "page" }, ...broken("WRONG_FORM") },
    omop: NO_HTTP,
    tabular: NO_WIRE,
    always: "sqon",
  },
  {
    name: "TLS where there was none",
    http: { http: { kind: "garbage", what: "tls" }, statuses: ["UNREACHABLE", "BROKEN"] },
    omop: "the server tells first whether it speaks TLS; a refusal is tested in test/adapters/omop",
    tabular: NO_WIRE,
    always: "fhir",
  },
  ...(
    [
      ["untrusted", "beacon"],
      ["expired", "sqon"],
      ["of another host", "fhir"],
    ] as const
  ).map(
    ([which, always]): Row => ({
      name: `a certificate: ${which}`,
      http: { http: { kind: "certificate", which }, ...UNREACHABLE },
      remote: NO_TLS,
      omop: "the same certificates are tested in test/adapters/omop-tls",
      tabular: NO_WIRE,
      always,
    }),
  ),
  {
    name: "no such name",
    http: { dns: "gone", ...UNREACHABLE },
    omop: "the driver looks names up as the others do, and reaches this server by its number",
    tabular: NO_WIRE,
    always: "beacon",
  },
  {
    name: "redirect loop",
    http: { http: { kind: "redirect" }, ...broken("REDIRECTED") },
    omop: NO_HTTP,
    tabular: NO_WIRE,
    always: "fhir",
  },
  {
    name: "gzip bomb",
    http: { http: { kind: "flood", what: "gzip" }, ...broken("COMPRESSED"), deadlineMs: 5000 },
    omop: NO_HTTP,
    tabular: "Parquet is compressed by nature; who may write the bank's export is the bank",
    always: "remote",
  },
  {
    name: "endless body",
    http: { http: { kind: "flood", what: "endless" }, ...broken("TOO_LARGE"), deadlineMs: 10_000 },
    omop: "more than the limit takes a server longer than the second that it has here: test/adapters/omop-limits",
    tabular: NO_WIRE,
    always: "sqon",
  },
  {
    name: "a million levels",
    http: { http: { kind: "flood", what: "deep" }, ...broken("TOO_DEEP"), deadlineMs: 5000 },
    omop: NO_HTTP,
    tabular: "release.json alone is nested, and is read by a schema",
    always: "beacon",
  },
  {
    name: "429, seconds",
    http: { http: { kind: "busy", status: 429, after: "seconds" }, ...BUSY },
    omop: "too many connections (53300) is tested in test/adapters/omop",
    tabular: NO_WIRE,
    always: "sqon",
  },
  {
    name: "503, a date",
    http: { http: { kind: "busy", status: 503, after: "date" }, ...BUSY },
    omop: NO_HTTP,
    tabular: NO_WIRE,
    always: "beacon",
  },
  {
    name: "clock a day ahead",
    http: { http: { kind: "skew", ms: 86_400_000 }, ...ANSWERED },
    omop: "no time of the server's is read",
    tabular: "no time but that of the files is read, and only to tell them apart",
    always: "remote",
  },
  {
    name: "flapping",
    http: { http: { kind: "flap" }, statuses: ["ANSWERED", "UNREACHABLE"] },
    omop: { sql: "killed", statuses: ["ANSWERED", "UNREACHABLE"] },
    // It may take longer to see that it changed than the asker waits for a lease.
    tabular: { files: "changing", fromStart: true, statuses: ["BUSY", "TIMED_OUT"] },
    always: "omop",
  },
  {
    name: "a lock held",
    http: "no locks are known of over HTTP: this is `ten seconds late`",
    omop: { sql: "locked", ...TIMED_OUT },
    tabular: "a release is read once and answers from memory",
    always: "omop",
  },
  ...(
    [
      ["negative", "beacon", "NEGATIVE_COUNT"],
      // The known counts that go with a FHIR server's bundle are contradicted first.
      ["huge", "sqon", "ABOVE_BOUND", "CONTRADICTION"],
      ["fraction", "fhir", "NOT_A_COUNT"],
      ["text", "remote", "NOT_A_COUNT"],
      // Where samples bound the donors, these contradict themselves first.
      ["impossible", "remote", "TOO_FEW_SAMPLES", "CONTRADICTION"],
    ] as const
  ).map(
    ([lie, always, ...reasons]): Row => ({
      name: `lies: ${lie}`,
      http: { lies: WRONG_COUNTS[lie], ...broken(...reasons), sparesLease: true },
      // Fewer samples than when the release was opened: a part of the search engine is down.
      ...(lie === "impossible" && { sqon: { lies: WRONG_COUNTS[lie], ...UNREACHABLE, sparesLease: true } }),
      omop: BY_ENGINE,
      tabular: BY_ENGINE,
      always,
    }),
  ),
];
