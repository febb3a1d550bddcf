import { setTimeout as sleep } from "node:timers/promises";
import { timeoutSignal } from "../../net/deadline.ts";
import { openAskers, type Seen } from "./askers.ts";
import { ANNOUNCED, BANKS, type Done, type Timelines, upset } from "./chaos.ts";
import { openCounsel } from "./counsel.ts";
import { type Delays, delaysOf, growth, type MemorySample, openMeter, settledSockets } from "./measure.ts";
import { startSandbox } from "./sandbox.ts";
import { timeline } from "./timeline.ts";

export type SoakOptions = {
  readonly minutes: number;
  readonly size: number;
  readonly seed: number;
  readonly askers: number;
  /** How long a bank is upset at most, in milliseconds; then it is well for up to three times as long. */
  readonly pauseMs: number;
  readonly leaseMs: number;
  /** Small, so that it is full long before the end: after that memory has no reason to grow. */
  readonly cacheMb: number;
  readonly progress: (line: string) => void;
  /** Ends the load early; what was found until then is reported. */
  readonly stop: AbortSignal;
};

/** All that a soak found. `failures` is empty where nothing was wrong. */
export type Report = Omit<Seen, "tookMs"> & {
  readonly options: Omit<SoakOptions, "progress" | "stop">;
  readonly seconds: number;
  readonly perSecond: number;
  readonly upset: Done;
  readonly took: Delays;
  readonly memory: readonly MemorySample[];
  /** Megabytes by which it rose over the second half, by a fitted line. */
  readonly growth: { readonly overSeconds: number; readonly rssMb: number; readonly heapMb: number };
  readonly health: Delays;
  readonly loop: Delays;
  /** How late the timers of the soak's own process were: what it measures is no finer. */
  readonly ownLoop: Delays;
  readonly sockets: { readonly start: number; readonly end: number };
  /** Lines of the logs that speak of a fault of ours. */
  readonly logged: readonly string[];
  readonly recovered: boolean;
  readonly exitCode: number;
  readonly failures: readonly string[];
};

/** Before memory is measured for the first time. */
const WARM_UP = 0.15;
const WARM_UP_MOST_MS = 60_000;
/** A trend over less than this says nothing. */
const TREND_S = 180;

/** Runs the sandbox and the gateway under load and with faults, and judges every answer. */
export const soak = async (options: SoakOptions): Promise<Report> => {
  const { minutes, size, seed, progress } = options;
  const ms = minutes * 60_000;
  progress(`starting the sandbox at size ${size}`);
  await using sandbox = await startSandbox(options);
  await using counsel = await openCounsel(size);
  await using meter = openMeter(sandbox);
  const timelines = Object.fromEntries(
    BANKS.map((bank) => [bank, timeline(ANNOUNCED.has(bank) ? 0 : options.leaseMs)]),
  ) as Timelines;
  const own = ownLoop();
  const askers = openAskers({ url: sandbox.url, seed, askers: options.askers, timelines, counsel });
  progress(`asking ${sandbox.url} for ${minutes} minutes`);

  const warmMs = Math.min(WARM_UP_MOST_MS, ms * WARM_UP);
  await askers.run(timeoutSignal(options.stop, warmMs));
  progress(`warm after ${askers.seen.questions} questions`);
  const atStart = await settledSockets(sandbox.gateway);
  await meter.sample();

  const over = timeoutSignal(options.stop, ms - warmMs);
  const started = performance.now();
  const sampling = (async () => {
    while (!over.aborted) {
      await sleep(Math.max(2000, ms / 60), undefined, { signal: over }).catch(() => undefined);
      await meter.sample();
      const { questions, wrongs } = askers.seen;
      const { heapMb, rssMb } = meter.memory.at(-1)!;
      const at = Math.round((performance.now() - started) / 1000);
      progress(
        `${at} s: ${questions} questions, ${wrongs} wrong, heap ${heapMb.toFixed(1)} MB, RSS ${rssMb.toFixed(0)} MB`,
      );
    }
  })();
  const [done] = await Promise.all([
    upset(sandbox, timelines, { seed, pauseMs: options.pauseMs, signal: over }),
    askers.run(over),
    sampling,
  ]);
  const seconds = (performance.now() - started) / 1000;
  progress("waiting for every bank to answer again");
  const recovered = await allAnswer(sandbox.url);
  await askers[Symbol.asyncDispose]();
  const atEnd = await settledSockets(sandbox.gateway);
  await meter.sample();
  const ownDelays = own();
  await meter[Symbol.asyncDispose]();
  const lines = [...sandbox.lines];
  const exitCode = await sandbox.end();

  const { tookMs, ...seen } = askers.seen;
  const half = meter.memory.slice(meter.memory.length >> 1);
  const rise = (of: "rssMb" | "heapMb"): number => growth(half.map((sample) => [sample.at, sample[of]] as const));
  const { progress: _, stop: __, ...given } = options;
  const report: Omit<Report, "failures"> = {
    ...{ options: given, seconds, perSecond: seen.questions / (seconds + warmMs / 1000), ...seen, upset: done },
    ...{ took: delaysOf(tookMs), memory: meter.memory, health: meter.health(), loop: meter.loop(), ownLoop: ownDelays },
    errors: [...seen.errors, ...meter.errors],
    growth: {
      overSeconds: (half.at(-1)?.at ?? 0) - (half[0]?.at ?? 0),
      ...{ rssMb: rise("rssMb"), heapMb: rise("heapMb") },
    },
    sockets: { start: atStart, end: atEnd },
    ...{ logged: lines.filter(isFault), recovered, exitCode },
  };
  return { ...report, failures: failuresOf(report) };
};

