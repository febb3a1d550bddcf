import type { Rate } from "./rate.ts";

/** The largest Int of GraphQL, which stands for no limit. */
const NO_LIMIT = 2 ** 31 - 1;

/** The rate of ODAN_RATE=off: nobody is ever refused. */
export const noRate = (): Rate => ({
  takeUnits: () => null,
  knock: () => null,
  takeForUnreadable: () => undefined,
  look: () => ({ left: NO_LIMIT, burst: NO_LIMIT, perMinute: NO_LIMIT }),
  untold: { take: () => [], learn: () => undefined, onMuch: () => undefined },
});
