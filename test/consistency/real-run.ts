import { setTimeout as sleep } from "node:timers/promises";
import { NO_LEASE } from "../../gateway/banks/answering.ts";
import { type Prng, prng } from "../../sandbox/prng.ts";
import { type Servers, startSingle } from "../redis.ts";
import { type AnswerEvent, type EditionEvent, type History, numberIn, type ReadEvent, truth } from "./history.ts";
import { type Asked, QUESTIONS, truthOf } from "./real-bank.ts";
import { type Pair, troubles } from "./real-faults.ts";
import {
  ask,
  bodyOf,
  publish,
  type RealBank,
  type RealHouse,
  realHouse,
  releaseOf,
  type Shown,
  untilReady,
} from "./real-house.ts";
import type { RealProcess } from "./real-process.ts";

const LEASE_MS = 400;
const STALE_MS = 2500;
const DEADLINE_MS = 2000;
/** After the last trouble has ended and every process answers: what breakers and connections need to find that out. */
const SETTLE_MS = 1500;
/** Without trouble, at the end. */
const CALM_MS = 8000;

export type TroubleEvent = { readonly kind: string; readonly from: number; readonly to: number };

/** A history for the checker, and what else was seen. */
export type RealHistory = History & {
  readonly troubles: readonly TroubleEvent[];
  /** What a client got that no answer is, while its gateway was well: GraphQL errors, and connections that broke. */
  readonly errors: readonly string[];
  readonly purges: number;
};

/** Three gateways, two banks and a pair of Redis servers, all of them processes; what is done to them comes from the seed. */
export const realRun = async (seed: string, seconds: number): Promise<RealHistory> => {
  const servers = await Promise.all([startSingle(), startSingle()]);
  const [primary, replica] = servers.map(({ servers: [server] }) => server!) as [Pair["primary"], Pair["replica"]];
  try {
    await replica.call("REPLICAOF", "127.0.0.1", primary.port);
    const banks = [
      { id: "announced", announced: true, staleMs: STALE_MS },
      { id: "watched", announced: false, staleMs: STALE_MS },
    ];
    await using house = await realHouse({ banks, gateways: 3, leaseMs: LEASE_MS, redis: primary.port });
    return await observe(house, { primary, replica }, seed, seconds);
  } finally {
    await Promise.all(servers.map((each: Servers) => each[Symbol.asyncDispose]()));
  }
};