/** Whether every bank answers a question within a minute. */
const allAnswer = async (url: string): Promise<boolean> => {
  for (const until = performance.now() + 60_000; performance.now() < until; await sleep(500)) {
    const body = JSON.stringify({ query: "{ search(where: {}) { complete } }" });
    const headers = { "content-type": "application/json" };
    const { data } = (await (await fetch(`${url}/graphql`, { method: "POST", headers, body })).json()) as {
      readonly data?: { readonly search: { readonly complete: boolean } };
    };
    if (data?.search.complete) return true;
  }
  return false;
};

/** What the processes say of themselves is expected, and so is what the gateway's log says of banks. */
const isFault = (line: string): boolean => {
  if (!line.startsWith("{")) return !/^(bbj|cancer|ncbn|rare|tmm|Publish another|Odan answers)\b/.test(line);
  const { level, msg } = JSON.parse(line) as { readonly level?: string; readonly msg?: string };
  return level === "fatal" || /a fault of|cut off|forged|conflict/.test(msg ?? "");
};

const failuresOf = (report: Omit<Report, "failures">): readonly string[] => {
  const { wrongs, errors, http5xx, logged, recovered, exitCode, sockets, growth: grown, memory, numbers } = report;
  const last = memory.at(-1)!;
  const long = grown.overSeconds >= TREND_S;
  return [
    ...(numbers === 0 ? ["no number was compared"] : []),
    ...(wrongs > 0 ? [`${wrongs} wrong answers`] : []),
    ...(errors.length > 0 ? [`${errors.length} errors`] : []),
    ...(http5xx > 0 ? [`${http5xx} answers of HTTP 5xx`] : []),
    ...(logged.length > 0 ? [`${logged.length} faults in the logs`] : []),
    ...(recovered ? [] : ["the banks did not all answer again"]),
    ...(exitCode === 0 ? [] : [`exit code ${exitCode}`]),
    ...(sockets.end > sockets.start + 16 ? [`${sockets.end} sockets at the end, ${sockets.start} at the start`] : []),
    ...(long && grown.heapMb > Math.max(8, 0.1 * last.heapMb)
      ? [`the heap grew by ${grown.heapMb.toFixed(1)} MB`]
      : []),
    ...(long && grown.rssMb > Math.max(48, 0.15 * last.rssMb) ? [`RSS grew by ${grown.rssMb.toFixed(1)} MB`] : []),
  ];
};

/** How late this process's timers are, from now on. */
const ownLoop = (): (() => Delays) => {
  const late: number[] = [];
  let before = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    late.push(Math.max(0, now - before - 20));
    before = now;
  }, 20);
  return () => {
    clearInterval(timer);
    return delaysOf(late);
  };
};
