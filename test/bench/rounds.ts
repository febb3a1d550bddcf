/** The middle of some numbers; of an even number of them the mean of the two in the middle. */
export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? Number.NaN) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
};

/**
 * Measures things in turn (A B A B ...) so that whatever disturbs the machine disturbs all of them, and gives the median of
 * each. The first round warms up and does not count.
 */
export const alternate = async <Name extends string>(
  rounds: number,
  measures: { readonly [N in Name]: () => Promise<number> },
): Promise<{ readonly [N in Name]: number }> => {
  const named = Object.entries<() => Promise<number>>(measures);
  const found = named.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, [, measure]] of named.entries()) found[at]!.push(await measure());
  }
  const medians = named.map(([name], at) => [name, median(found[at]!.slice(1))]);
  return Object.fromEntries(medians) as { readonly [N in Name]: number };
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
