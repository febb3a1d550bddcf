/** How long a bank's last calls took. */
export type Latency = {
  readonly add: (ms: number) => void;
  /** Milliseconds within which this part of the calls ended; null while too few are known. */
  readonly quantile: (part: number) => number | null;
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
    quantile(part) {
      if (kept.length < LEAST) return null;
      sorted ??= [...kept].sort((a, b) => a - b);
      return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? null;
    },
  };
};
