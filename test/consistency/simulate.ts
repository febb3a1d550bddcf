import { type Prng, prng } from "../../sandbox/prng.ts";
import { type Bank, bank } from "./bank.ts";
import { FAULTS, type FaultKind, type World } from "./faults.ts";
import { gateway, PATIENCE_MS } from "./gateway.ts";
import type { AnswerEvent, CallEvent, EditionEvent, History, ReadEvent, SilenceEvent } from "./history.ts";
import { machine, type Process } from "./machine.ts";
import { type Network, network } from "./network.ts";
import { session } from "./sessions.ts";
import { sharedStore } from "./shared-store.ts";
import { timeline } from "./timeline.ts";

export const LEASE_MS = 400;
const STALE_MS = 1200;
const RUN_MS = 20_000;
/** When the last fault begins at the latest, and when all of them are over. */
const LAST_FAULT_MS = 14_500;
const HEALED_MS = 16_000;

/** `any`: all kinds of faults; `none`: nothing goes wrong, nothing is slow; `no store`: only that the store is down throughout. */
export type Trouble = "any" | "none" | "no store";

/** Twenty virtual seconds of three gateways, three banks that publish, and six sessions that ask. */
export const simulate = async (seed: number, trouble: Trouble = "any"): Promise<History> => {
  const line = timeline();
  const draw = (what: string): Prng => prng(`${seed} ${what}`);
  const random = draw("world");
  const net = network(line, draw("net"));
  const editions: EditionEvent[] = [];
  const reads: ReadEvent[] = [];
  const answers: AnswerEvent[] = [];
  const calls: CallEvent[] = [];
  const silences: SilenceEvent[] = [];
  const alarms = { conflicts: 0 };
  const faults: Record<string, number> = {};
  const rate = (): number => 1 + (random.unit() - 0.5) / 100;

  const store = sharedStore(machine("store", line, rate()), net, line);
  const banks = ["A", "B", "W"].map((id) => {
    const kind = id === "W" ? "WATCHED" : "ANNOUNCED";
    const options = { id, kind, leaseMs: LEASE_MS, staleMs: STALE_MS } as const;
    return bank(options, machine(id, line, rate()), line, draw(id), editions, calls);
  });
  const gateways = ["g1", "g2", "g3"].map((name) =>
    gateway(machine(name, line, rate()), banks, store, net, line, silences, alarms),
  );
  for (const each of [...banks, ...gateways]) each.start();

  const leaving = trouble === "any" ? 5 : 0;
  const asking = { banks, gateways, line, thinkMs: 300, leaving, reads, answers };
  for (let number = 0; number < 6; number += 1) session(number, asking, draw(`session ${number}`)).live();
  const operator = machine("operator", line, 1).start();
  const { probe } = session(6, { ...asking, leaving: 0 }, draw("operator"));
  const publish = (at: Bank, digest: string, purge: boolean) => publishTo(at, digest, purge, net, operator, probe);
  const world: World = { suspends: random.chance(0.5), line, net, banks, gateways, store, publish };
  for (const each of banks) publishOften(each, world, draw(`publish ${each.id}`));
  if (trouble === "any") troubleOften(world, draw("faults"), faults);
  if (trouble === "no store") store.machine.crash();

  await line.run(RUN_MS);
  return {
    leaseMs: LEASE_MS,
    staleMs: STALE_MS,
    patienceMs: PATIENCE_MS,
    gateways: gateways.length,
    editions,
    reads,
    answers,
    calls,
    silences,
    conflicts: alarms.conflicts,
    healedAt: trouble === "any" ? HEALED_MS : 0,
    faults,
  };
};

/** An operator publishes, retries, and checks the outcome. A WATCHED bank gets no announcement. */
const publishTo = async (
  at: Bank,
  digest: string,
  purge: boolean,
  net: Network,
  from: Process,
  told: (at: Bank) => void,
): Promise<void> => {
  if (at.kind === "WATCHED") return at.change(digest);
  for (let tries = 0; tries < 4; tries += 1) {
    const done = net.call(from, at.machine, 700, (there) => at.publish(there, digest, purge));
    const isDone = await done.then(
      () => true,
      () => false,
    );
    if (isDone) return told(at);
    await from.clock.sleep(30);
  }
};

/** Every second or two: an edition, some of them with a purge, told twice, or at once with another one. */
const publishOften = (at: Bank, { line, publish }: World, random: Prng): void => {
  let number = 0;
  const next = (): void => {
    number += 1;
    const digest = `d${number}`;
    const purge = random.chance(0.1);
    void publish(at, digest, purge);
    if (random.chance(0.15)) line.at(line.now() + random.between(0, 600), () => void publish(at, digest, purge));
    if (random.chance(0.15)) void publish(at, `${digest}-other`, false);
    line.at(line.now() + random.between(1000, 2000), next);
  };
  line.at(random.between(200, 1200), next);
};

const troubleOften = (world: World, random: Prng, fired: Record<string, number>): void => {
  const { line, net } = world;
  net.weather(1, 3);
  line.at(HEALED_MS, () => net.weather(0, 0));
  const kinds = (Object.keys(FAULTS) as FaultKind[]).filter(
    (kind) => world.suspends || kind !== "machine of a gateway is suspended",
  );
  const next = (): void => {
    if (line.now() > LAST_FAULT_MS) return;
    const kind = random.pick(kinds);
    fired[kind] = (fired[kind] ?? 0) + 1;
    const until = Math.min(HEALED_MS - 1, line.now() + random.between(50, 1500));
    FAULTS[kind](world, until, random);
    line.at(line.now() + random.between(100, 900), next);
  };
  line.at(300, next);
};
