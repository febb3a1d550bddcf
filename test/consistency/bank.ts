import type { Lease } from "../../cache/lease.ts";
import { EDITION_GONE } from "../../cache/reader.ts";
import type { Prng } from "../../sandbox/prng.ts";
import type { Edition } from "../../schema/release.ts";
import {
  type Authority,
  type Candidate,
  type Current,
  openAuthority,
  type StateFile,
} from "../../subgraphs/releases/authority.ts";
import { type CallEvent, type EditionEvent, truth } from "./history.ts";
import type { Machine, Process } from "./machine.ts";
import type { Timeline } from "./timeline.ts";

/** A bank as the network sees it. What it does runs in its process; its disk outlives that. */
export type Bank = {
  readonly id: string;
  readonly kind: EditionEvent["kind"];
  readonly machine: Machine;
  readonly start: () => void;
  readonly lease: (at: Process) => Promise<Lease<null>>;
  readonly read: (at: Process, edition: Edition, question: string) => Promise<string | typeof EDITION_GONE>;
  readonly publish: (at: Process, digest: string, purge: boolean) => Promise<Edition>;
  /** Changes the data of a WATCHED bank. */
  readonly change: (digest: string) => void;
  /** Sets how many of a hundred reads and writes of its disk fail. */
  readonly disk: (failing: number) => void;
};

export type BankOptions = {
  readonly id: string;
  readonly kind: EditionEvent["kind"];
  readonly leaseMs: number;
  readonly staleMs: number;
};

/** Interval at which a WATCHED bank checks its data for changes, in ms. */
const LOOK_MS = 100;

/** Starts no process yet; records every edition in `editions` and every count in `calls`. */
export const bank = (
  { id, kind, leaseMs, staleMs }: BankOptions,
  machine: Machine,
  line: Timeline,
  random: Prng,
  editions: EditionEvent[],
  calls: CallEvent[],
): Bank => {
  const first = { name: "1-first", ordinal: 1, purges: 0 };
  let disk: Current<null> = { edition: first, about: null };
  let failing = 0;
  /** The data of a WATCHED bank now, published or not. */
  let local = "first";
  const authorities = new WeakMap<Process, Promise<Authority<null>>>();
  editions.push({ bank: id, kind, name: first.name, ordinal: 1, flip: -1, ack: -1 });

  const fileOf = ({ clock }: Process): StateFile<null> => {
    const turn = async (work: () => void): Promise<void> => {
      const fails = random.chance(failing / 100);
      if (fails && random.chance(0.5)) throw new Error("disk: full");
      await clock.sleep(random.between(1, 4));
      work();
      if (fails) throw new Error("disk: not synced");
      await clock.sleep(random.between(1, 4));
    };
    return {
      async read() {
        await turn(() => undefined);
        return disk;
      },
      write: (state) =>
        turn(() => {
          disk = state;
          const { name, ordinal } = state.edition;
          editions.push({ bank: id, kind, name, ordinal, flip: line.now(), ack: null });
        }),
    };
  };

  const open = async (at: Process): Promise<Authority<null>> => {
    for (;;) {
      const options = { clock: at.clock, leaseMs, staleMs, file: fileOf(at), leasesMayBeOut: true };
      const opened = await openAuthority(options).catch(() => null);
      if (opened !== null) return opened;
      await at.clock.sleep(20);
    }
  };
  const authorityOf = (at: Process): Promise<Authority<null>> => authorities.get(at)!;

  const acknowledged = ({ edition }: Current<null>): Edition => {
    const at = editions.findLastIndex((e) => e.bank === id && e.name === edition.name);
    const event = editions[at]!;
    if (event.ack === null) editions[at] = { ...event, ack: line.now() };
    return edition;
  };

  /** Publishes the present data of a WATCHED bank. */
  const look = async (authority: Authority<null>): Promise<void> => {
    if (kind === "WATCHED") acknowledged(await authority.adopt(candidate(local)));
  };
  const watch = async (at: Process): Promise<void> => {
    const authority = await authorityOf(at);
    for (;;) {
      await look(authority).catch(() => undefined);
      await at.clock.sleep(LOOK_MS);
    }
  };
  // mutant: bank-edition
  const isServed = (authority: Authority<null>, { name }: Edition): boolean =>
    authority.current()?.edition.name === name && (kind === "ANNOUNCED" || name.endsWith(`-${local}`));

  return {
    id,
    kind,
    machine,
    start() {
      const mine = machine.start();
      authorities.set(mine, open(mine));
      if (kind === "WATCHED") void watch(mine);
    },
    async lease(at) {
      const authority = await authorityOf(at);
      await look(authority);
      const lease = authority.lease();
      if (lease === null) throw new Error(`${id}: the release is in doubt`);
      return lease;
    },
    async read(at, edition, question) {
      const authority = await authorityOf(at);
      if (!isServed(authority, edition)) return EDITION_GONE;
      calls.push({ bank: id, name: edition.name, question, at: line.now() });
      await at.clock.sleep(random.between(1, 20));
      if (failing > 0 && random.chance(0.1)) throw new Error(`${id}: the database is away`);
      if (!isServed(authority, edition)) return EDITION_GONE;
      return truth(id, authority.current()?.edition.name ?? "", question);
    },
    async publish(at, digest, purge) {
      const authority = await authorityOf(at);
      return acknowledged(await authority.publish(candidate(digest), { purge }));
    },
    change(digest) {
      local = digest;
    },
    disk(failingOfHundred) {
      failing = failingOfHundred;
    },
  };
};

const candidate = (digest: string): Candidate<null> => ({ digest, about: null });
