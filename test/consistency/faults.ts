import type { Prng } from "../../sandbox/prng.ts";
import type { Bank } from "./bank.ts";
import type { Gateway } from "./gateway.ts";
import type { Network } from "./network.ts";
import type { SharedStore } from "./shared-store.ts";
import type { Timeline } from "./timeline.ts";

export type World = {
  /**
   * Whether gateways are suspended in this run; else clocks are set back in it. After both on one machine neither of its
   * clocks tells how old a stale answer is, which no gateway can help.
   */
  readonly suspends: boolean;
  readonly line: Timeline;
  readonly net: Network;
  readonly banks: readonly Bank[];
  readonly gateways: readonly Gateway[];
  readonly store: SharedStore;
  readonly publish: (bank: Bank, digest: string, purge: boolean) => Promise<void>;
};

/** Begins now, and is over at `until`. */
type Fault = (world: World, until: number, random: Prng) => void;

/** What can go wrong, one thing each. */
export const FAULTS = {
  "gateway cut off from a bank": ({ line, net, banks, gateways }, until, random) => {
    const [a, b] = [random.pick(gateways).machine.name, random.pick(banks).machine.name];
    net.cut(a, b);
    line.at(until, () => net.join(a, b));
  },
  "bank cut off from every gateway": ({ line, net, banks, gateways }, until, random) => {
    const b = random.pick(banks).machine.name;
    for (const { machine } of gateways) {
      net.cut(machine.name, b);
      line.at(until, () => net.join(machine.name, b));
    }
  },
  "gateway cut off from the store": ({ line, net, gateways, store }, until, random) => {
    const a = random.pick(gateways).machine.name;
    net.cut(a, store.machine.name);
    line.at(until, () => net.join(a, store.machine.name));
  },
  "messages are lost": ({ line, net }, until) => {
    net.weather(20, 10);
    line.at(until, () => net.weather(1, 3));
  },
  "gateway crashes": ({ line, gateways }, until, random) => {
    const gateway = random.pick(gateways);
    gateway.machine.crash();
    line.at(until, () => gateway.machine.process() ?? gateway.start());
  },
  "bank crashes": ({ line, banks }, until, random) => {
    const bank = random.pick(banks);
    bank.machine.crash();
    line.at(until, () => bank.machine.process() ?? bank.start());
  },
  // The leases that it gave are still out then.
  "bank crashes, is back at once and publishes": ({ line, banks, publish }, _until, random) => {
    const bank = random.pick(banks);
    bank.machine.crash();
    line.at(line.now() + 10, () => bank.machine.process() ?? bank.start());
    line.at(line.now() + random.between(15, 60), () => void publish(bank, `after-${line.now()}`, false));
  },
  "gateway stands still": ({ gateways }, until, random) => random.pick(gateways).machine.pause(until),
  "bank stands still": ({ banks }, until, random) => random.pick(banks).machine.pause(until),
  "machine of a gateway is suspended": ({ gateways }, until, random) => random.pick(gateways).machine.suspend(until),
  "machine of a bank is suspended": ({ banks }, until, random) => random.pick(banks).machine.suspend(until),
  "wall clock of a gateway jumps": ({ gateways, suspends }, _until, random) =>
    random.pick(gateways).machine.jump(random.between(suspends ? 0 : -3_600_000, 3_600_000)),
  "wall clock of a bank jumps": ({ banks }, _until, random) =>
    random.pick(banks).machine.jump(random.between(-3_600_000, 3_600_000)),
  "store is flushed": ({ store }) => store.flush(),
  "store is replaced by an older one": ({ store }, _until, random) => store.rollBack(random.between(0, 4000)),
  "store is down": ({ line, store }, until) => {
    store.machine.crash();
    line.at(until, () => store.machine.process() ?? store.machine.start());
  },
  "store stands still": ({ store }, until) => store.machine.pause(until),
  "disk of a bank fails": ({ line, banks }, until, random) => {
    const bank = random.pick(banks);
    bank.disk(30);
    line.at(until, () => bank.disk(0));
  },
} satisfies Record<string, Fault>;

export type FaultKind = keyof typeof FAULTS;
