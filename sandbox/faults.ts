/**
 * Faults of a bank's HTTP server, for tests and demonstrations; each server has the same switches and reads them for every
 * request. To refuse connections, call `close()`; to accept them again, `listen()` on the same port.
 */
export type Faults = {
  /** Slow: waits so many ms before every answer. */
  delayMs?: number;
  /** Resets every connection. */
  down?: boolean;
  /** Half-open: takes every request and never answers. */
  silent?: boolean;
  /** `page`: HTML in place of JSON; `bytes`: no JSON, though its content type says so; `cut`: the body ends in the middle. */
  garbage?: "page" | "bytes" | "cut";
  /** Sends the body byte by byte and waits so many ms after each. */
  dripMs?: number;
  /** 503, or the other status, with this many seconds of Retry-After. */
  busySeconds?: number;
  busyStatus?: 429 | 503;
  /** 401. */
  refuses?: boolean;
  /** Replaces every count; `of` is what was counted, in the API's own word for it. */
  wrongCount?: WrongCount;
};

/** Returns what the server sends in place of a count. */
export type WrongCount = (count: number, of: string) => unknown;

/** Counts that no bank can have. `impossible`: fewer samples than there are donors who have one. */
export const WRONG_COUNTS = {
  negative: (count) => -count - 1,
  huge: () => 1e15,
  fraction: (count) => count + 0.5,
  text: () => "many",
  impossible: (count, of) => (/sample|specimen/i.test(of) ? 0 : count),
} satisfies { readonly [name: string]: WrongCount };

const isWrong = (name: string): name is keyof typeof WRONG_COUNTS => Object.hasOwn(WRONG_COUNTS, name);

/** The faults by name. A number is milliseconds for `slow` and `drip`, seconds for `busy` and `too-many`. */
const NAMED: { readonly [name: string]: (value: string | undefined) => Faults | undefined } = {
  none: () => ({}),
  slow: (value) => numbered(value, 3000, (delayMs) => ({ delayMs })),
  down: () => ({ down: true }),
  "half-open": () => ({ silent: true }),
  garbage: () => ({ garbage: "bytes" }),
  page: () => ({ garbage: "page" }),
  cut: () => ({ garbage: "cut" }),
  drip: (value) => numbered(value, 1000, (dripMs) => ({ dripMs })),
  busy: (value) => numbered(value, 5, (busySeconds) => ({ busySeconds })),
  "too-many": (value) => numbered(value, 5, (busySeconds) => ({ busySeconds, busyStatus: 429 })),
  refuses: () => ({ refuses: true }),
  "wrong-counts": (value = "negative") => (isWrong(value) ? { wrongCount: WRONG_COUNTS[value] } : undefined),
};

const numbered = (value: string | undefined, usual: number, faults: (number: number) => Faults): Faults | undefined =>
  value === undefined || /^\d{1,6}$/.test(value) ? faults(Number(value ?? usual)) : undefined;

/** Reads a fault such as `slow`, `slow=500` or `wrong-counts=huge`. @throws {RangeError} one line that lists all faults */
export const faultsOf = (text: string): Faults => {
  const [name = "", value] = text.split("=");
  const faults = Object.hasOwn(NAMED, name) ? NAMED[name]!(value) : undefined;
  if (faults !== undefined) return faults;
  const known = Object.keys(NAMED).join(", ");
  throw new RangeError(
    `wanted one of ${known} (slow=ms, drip=ms, busy=seconds, wrong-counts=${Object.keys(WRONG_COUNTS).join("|")}), got ${text}`,
  );
};

/** Switches on the wanted faults and all others off. */
export const switchFaults = (faults: Faults, wanted: Faults): void => {
  for (const name of Object.keys(faults) as (keyof Faults)[]) delete faults[name];
  Object.assign(faults, wanted);
};
