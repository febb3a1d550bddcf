/** See latencyHistory. */
export type Latency = ReturnType<typeof latencyHistory>;

const KEPT = 200;
const LEAST = 20;

/** Latencies of the last 200 calls. */
export const latencyHistory = () => {
  const kept: number[] = [];
  let next = 0;
  let sorted: readonly number[] | null = null;
  return {
    add(ms: number): void {
      kept[next] = ms;
      next = (next + 1) % KEPT;
      sorted = null;
    },
    /** Quantile in ms, such as 0.95; null for fewer than 20 calls. */
    quantile(fraction: number): number | null {
      if (kept.length < LEAST) return null;
      sorted ??= [...kept].sort((a, b) => a - b);
      return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? null;
    },
  };
};