const observe = async (house: RealHouse, redis: Pair, seed: string, seconds: number): Promise<RealHistory> => {
  const draw = (what: string): Prng => prng(`${seed} ${what}`);
  const editions: Edition[] = [];
  const reads: ReadEvent[] = [];
  const answers: AnswerEvent[] = [];
  const errors: string[] = [];
  const events: TroubleEvent[] = [];
  const stop = new AbortController();
  const calm = new AbortController();
  const wall = wallClock();
  const count = { purges: 0 };

  for (const { id, announced } of house.banks) editions.push(edition(id, announced, 1, -1, -1));
  const parallel = [
    ...Array.from({ length: 6 }, (_, n) => session(n, draw(`session ${n}`))),
    ...house.banks.map((bank) => publishing(bank, draw(`publish ${bank.id}`))),
  ];
  await trouble(draw("faults"));
  // A bank that was started anew has its data to load first, on two cores that do much else.
  await Promise.all(house.banks.map(untilReady));
  const healedAt = performance.now() + SETTLE_MS;
  await sleep(SETTLE_MS + 2 * LEASE_MS + CALM_MS);
  stop.abort();
  await Promise.all(parallel);

  return {
    leaseMs: LEASE_MS,
    staleMs: STALE_MS,
    patienceMs: Math.min(1000, DEADLINE_MS / 2),
    gateways: house.gateways.length,
    editions,
    reads,
    answers,
    calls: [],
    silences: house.gateways.flatMap(({ process }) =>
      process.log
        .filter((line) => line.msg === NO_LEASE)
        .map((line) => ({
          gateway: `${process.name}#${line.life}`,
          bank: String(line["bank"]),
          at: wall.toMono(Date.parse(String(line["time"]))) + 1,
        })),
    ),
    conflicts: house.gateways.flatMap(({ process }) => process.log).filter((line) => line["alarm"] !== undefined)
      .length,
    healedAt,
    faults: Object.fromEntries(
      [...new Set(events.map(({ kind }) => kind))].map((kind) => [kind, events.filter((e) => e.kind === kind).length]),
    ),
    troubles: events,
    errors,
    purges: count.purges,
  };

  /** Kinds come as cards of a deck, so that each is played. */
  async function trouble(random: Prng): Promise<void> {
    const kinds = troubles(house, redis);
    const end = performance.now() + seconds * 1000;
    const running: Promise<void>[] = [];
    let deck: string[] = [];
    while (performance.now() < end) {
      if (deck.length === 0) deck = Object.keys(kinds);
      const [kind] = deck.splice(random.below(deck.length), 1) as [string];
      const from = performance.now();
      const work = kinds[kind]!(random)(random.between(200, 1500));
      running.push(work.then(() => void events.push({ kind, from, to: performance.now() })));
      await sleep(random.between(500, 2000));
    }
    await Promise.all(running);
    calm.abort();
  }

  async function publishing(bank: RealBank, random: Prng): Promise<void> {
    for (let release = 2; !stop.signal.aborted; release += 1) {
      const began = performance.now();
      const purge = random.chance(0.05);
      const twice = random.chance(0.15);
      const both = random.chance(0.15);
      const gap = random.between(1000, 2000);
      const gateways = Array.from({ length: 6 }, () => random.pick(house.gateways).process);
      if (purge) count.purges += 1;
      const mine = edition(bank.id, bank.announced, release, performance.now(), null);
      editions.push(mine);
      await bank.load(release);
      // The order with the purge may come second, and then makes another edition of the same release.
      if (both && purge) mine.again = true;
      if (!bank.announced) mine.ack = performance.now();
      else if (both)
        await Promise.all([announce(mine, gateways, purge), announce(mine, [...gateways].reverse(), false)]);
      else await announce(mine, gateways, purge);
      if (twice && bank.announced) await announce(mine, gateways.slice(0, 1), false);
      await sleep(Math.max(50, gap - (performance.now() - began)));
    }
  }

  /** An operator publishes by way of one gateway after the other, until one says that it is done. */
  async function announce(mine: Edition, gateways: readonly RealProcess[], purge: boolean): Promise<void> {
    for (const gateway of gateways) {
      try {
        await publish(gateway, mine.bank, mine.ordinal, { purge, signal: AbortSignal.timeout(4000) });
        mine.ack ??= performance.now();
        return;
      } catch {
        if (stop.signal.aborted) return;
        // The bank may have carried out an order that got no answer.
        if (purge) mine.again = true;
        await sleep(50);
      }
    }
  }

  async function session(number: number, random: Prng): Promise<void> {
    let token: string | undefined;
    while (!stop.signal.aborted) {
      wall.look();
      const { process } = random.pick(house.gateways);
      const asked = random.chance(0.5) ? QUESTIONS[random.below(2)]! : random.pick(QUESTIONS);
      const mode = random.unit();
      const wants = token === undefined || mode < 0.5 ? {} : mode < 0.8 ? { notBefore: token } : { snapshot: token };
      const leaves = random.chance(0.08) ? AbortSignal.timeout(random.between(1, 60)) : undefined;
      const pause = random.between(150, 500);
      token = (await one(number, process, asked, wants, leaves)) ?? token;
      // A snapshot that is gone for good is given up for a new one.
      if ("snapshot" in wants && random.chance(0.3)) token = undefined;
      await sleep(pause);
    }
  }

  async function one(
    session: number,
    process: RealProcess,
    asked: Asked,
    wants: { readonly notBefore?: string; readonly snapshot?: string },
    leaves: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const life = process.life();
    const inv = performance.now();
    const args = { where: asked.where, deadlineMs: DEADLINE_MS, ...wants };
    // Askers of a stopped or cut-off gateway are released last.
    const patience = AbortSignal.timeout(10_000);
    let shown: Shown;
    try {
      shown = await ask(process, args, leaves === undefined ? patience : AbortSignal.any([leaves, patience]));
    } catch (error) {
      const name = error instanceof Error ? error.name : "unknown";
      if (leaves?.aborted) return undefined;
      const troubled = process.life() !== life || !calm.signal.aborted || performance.now() < inv;
      if (name === "Refused" || !troubled) errors.push(`${inv}: ${String(error)} by ${process.name}#${life}`);
      return undefined;
    }
    const res = performance.now();
    const floors = vectorOf(wants.notBefore);
    const pins = vectorOf(wants.snapshot);
    const parts = shown.banks.map((bank): number => {
      const id = bank.bank.id;
      const release = releaseOf(bank);
      const says = bodyOf(bank);
      const question = String(QUESTIONS.indexOf(asked));
      const name = Number.isNaN(release) ? null : `${release}`;
      const numbered = bank.status === "ANSWERED" || bank.status === "STALE";
      const right = numbered && says === truthOf(id, release, asked);
      const state =
        bank.status === "ANSWERED"
          ? "FRESH"
          : numbered
            ? "STALE"
            : bank.status === "SUPERSEDED"
              ? "SUPERSEDED"
              : "FAILED";
      reads.push({
        answer: answers.length,
        bank: id,
        question,
        session,
        gateway: `${process.name}#${life}`,
        inv,
        began: inv,
        res,
        floor: floors.get(id) ?? null,
        pin: pins.get(id) ?? null,
        state,
        name,
        ordinal: name === null ? null : release,
        verified: bank.staleSince === null ? inv : wall.toMono(Date.parse(bank.staleSince)),
        body: !numbered
          ? null
          : right
            ? truth(id, name!, question)
            : `wrong: ${says}, wanted ${truthOf(id, release, asked)}`,
        why: bank.problem?.code ?? null,
      });
      return reads.length - 1;
    });
    const sum = (end: "min" | "max") =>
      shown.banks.reduce<number | null>(
        (all, { donors }) => (all === null || donors[end] === null ? null : all + donors[end]),
        0,
      );
    const added = shown.donors.min === sum("min") && shown.donors.max === sum("max");
    const held = parts.map((part) => reads[part]!.body).filter((body) => body !== null);
    const total = added ? held.reduce((all, body) => all + numberIn(body), 0) : Number.NaN;
    answers.push({ id: answers.length, inv, res, parts, complete: shown.complete, total });
    if (wants.snapshot === undefined && parts.length < house.banks.length && shown.complete)
      errors.push(`${inv}: ${process.name}#${life} knows ${parts.length} banks and calls that complete`);
    for (const bank of shown.banks) remember(bank.bank.id, shown.snapshot.token, releaseOf(bank));
    // A snapshot of nobody is refused.
    return held.length > 0 ? shown.snapshot.token : undefined;
  }

  /** The releases of a token, as the answers that gave it named them. */
  function vectorOf(token: string | undefined): ReadonlyMap<string, number> {
    return (token === undefined ? undefined : vectors.get(token)) ?? new Map();
  }
  function remember(bank: string, token: string, release: number): void {
    if (Number.isNaN(release)) return;
    const known = vectors.get(token) ?? new Map<string, number>();
    vectors.set(token, known.set(bank, release));
  }
};

const vectors = new Map<string, Map<string, number>>();

type Edition = { -readonly [K in keyof EditionEvent]: EditionEvent[K] };

const edition = (bank: string, announced: boolean, ordinal: number, flip: number, ack: number | null): Edition => ({
  bank,
  kind: announced ? "ANNOUNCED" : "WATCHED",
  name: String(ordinal),
  ordinal,
  flip,
  ack,
});

/** The clocks drift apart: a time is compared with what was seen within these milliseconds of it. */
const NEAR_MS = 3000;

/** Turns times of day, in whole milliseconds, into performance.now(); never too late. */
const wallClock = () => {
  const seen: { readonly at: number; readonly offset: number }[] = [];
  const look = (): void => {
    const at = Date.now();
    seen.push({ at, offset: at - performance.now() });
  };
  look();
  const toMono = (time: number): number => {
    const near = seen.filter(({ at }) => Math.abs(at - time) <= NEAR_MS);
    return time - Math.max(...(near.length > 0 ? near : seen).map(({ offset }) => offset));
  };
  return { look, toMono };
};
