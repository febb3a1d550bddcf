import type { Delays } from "./measure.ts";
import type { Report } from "./soak.ts";

const list = (of: { readonly [name: string]: number }): string =>
  Object.entries(of)
    .sort()
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
const ms = ({ p50, p99, max }: Delays): string => `${p50.toFixed(1)} / ${p99.toFixed(1)} / ${max.toFixed(0)} ms`;
const share = (part: number, of: number): string => `${((100 * part) / Math.max(1, of)).toFixed(0)} %`;

/** What a soak found, a line each. */
export const table = (report: Report): string => {
  const { options, memory, growth, numbers } = report;
  const at = (i: number): string => {
    const { rssMb, heapMb, externalMb } = memory[i]!;
    return `RSS ${rssMb.toFixed(0)} MB, heap ${heapMb.toFixed(1)} MB, external ${externalMb.toFixed(1)} MB`;
  };
  const rows: readonly (readonly [string, string])[] = [
    ["soak", `${options.minutes} minutes, size ${options.size}, seed ${options.seed}, ${options.askers} askers`],
    ["questions", `${report.questions}, ${report.perSecond.toFixed(1)} a second: ${list(report.kinds)}`],
    ["statuses of banks", list(report.statuses)],
    ["done to banks", list(report.upset)],
    [
      "numbers compared",
      `${numbers}, above 0 ${share(report.positive, numbers)}, exact ${share(report.exact, numbers)}`,
    ],
    ["wrong answers", String(report.wrongs)],
    ["silent without cause", String(report.uncaused)],
    ["errors, HTTP 5xx, faults logged", `${report.errors.length}, ${report.http5xx}, ${report.logged.length}`],
    ["memory at the start", at(0)],
    ["  in the middle", at(memory.length >> 1)],
    ["  at the end", at(memory.length - 1)],
    [
      "  trend of the second half",
      `RSS ${growth.rssMb.toFixed(1)} MB, heap ${growth.heapMb.toFixed(1)} MB in ${growth.overSeconds.toFixed(0)} s`,
    ],
    ["/health, p50 / p99 / max", ms(report.health)],
    ["event loop of the gateway", ms(report.loop)],
    ["event loop of the soak", ms(report.ownLoop)],
    ["questions took", `${ms(report.took)}; after the deadline by ${report.lateMs.toFixed(0)} ms at most`],
    ["sockets", `${report.sockets.start} at the start, ${report.sockets.end} at the end`],
    ["every bank answers at the end", report.recovered ? "yes" : "no"],
    ["exit code of the gateway", String(report.exitCode)],
    ["verdict", report.failures.length === 0 ? "nothing is wrong" : report.failures.join("; ")],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const details = [...report.wrong, ...report.errors, ...report.logged.slice(0, 40)].map((line) => `- ${line}`);
  return [...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`), ...details].join("\n");
};
