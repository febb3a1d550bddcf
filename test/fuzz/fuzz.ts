import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { judged } from "./judge.ts";
import { randomOf } from "./random.ts";
import { type Case, caseOf } from "./requests.ts";
import { type Connection, openTown } from "./town.ts";

export type FuzzOptions = {
  readonly cases: number;
  /** Number of the first case: with the seed, it says what each case is made of. Default: 0. */
  readonly first?: number;
  readonly seed: number;
  /** Part of the cases that go over a real socket. */
  readonly socketShare: number;
  /** Where inputs that had a new kind of answer, and those that failed, are written. Default: nowhere. */
  readonly folder?: string;
  /** Stands in for the gateway's listener. */
  readonly replaced?: RequestListener;
  readonly progress?: (line: string) => void;
  /** Ends the run early, with a report of what it came to. */
  readonly stop?: AbortSignal;
};

/** What a run came to. Times and memory are of this process. */
export type FuzzReport = {
  readonly cases: number;
  readonly overSocket: number;
  readonly seconds: number;
  readonly crashes: number;
  readonly hangs: number;
  readonly unknownErrors: number;
  /** Kinds of answers: status, and code with its message. */
  readonly kinds: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  /** Number of the case that took longest. */
  readonly slowest: number;
  /** Growth of the heap from the first fifth of the cases to the last, in MB, both after garbage collection. */
  readonly heapGrowthMb: number;
  /** The first hundred, each with its case. */
  readonly findings: readonly string[];
};

const CORPUS = new URL("./corpus/", import.meta.url);
const AT_ONCE = 32;
/** How often a connection is looked at for whether something may still come, in ms. */
const LOOK_MS = 25;
/** A case without an end after this long, in ms, and after so much work of this process, hangs; and one after this long anyway. */
const HANG_MS = 10_000;
const HANG_CPU_MS = 5000;
const LONGEST_MS = 120_000;
/** Inputs that are kept in memory, and their length. */
const MOST_KEPT = 2000;
const LONGEST_KEPT = 4000;

