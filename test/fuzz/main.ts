import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type FuzzReport, fuzz, replay } from "./fuzz.ts";

/**
 * `npm run -s fuzz -- --cases 1000000 --seed 1`: as many processes as there are cores share the cases. `--folder` keeps inputs that
 * had a new kind of answer, and those that failed; their files as arguments are sent again. Exit code 1 if anything is wrong, or memory is not flat.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: "string", default: "100000" },
    first: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    "socket-share": { type: "string", default: "0.12" },
    workers: { type: "string", default: String(availableParallelism()) },
    folder: { type: "string" },
  },
});
const numberOf = (name: "cases" | "first" | "seed" | "socket-share" | "workers"): number => {
  const number = Number(values[name]);
  if (number >= 0) return number;
  console.error(`fuzz: --${name}: wanted a number, got ${values[name]}`);
  process.exit(2);
};
const [cases, first, workers] = [numberOf("cases"), numberOf("first"), numberOf("workers")];

/** Growth of the heap that caches and compiled code explain, in MB, in a run that is long enough for it to show. */
const FLAT_MB = 64;
const LONG = 50_000;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());

const runHere = (): Promise<FuzzReport> =>
  fuzz({
    cases,
    stop: stop.signal,
    first,
    seed: numberOf("seed"),
    socketShare: numberOf("socket-share"),
    ...(values.folder === undefined ? {} : { folder: values.folder }),
    progress: (line) => console.error(line),
  });

/** Shares the cases among processes, and adds up what they report. */
const runInProcesses = async (): Promise<FuzzReport> => {
  const share = Math.ceil(cases / workers);
  const reports = await Promise.all(
    Array.from({ length: workers }, (_, i) => {
      const given = { ...values, cases: Math.min(share, cases - i * share), first: first + i * share, workers: 0 };
      const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
      return reportOf(fork(fileURLToPath(import.meta.url), args));
    }),
  );
  return reports.reduce(sumOf);
};

const reportOf = async (child: ChildProcess): Promise<FuzzReport> => {
  const died = once(child, "exit").then(([code]): FuzzReport => {
    const findings = [`a process ended with ${code}`];
    return { ...NOTHING, crashes: 1, findings };
  });
  stop.signal.addEventListener("abort", () => child.kill());
  const told = once(child, "message").then(([report]) => report as FuzzReport);
  const report = await Promise.race([told, died]);
  child.disconnect();
  return report;
};

const NOTHING: FuzzReport = {
  cases: 0,
  overSocket: 0,
  seconds: 0,
  crashes: 0,
  hangs: 0,
  unknownErrors: 0,
  kinds: 0,
  statuses: {},
  slowestMs: 0,
  slowest: 0,
  heapGrowthMb: 0,
  findings: [],
};

const slowestOf = ({ slowestMs, slowest }: FuzzReport) => ({ slowestMs, slowest });

const sumOf = (a: FuzzReport, b: FuzzReport): FuzzReport => ({
  cases: a.cases + b.cases,
  overSocket: a.overSocket + b.overSocket,
  seconds: Math.max(a.seconds, b.seconds),
  crashes: a.crashes + b.crashes,
  hangs: a.hangs + b.hangs,
  unknownErrors: a.unknownErrors + b.unknownErrors,
  kinds: Math.max(a.kinds, b.kinds),
  statuses: Object.fromEntries(
    Object.keys({ ...a.statuses, ...b.statuses }).map((status) => [
      status,
      (a.statuses[status] ?? 0) + (b.statuses[status] ?? 0),
    ]),
  ),
  ...(a.slowestMs > b.slowestMs ? slowestOf(a) : slowestOf(b)),
  heapGrowthMb: Math.max(a.heapGrowthMb, b.heapGrowthMb),
  findings: [...a.findings, ...b.findings],
});

if (positionals.length > 0) {
  for (const file of positionals) console.log([file, ...(await replay(readFileSync(file)))].join("\n  "));
  process.exit();
}

// A process of a run ends when the run has its report, or has gone.
process.once("disconnect", () => process.exit());

const report = workers < 2 ? await runHere() : await runInProcesses();
if (process.send) {
  process.send(report);
} else {
  const { overSocket, seconds, crashes, hangs, unknownErrors, kinds, slowestMs, slowest, heapGrowthMb } = report;
  for (const finding of report.findings) console.log(finding);
  console.log(JSON.stringify(report.statuses));
  console.log(
    `${report.cases} cases, ${overSocket} of them over a socket, seed ${values.seed}, ${Math.round(seconds)} s (${Math.round(report.cases / seconds)}/s): ` +
      `${crashes} crashes, ${hangs} hangs, ${unknownErrors} unknown errors; ` +
      `${kinds} kinds of answers, slowest ${Math.round(slowestMs)} ms (case ${slowest}), heap growth ${heapGrowthMb.toFixed(1)} MB`,
  );
  const isFlat = report.cases < LONG || heapGrowthMb < FLAT_MB;
  process.exit(crashes + hangs + unknownErrors > 0 || !isFlat ? 1 : 0);
}
