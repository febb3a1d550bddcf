import { setTimeout as sleep } from "node:timers/promises";
import { settledWithin } from "../../net/deadline.ts";
import { ConfigError } from "../settings/config.ts";
import { fieldOf } from "./entry.ts";
import { type RedisLines, redisLines } from "./redis.ts";
import type { Replica, SignedEntry } from "./replica.ts";
import type { Reports } from "./reports.ts";

/** See redisPeer. */
export type RedisPeer = Awaited<ReturnType<typeof redisPeer>>;

/** How long a start waits for Redis, in ms. */
const CONNECT_MS = 3000;
/** Time in ms after which everything is read although no gateway has changed anything. */
const READ_MS = 10_000;
/** How long a write waits for the gateways that are up to hear of it, in ms, and how often it looks. */
const HEARD_MS = 5000;
const HEARD_LOOK_MS = 50;
/** Attempts of one write: another writer of the same name may come first. */
const ATTEMPTS = 20;

/** What was read last: the turn, how many lines, when, and how many changes this process's copy had seen by then. */
type Heard = { readonly turn: string | null; readonly length: number; readonly at: number; readonly changes: number };

/**
 * The state in Redis. What that has lost, or holds an older copy of, is put back there from this process's copy.
 * @throws {ConfigError} for a URL or settings of Redis that cannot be used
 */
export const redisPeer = async (url: string, replica: Replica, reports: Reports) => {
  let heard: Heard | null = null;
  let away = true;
  let unchecked = true;
  const { lines, connected } = connect(url, () => {
    unchecked = true;
  });

  /** Checks the settings of a Redis that was connected to anew: it may be another server. */
  const check = async (refuse: (says: string) => void): Promise<void> => {
    if (!unchecked) return;
    for (const { unknown, says } of await lines.settings())
      (unknown ? reports.warn : refuse)(`ODAN_STATE_URL: ${says}`);
    unchecked = false;
  };

  /** Reads what others have changed, and puts back what they have not got. */
  const pull = async (): Promise<void> => {
    const before = heard;
    const { turn, length } = await lines.look(before?.turn ?? null);
    const at = performance.now();
    if (before !== null && isUpToDate(before, { turn, length, at, changes: replica.changes() })) return;
    const stored = await lines.read();
    const { forged, over } = replica.takeLines([...stored].map(([field, line]) => ({ field, line })));
    reports.forged("Redis", forged);
    for (const { field, line } of over) await lines.swap(field!, line, null);
    if (before === null) replica.resign();
    await putBack(lines, replica, { stored, reports });
    heard = { turn, length: stored.size, at, changes: replica.changes() };
    // The writer waits for this word.
    if (before !== null && before.turn !== turn) await lines.look(turn);
  };

  await settledWithin(connected, CONNECT_MS);
  const refusals: string[] = [];
  await check((says) => refusals.push(says)).catch(() => undefined);
  if (refusals.length > 0) {
    await lines[Symbol.asyncDispose]();
    throw new ConfigError(refusals.join("\n"));
  }

  return {
    /** Whether Redis was out of reach at the last look, and whether it was ever within reach. */
    isAway: () => away,
    isKnown: () => heard !== null,
    /** Looks for what has changed. Never rejects. */
    async sync(): Promise<void> {
      try {
        await pull();
        away = false;
        reports.works("Redis", "the state store is back");
        await check(reports.error);
      } catch (why) {
        away = true;
        reports.failed("Redis", why, "the state store is away: the last copy serves, and nothing can be written");
      }
    },
    /**
     * Writes an entry. Rejects where it may not have been written.
     * @param make makes the entry once the newest one of its name is known
     * @returns the count of this change, for `isHeard`
     */
    async write(make: () => SignedEntry): Promise<number> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const field = fieldOf(make().entry);
        const stored = await lines.get(field);
        if (stored !== null) reports.forged("Redis", replica.takeLines([{ field, line: stored }]).forged);
        const made = make();
        const count = await lines.swap(field, stored, made.line);
        if (count === null) continue;
        replica.take(made);
        return count;
      }
      throw new Error(`wanted to write within ${ATTEMPTS} attempts, got another writer before each`);
    },
    /** Waits until every other gateway that is up has read the change of this count. Never rejects. */
    isHeard: (count: number): Promise<void> => untilHeard(lines, count, reports),
    [Symbol.asyncDispose]: lines[Symbol.asyncDispose],
  };
};

const connect = (url: string, up: () => void) => {
  let first: () => void = () => undefined;
  const connected = new Promise<void>((resolve) => {
    first = resolve;
  });
  try {
    const lines = redisLines(url, () => {
      first();
      up();
    });
    return { lines, connected };
  } catch (error) {
    throw new ConfigError(`ODAN_STATE_URL: ${(error as Error).message}`);
  }
};

const isUpToDate = (before: Heard, now: Heard): boolean =>
  before.turn === now.turn &&
  before.length === now.length &&
  before.changes === now.changes &&
  now.at - before.at < READ_MS;

type PutBack = { readonly stored: ReadonlyMap<string, string>; readonly reports: Reports };

/** Puts entries back that the store has lost or holds older copies of. Another gateway may be doing the same. */
const putBack = async (lines: RedisLines, replica: Replica, { stored, reports }: PutBack): Promise<void> => {
  let lacking = 0;
  for (const { entry, line } of replica.all()) {
    const field = fieldOf(entry);
    const was = stored.get(field) ?? null;
    if (was === line) continue;
    if ((await lines.swap(field, was, line)) !== null) lacking += 1;
  }
  if (lacking > 0) reports.restored(lacking);
};

const untilHeard = async (lines: RedisLines, count: number, reports: Reports): Promise<void> => {
  const late = performance.now() + HEARD_MS;
  for (;;) {
    const behind = await lines.behind(count).catch(() => 0);
    if (behind === 0) return;
    if (performance.now() > late) return reports.behind(behind);
    await sleep(HEARD_LOOK_MS);
  }
};
