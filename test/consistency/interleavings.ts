import type { Scheduler } from "fast-check";
import { createAnswers } from "../../cache/answers.ts";
import type { Lease } from "../../cache/lease.ts";
import { createReader, EDITION_GONE, type Reader } from "../../cache/reader.ts";
import { sealWith } from "../../cache/seal.ts";
import type { Store } from "../../cache/store.ts";
import type { Clock } from "../../net/clock.ts";
import type { Edition } from "../../schema/release.ts";
import { type Authority, type Current, openAuthority } from "../../subgraphs/releases/authority.ts";
import { memoryStore } from "../cache/memory-store.ts";
import { type EditionEvent, type History, type ReadEvent, truth } from "./history.ts";

/** Who asks what in which order; when anything of it happens is the scheduler's choice. */
export type Program = {
  readonly sessions: readonly (readonly Ask[])[];
  /** `restart`: the bank's process dies and is there again, with what is on its disk. */
  readonly bank: readonly ("publish" | "restart")[];
  /** Which of the calls for a lease fail. */
  readonly silent: readonly boolean[];
};

export type Ask = { readonly gateway: 0 | 1; readonly question: "p" | "q"; readonly wants: "any" | "floor" | "pin" };

/** Longer than what a store is waited for, so that leases outlive most questions. */
const LEASE_MS = 1500;
const PATIENCE_MS = 2000;
const MOST_STEPS = 3000;
const BANK = "A";

/**
 * One bank, two gateways and a store, whose every message and wake-up is a task of the scheduler. Times in the history are
 * the order of events.
 */
