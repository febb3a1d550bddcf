import { setTimeout as sleep } from "node:timers/promises";
import type { Prng } from "../../sandbox/prng.ts";
import type { Mode, TcpProxy } from "../faults/tcp-proxy.ts";
import type { Server } from "../redis.ts";
import type { RealHouse } from "./real-house.ts";
import type { RealProcess } from "./real-process.ts";

/** Redis with a replica; the proxies lead to one of the two. */
export type Pair = { primary: Server; replica: Server };

/** One fault: begins with the call and ends when it resolves. Null: none can be made now. */
export type Trouble = (ms: number) => Promise<void>;

/** Every kind of trouble, each time with the place that the draw names. */
export const troubles = (house: RealHouse, redis: Pair): { readonly [kind: string]: (draw: Prng) => Trouble } => {
  const { banks, gateways } = house;
  const links: readonly TcpProxy[] = gateways.flatMap(({ redis: link }) => (link === null ? [] : [link]));
  const busy = new Set<object>();
  /** One trouble at a time for each thing: the second one leaves it alone. */
  const only =
    (thing: object, work: Trouble): Trouble =>
    async (ms) => {
      if (busy.has(thing)) return;
      busy.add(thing);
      try {
        await work(ms);
      } finally {
        busy.delete(thing);
      }
    };
  const stopped = (process: RealProcess) =>
    only(process, async (ms) => {
      process.freeze();
      await sleep(ms);
      process.thaw();
    });
  const on = (link: TcpProxy, mode: Mode) =>
    only(link, async (ms) => {
      await link.set(mode);
      await sleep(ms);
      await link.set({ kind: "pass" });
    });
  const ways = { bank: banks.flatMap((bank) => bank.links), redis: links };
  const onLinks = Object.entries(ways).flatMap(([to, these]) =>
    (
      [
        ["refused", { kind: "refuse" }],
        ["reset", { kind: "reset" }],
        ["half-open", { kind: "drop" }],
        ["400 ms late", { kind: "delay", ms: 400 }],
        ["cut within answers", { kind: "cut", bytes: 300 }],
      ] as const
    ).map(([what, mode]) => [`link to ${to}: ${what}`, (draw: Prng) => on(draw.pick(these), mode)] as const),
  );
  return {
    "gateway stands still": (draw) => stopped(draw.pick(gateways).process),
    "bank stands still": (draw) => stopped(draw.pick(banks).process),
    "gateway dies": (draw) => {
      const { process } = draw.pick(gateways);
      return only(process, async (ms) => {
        await process.kill();
        await sleep(ms / 2);
        await process.start();
      });
    },
    "bank dies": (draw) => {
      const bank = draw.pick(banks);
      return only(bank.process, async (ms) => {
        await bank.process.kill();
        await sleep(ms / 2);
        await bank.revive();
      });
    },
    "Redis stands still": () =>
      only(redis, async (ms) => {
        redis.primary.freeze();
        await sleep(ms);
        redis.primary.thaw();
      }),
    "Redis dies": () =>
      only(redis, async (ms) => {
        await redis.primary.kill();
        await sleep(ms / 2);
        await redis.primary.restart();
      }),
    "Redis is flushed": () => only(redis, async () => void (await redis.primary.call("FLUSHALL"))),
    "Redis has no room": () =>
      only(redis, async (ms) => {
        const { primary } = redis;
        await primary.call("CONFIG", "SET", "maxmemory", "2mb");
        await sleep(ms);
        await primary.call("CONFIG", "SET", "maxmemory", "0");
      }),
    "Redis pauses": () =>
      only(redis, async (ms) => {
        await redis.primary.call("CLIENT", "PAUSE", Math.ceil(ms));
        await sleep(ms);
      }),
    // What the primary took meanwhile is lost, though it was acknowledged.
    "a stale replica is promoted": () =>
      only(redis, async (ms) => {
        const { primary, replica } = redis;
        await replica.call("REPLICAOF", "127.0.0.1", 1);
        await sleep(ms);
        await primary.kill();
        await replica.call("REPLICAOF", "NO", "ONE");
        for (const link of links) link.aim(replica.port);
        Object.assign(redis, { primary: replica, replica: primary });
        await primary.restart();
        await primary.call("REPLICAOF", "127.0.0.1", replica.port);
      }),
    ...Object.fromEntries(onLinks),
  };
};
