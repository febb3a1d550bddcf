import { parseArgs } from "node:util";
import { table } from "./report.ts";
import { soak } from "./soak.ts";

/** `npm run -s soak -- --minutes 60 --size 0.02 --seed 1`: exit code 1 if anything is wrong. */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    size: { type: "string", default: "0.02" },
    seed: { type: "string", default: "1" },
    askers: { type: "string", default: "6" },
    "pause-ms": { type: "string", default: "10000" },
    "lease-ms": { type: "string", default: "5000" },
    "cache-mb": { type: "string", default: "2" },
    json: { type: "boolean", default: false },
  },
});
const above0 = (name: "minutes" | "size" | "seed" | "askers" | "pause-ms" | "lease-ms" | "cache-mb"): number => {
  const number = Number(values[name]);
  if (number > 0) return number;
  console.error(`soak: --${name}: wanted a number above 0, got ${values[name]}`);
  process.exit(2);
};

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());

const report = await soak({
  minutes: above0("minutes"),
  size: above0("size"),
  seed: above0("seed"),
  askers: above0("askers"),
  pauseMs: above0("pause-ms"),
  leaseMs: above0("lease-ms"),
  cacheMb: above0("cache-mb"),
  stop: stop.signal,
  progress: (line) => console.error(line),
});
console.log(values.json ? JSON.stringify(report, null, 2) : table(report));
process.exitCode = report.failures.length > 0 ? 1 : 0;
