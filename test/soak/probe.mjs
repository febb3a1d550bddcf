import { renameSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Loaded into the gateway by the soak alone: on SIGUSR2 collects garbage and writes what is left, and how late timers were
 * since the last time, to the file that SOAK_PROBE names. `n` counts the writes.
 */
const file = process.env.SOAK_PROBE;
if (file !== undefined && process.argv[1]?.endsWith("gateway/main.ts")) {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let n = 0;
  process.on("SIGUSR2", () => {
    const [p50, p99, max] = [delay.percentile(50), delay.percentile(99), delay.max].map((ns) => ns / 1e6);
    collect();
    const { rss, heapUsed, external } = process.memoryUsage();
    n += 1;
    writeFileSync(`${file}.new`, JSON.stringify({ n, rss, heapUsed, external, p50, p99, max }));
    renameSync(`${file}.new`, file);
    delay.reset();
  });
}
