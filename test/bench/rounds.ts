/** The middle of some numbers; of an even number of them the mean of the two in the middle. */
export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? Number.NaN) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
};

/**
 * Measures two things in turn (A B A B ...) so that whatever disturbs the machine disturbs both, and gives the median of
 * each. The first round warms up and does not count.
 */
export const alternate = async (
  rounds: number,
  a: () => Promise<number>,
  b: () => Promise<number>,
): Promise<{ readonly a: number; readonly b: number }> => {
  const measured: { a: number; b: number }[] = [];
  for (let round = 0; round <= rounds; round++) measured.push({ a: await a(), b: await b() });
  const counted = measured.slice(1);
  return { a: median(counted.map((round) => round.a)), b: median(counted.map((round) => round.b)) };
};

/** Milliseconds that one call takes, as the mean over so many calls one after another that they last long enough. */
export const msPerCall = async (call: () => Promise<unknown>, atLeastMs: number): Promise<number> => {
  const started = performance.now();
  let calls = 0;
  do {
    await call();
    calls += 1;
  } while (performance.now() - started < atLeastMs);
  return (performance.now() - started) / calls;
};
