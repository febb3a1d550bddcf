/** Latencies of the last 200 calls. */
export type Latency = {
  readonly add: (ms: number) => void;
  /** Quantile in ms, such as 0.95; null for fewer than 20 calls. */
  readonly quantile: (fraction: number) => number | null;
};

const KEPT = 200;
const LEAST = 20;

export const latencyHistory = (): Latency => {
  const kept: number[] = [];
  let next = 0;
  let sorted: readonly number[] | null = null;
  return {
    add(ms) {
      kept[next] = ms;
      next = (next + 1) % KEPT;
      sorted = null;
    },
    quantile(fraction) {
      if (kept.length < LEAST) return null;
      sorted ??= [...kept].sort((a, b) => a - b);
      return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? null;
    },
  };
};