export const interleave = async ({ sessions, bank, silent }: Program, s: Scheduler): Promise<History> => {
  let order = 0;
  const tick = (): number => {
    order += 1;
    return order;
  };
  const message = (label: string): Promise<void> => s.schedule(Promise.resolve(), label);

  let now = 0;
  const sleepers: { readonly due: number; readonly wake: () => void }[] = [];
  /** Each wake-up advances time a little; messages, of which there are far more, do not. */
  const passTime = (): void => {
    sleepers.sort((a, b) => a.due - b.due);
    const next = sleepers.shift();
    if (next === undefined) return;
    now = Math.max(now, next.due);
    next.wake();
  };
  const clockOf = (isAlive: () => boolean): Clock => ({
    mono: () => now,
    wall: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { due: now + ms, wake: () => isAlive() && resolve() };
        sleepers.push(sleeper);
        let isCancelled = false;
        const leave = (): void => {
          // A sleeper that another's turn woke gives its own turn to that one.
          if (!sleepers.includes(sleeper)) return;
          isCancelled = true;
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", leave, { once: true });
        const pass = async (): Promise<void> => {
          for (let i = 0; i < 3 && !isCancelled; i += 1) await message("time passes");
          if (!isCancelled) passTime();
        };
        void pass();
      }),
  });

  const editions: EditionEvent[] = [];
  const made = ({ name, ordinal }: Edition, ack: number | null): void => {
    editions.push({ bank: BANK, kind: "ANNOUNCED", name, ordinal, flip: tick(), ack });
  };
  let disk: Current<null> = { edition: { name: "1-first", ordinal: 1, purges: 0 }, about: null };
  made(disk.edition, order);
  let life = 0;
  const boot = (): Promise<Authority<null>> => {
    life += 1;
    const mine = life;
    const isAlive = (): boolean => life === mine;
    const write = async (state: Current<null>): Promise<void> => {
      await message("disk");
      if (!isAlive()) return new Promise(() => undefined);
      disk = state;
      made(state.edition, null);
    };
    const file = { read: async () => disk, write };
    const options = { clock: clockOf(isAlive), leaseMs: LEASE_MS, staleMs: 60_000, file, leasesMayBeOut: true };
    return openAuthority(options);
  };
  let authority = boot();
  const publish = async (digest: string): Promise<void> => {
    const { edition } = await (await authority).publish({ digest, about: null });
    const at = editions.findIndex(({ name }) => name === edition.name);
    editions[at] = { ...editions[at]!, ack: tick() };
  };

  let leaseCalls = 0;
  const lease = async (): Promise<Lease<number>> => {
    const asked = tick();
    const fails = silent[leaseCalls] === true;
    leaseCalls += 1;
    await message("lease request");
    const given = (await authority).lease();
    await message("lease reply");
    if (fails || given === null) throw new Error("the bank is silent");
    return { ...given, about: asked };
  };
  const readOf =
    (question: string) =>
    async ({ edition }: Lease<number>) => {
      await message("question");
      const isServed = (await authority).current()?.edition.name === edition.name;
      await message("answer");
      return isServed ? { value: truth(BANK, edition.name, question), size: 100 } : EDITION_GONE;
    };

  const inner = memoryStore(1_000_000, { mono: () => now });
  const store: Store = {
    readOrLock: (...args) => message("begin").then(() => inner.readOrLock(...args)),
    read: (...args) => message("read").then(() => inner.read(...args)),
    commit: (...args) => message("commit").then(() => inner.commit(...args)),
    unlock: (...args) => message("unlock").then(() => inner.unlock(...args)),
    remove: (...args) => message("remove").then(() => inner.remove(...args)),
    sweep: (...args) => message("sweep").then(() => inner.sweep(...args)),
    [Symbol.asyncDispose]: async () => undefined,
  };
  let conflicts = 0;
  const gateways = [0, 1].map((): Reader<number> => {
    const clock = clockOf(() => true);
    const alarm = (): void => {
      conflicts += 1;
    };
    const seal = sealWith(new Uint8Array(32));
    return createReader(
      { id: BANK, lease },
      createAnswers({ clock, lockMs: 600, maxBytes: 1e6, shared: store, seal, alarm }),
      clock,
    );
  });

  const reads: ReadEvent[] = [];
  const ask = async (session: number, token: Edition | undefined, { gateway, question, wants }: Ask) => {
    const inv = tick();
    const floor = wants === "floor" ? token : undefined;
    const pin = wants === "pin" ? token : undefined;
    const { signal } = new AbortController();
    const asked = { question, fetch: readOf(question), floor, pin, leaseTimeoutMs: PATIENCE_MS, signal };
    const told = await gateways[gateway]!.read(asked).catch((error: unknown) =>
      error instanceof Error ? error.name : "unknown",
    );
    const part = typeof told === "string" ? null : told;
    const edition = part?.verified.edition ?? null;
    reads.push({
      answer: reads.length,
      bank: BANK,
      question,
      session,
      gateway: `g${gateway}`,
      inv,
      began: inv,
      res: tick(),
      floor: floor?.ordinal ?? null,
      pin: pin?.ordinal ?? null,
      state: part?.state ?? "FAILED",
      name: edition?.name ?? null,
      ordinal: edition?.ordinal ?? null,
      verified: part?.verified.about ?? null,
      body: part === null || part.state === "SUPERSEDED" ? null : String(part.entry.value),
      why: typeof told === "string" ? told : null,
    });
    return part === null || part.state === "SUPERSEDED" ? token : part.verified.edition;
  };

  let busy = sessions.length + 1;
  const acts = async (work: () => Promise<void>): Promise<void> => {
    await work();
    busy -= 1;
  };
  const crashed: unknown[] = [];
  const start = (work: () => Promise<void>): void => {
    acts(work).catch((error: unknown) => crashed.push(error));
  };
  sessions.forEach((asks, number) => {
    start(async () => {
      let token: Edition | undefined;
      for (const each of asks) {
        await message(`session ${number} asks`);
        token = await ask(number, token, each);
      }
    });
  });
  start(async () => {
    for (const [number, what] of bank.entries()) {
      await message(what);
      if (what === "restart") authority = boot();
      else void publish(`d${number}`);
    }
  });

  for (let step = 0; busy > 0; step += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (crashed.length > 0) throw crashed[0];
    if (busy === 0) break;
    if (s.count() === 0 || step > MOST_STEPS) throw new Error(`wanted an end, got ${busy} who wait for ever`);
    await s.waitOne();
  }
  return {
    leaseMs: LEASE_MS,
    // The order of events has no milliseconds.
    staleMs: Number.POSITIVE_INFINITY,
    patienceMs: 0,
    gateways: gateways.length,
    editions,
    reads,
    answers: [],
    calls: [],
    silences: [],
    conflicts,
    healedAt: Number.POSITIVE_INFINITY,
    faults: {},
  };
};
