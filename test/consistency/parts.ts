/** All that the simulation runs: a copy of these with a fault in it runs by itself. */
export const PARTS = [
  "cache",
  "subgraphs/releases/authority.ts",
  "sandbox/prng.ts",
  "test/cache/memory-store.ts",
  "test/consistency",
];
