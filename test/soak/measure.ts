import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import type { Sandbox } from "./sandbox.ts";

/** In megabytes; after garbage was collected. `at`: seconds since the start. */
export type MemorySample = {
  readonly at: number;
  readonly rssMb: number;
  readonly heapMb: number;
  readonly externalMb: number;
};
/** In milliseconds. */
export type Delays = { readonly p50: number; readonly p99: number; readonly max: number };

/** What is measured of a gateway from outside, while it is asked. */
export type Meter = AsyncDisposable & {
  readonly memory: readonly MemorySample[];
  readonly sample: () => Promise<void>;
  /** Latency of GET /health every 100 ms. */
  readonly health: () => Delays;
  /** How late the gateway's timers were, by itself. */
  readonly loop: () => Delays;
  readonly errors: readonly string[];
};

type Probed = { readonly n: number; readonly heapUsed: number; readonly external: number } & Delays;

const PROBED_MS = 60_000;

export const openMeter = (sandbox: Pick<Sandbox, "url" | "gateway" | "probeFile">): Meter => {
  const memory: MemorySample[] = [];
  const latencies: number[] = [];
  const loops: Delays[] = [];
  const errors: string[] = [];
  const started = performance.now();
  const ended = new AbortController();
  const agent = new Agent({ connections: 1 });
  /** While garbage is collected for a sample. */
  let sampling = 0;

  const ask = async (): Promise<void> => {
    const before = sampling;
    const from = performance.now();
    try {
      const { statusCode, body } = await request(`${sandbox.url}/health`, { dispatcher: agent });
      await body.dump();
      if (statusCode !== 200) throw new Error(`wanted 200, got ${statusCode}`);
    } catch (error) {
      errors.push(`/health: ${(error as Error).message}`);
    }
    if (before % 2 === 0 && before === sampling) latencies.push(performance.now() - from);
  };
  const asking = (async () => {
    while (!ended.signal.aborted) {
      const next = sleep(100, undefined, { signal: ended.signal }).catch(() => undefined);
      await ask();
      await next;
    }
  })();

  const probed = async (): Promise<Probed> => {
    const before = probeIn(sandbox.probeFile)?.n ?? 0;
    process.kill(sandbox.gateway, "SIGUSR2");
    for (const until = performance.now() + PROBED_MS; performance.now() < until; await sleep(20)) {
      const now = probeIn(sandbox.probeFile);
      if (now !== null && now.n > before) return now;
    }
    throw new Error(`wanted word of the gateway's memory within ${PROBED_MS} ms, got none`);
  };
  return {
    memory,
    errors,
    async sample() {
      sampling += 1;
      const { heapUsed, external, p50, p99, max } = await probed();
      sampling += 1;
      loops.push({ p50, p99, max });
      memory.push({
        at: (performance.now() - started) / 1000,
        rssMb: rssOf(sandbox.gateway),
        heapMb: heapUsed / 2 ** 20,
        externalMb: external / 2 ** 20,
      });
    },
    health: () => delaysOf(latencies),
    loop: () => ({
      p50: delaysOf(loops.map(({ p50 }) => p50)).p50,
      p99: delaysOf(loops.map(({ p99 }) => p99)).max,
      max: delaysOf(loops.map(({ max }) => max)).max,
    }),
    async [Symbol.asyncDispose]() {
      if (ended.signal.aborted) return;
      ended.abort();
      await asking;
      await agent.close();
    },
  };
};

const probeIn = (file: string): Probed | null => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Probed;
  } catch {
    return null;
  }
};

const rssOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

/** Open sockets of a process, once as many as half a second before, six times in a row. */
export const settledSockets = async (pid: number): Promise<number> => {
  let [last, same] = [-1, 0];
  for (let i = 0; i < 60 && same < 6; i++) {
    const now = socketsOf(pid);
    same = now === last ? same + 1 : 0;
    last = now;
    await sleep(500);
  }
  return last;
};
const socketsOf = (pid: number): number =>
  readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith("socket:");
    } catch {
      return false;
    }
  }).length;

export const delaysOf = (all: readonly number[]): Delays => {
  const sorted = [...all].sort((a, b) => a - b);
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
};

/** By how much a straight line through the points, fitted by least squares, rises from the first to the last. */
export const growth = (points: readonly (readonly [x: number, y: number])[]): number => {
  if (points.length < 2) return 0;
  const mean = (of: 0 | 1): number => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0);
  const under = points.reduce((sum, [px]) => sum + (px - x) ** 2, 0);
  return under === 0 ? 0 : (over / under) * (points.at(-1)![0] - points[0]![0]);
};
