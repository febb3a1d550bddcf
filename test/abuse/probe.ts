import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/** What a process tells of itself: CPU time since its start, and how late its event loop was since it was last asked, in ms. */
export type Probed = { readonly cpuMs: number; readonly p999: number; readonly max: number };

/** Preloaded into the gateway and the subgraph: answers each message of the parent with what it measured. */
if (isMainThread && process.send !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    const probed: Probed = {
      cpuMs: (user + system) / 1000,
      p999: delay.percentile(99.9) / 1e6,
      max: delay.max / 1e6,
    };
    delay.reset();
    process.send?.(probed);
  });
  // The channel alone is no reason to go on.
  process.channel?.unref();
}