/** Sends cases to a gateway and judges what comes back. Everything but the timing follows from the seed. */
export const fuzz = async (options: FuzzOptions): Promise<FuzzReport> => {
  const { cases, first = 0, seed, socketShare, folder, replaced, stop, progress = () => undefined } = options;
  await using town = await openTown(replaced);
  const corpus: Buffer[] = readdirSync(CORPUS)
    .sort()
    .map((file) => readFileSync(new URL(file, CORPUS)));
  const known = new Set<string>();
  const found = { crashes: 0, hangs: 0, unknownErrors: 0, overSocket: 0, slowestMs: 0, slowest: 0 };
  const statuses: Record<string, number> = {};
  const findings: string[] = [];
  const report = (wrong: string, at: number, bytes: Buffer): void => {
    if (findings.length < 100) findings.push(`case ${at}: ${wrong}`);
    if (folder !== undefined) keep(join(folder, "findings"), bytes);
  };
  const crashed = (error: unknown): void => {
    found.crashes += 1;
    findings.push(`a crash: ${error instanceof Error ? error.stack : String(error)}`);
  };
  process.on("uncaughtException", crashed).on("unhandledRejection", crashed);
  const started = performance.now();
  let next = 0;
  let heapAfterStart = 0;

  const one = async (at: number): Promise<void> => {
    const random = randomOf(seed * 1_000_003 + at);
    const sent = caseOf(random, corpus);
    const overSocket = random.chance(socketShare);
    if (overSocket) found.overSocket += 1;
    const began = performance.now();
    const received = await answerTo(town.open(overSocket), sent);
    const ms = performance.now() - began;
    if (ms > found.slowestMs) Object.assign(found, { slowestMs: ms, slowest: at });
    if (received === null) {
      found.hangs += 1;
      return report("hangs", at, sent.bytes);
    }
    if (sent.leaves) return;
    const { wrong, kind, replies } = judged(received);
    for (const { status } of replies) statuses[status] = (statuses[status] ?? 0) + 1;
    const logged = town.faults();
    if (wrong !== null || logged.length > 0) {
      found.unknownErrors += 1;
      report(wrong ?? `logs an error: ${logged[0]?.slice(0, 600)}`, at, sent.bytes);
    }
    if (known.has(kind) || sent.bytes.length > LONGEST_KEPT || corpus.length >= MOST_KEPT) return;
    known.add(kind);
    corpus.push(sent.bytes);
    if (folder !== undefined) keep(join(folder, "corpus"), sent.bytes);
  };
  const worker = async (): Promise<void> => {
    while (next < cases && !stop?.aborted) {
      const at = next++;
      await one(first + at);
      if (at === Math.floor(cases / 5)) heapAfterStart = usedHeap();
      if (at % 20_000 === 0)
        progress(
          `${at} cases, ${Math.round(at / ((performance.now() - started) / 1000))}/s, ${corpus.length} kept, ${findings.length} findings`,
        );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const seconds = (performance.now() - started) / 1000;
  const heapGrowthMb = heapAfterStart === 0 ? 0 : (usedHeap() - heapAfterStart) / 2 ** 20;
  process.off("uncaughtException", crashed).off("unhandledRejection", crashed);
  return { cases: next, seconds, ...found, kinds: known.size, statuses, heapGrowthMb, findings };
};

/** Sends one input again, in the process and over a socket, and says what came of it each time. */
export const replay = async (bytes: Buffer): Promise<readonly string[]> => {
  await using town = await openTown();
  const told: string[] = [];
  for (const overSocket of [false, true]) {
    const received = await answerTo(town.open(overSocket), { bytes, leaves: false });
    const { wrong, kind } = received === null ? { wrong: "hangs", kind: "" } : judged(received);
    told.push(`${overSocket ? "socket" : "stream"}: ${wrong ?? "right"}; ${kind}`, ...town.faults());
  }
  return told;
};

/**
 * All bytes that come back on a connection; null where it has no end. The client closes its side once nothing of it can be
 * answered any more: earlier, Node would break off what runs.
 */
const answerTo = ({ client: connection, isBusy }: Connection, { bytes, leaves }: Case): Promise<Buffer | null> =>
  new Promise((resolve) => {
    const received: Buffer[] = [];
    let receivedAt = 0;
    const end = (answer: Buffer | null): void => {
      clearInterval(looking);
      connection.destroy();
      resolve(answer);
    };
    const began = { at: performance.now(), cpu: process.cpuUsage() };
    const looking = setInterval(() => {
      if (isHanging(began)) return end(null);
      if (!isBusy() && performance.now() - receivedAt > LOOK_MS) connection.end();
    }, LOOK_MS);
    connection
      .on("data", (chunk: Buffer) => {
        receivedAt = performance.now();
        received.push(chunk);
      })
      .on("end", () => end(Buffer.concat(received)))
      .on("close", () => end(Buffer.concat(received)))
      // The gateway may close a connection on which it has refused something, while the rest is still sent.
      .on("error", () => end(Buffer.concat(received)));
    if (!leaves) return void connection.write(bytes);
    connection.write(bytes.subarray(0, Math.ceil(bytes.length / 2)));
    setImmediate(() => {
      connection.write(bytes.subarray(Math.ceil(bytes.length / 2)));
      setImmediate(() => end(Buffer.alloc(0)));
    });
  });

type Began = { readonly at: number; readonly cpu: NodeJS.CpuUsage };

/** On a machine that is busy with other things, this process may get little time: then it is given more. */
const isHanging = ({ at, cpu }: Began): boolean => {
  const ms = performance.now() - at;
  if (ms < HANG_MS) return false;
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1000 > HANG_CPU_MS || ms > LONGEST_MS;
};

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const usedHeap = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

const keep = (folder: string, bytes: Buffer): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}.http`), bytes);
};
