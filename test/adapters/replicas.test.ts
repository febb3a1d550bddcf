import { expect, onTestFinished, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import { beacon } from "../../adapters/beacon.ts";
import type { LocalQuestion } from "../../adapters/local.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Release } from "../../schema/release.ts";
import { tcpProxy } from "../faults/tcp-proxy.ts";
import { beaconDataOf, OPTIONS, openBeacon, startBeacon, TRUE_MAPPING } from "./beacon-bank.ts";
import { describeBankAdapter } from "./conformance.ts";
import { evaluateLocal, type LocalDonor } from "./evaluate.ts";
import { CODES, FIXTURE } from "./fixture.ts";
import { benchOf } from "./kit-bank.ts";
import { code, has, question } from "./questions.ts";
import { documentsOf, openSqon, startCatalogue } from "./sqon-bank.ts";

const NEVER = new AbortController().signal;
const QUESTIONS: readonly LocalQuestion[] = [
  question([]),
  question([has("SEX", code(CODES.FEMALE))]),
  question([has("DISEASE", code(CODES.E11))]),
];
const ONE: Release = { id: "bank@1", date: "2026-01-01", kind: "ANNOUNCED" };
const TWO: Release = { id: "bank@2", date: "2026-07-01", kind: "ANNOUNCED" };
const NEWER = FIXTURE.slice(0, 9);
const counted = (donors: readonly LocalDonor[]) => QUESTIONS.map((asked) => evaluateLocal(donors, asked));
const all = (code: string) => QUESTIONS.map(() => expect.objectContaining({ code }));

/** A catalogue behind a wire that may be cut. */
const server = async () => {
  const { server: catalogue, url } = await startCatalogue(FIXTURE);
  const { port, pathname } = new URL(url);
  const proxy = await tcpProxy(Number(port));
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  return {
    url: `http://127.0.0.1:${proxy.port}${pathname}`,
    set: proxy.set,
    asked: catalogue.asked,
    faults: catalogue.faults,
    publish: ({ id, date }: Release, donors: readonly LocalDonor[]) =>
      catalogue.publish(documentsOf(donors), { release: id.replace("bank@", ""), date }),
  };
};
const twoServers = async () => {
  const [a, b] = [await server(), await server()];
  return { a, b, open: (options: object = {}) => openSqon("", { url: [a.url, b.url], timeoutMs: 5000, ...options }) };
};
const count = (adapter: Adapter, asOf: Release) => adapter.count(QUESTIONS, asOf, NEVER);

test("the first address alone is asked as long as it is quick and well", async () => {
  const { a, b, open } = await twoServers();
  const adapter = await open();
  const opening = a.asked.requests;
  await expect.poll(() => b.asked.requests).toBe(opening);
  for (let i = 0; i < 15; i += 1) expect(await count(adapter, ONE)).toEqual(counted(FIXTURE));
  expect([a.asked.requests, b.asked.requests]).toEqual([opening + 30, opening]);
});

test("where the first address refuses, the second answers: before it is opened, and after", async () => {
  const { a, open } = await twoServers();
  await a.set({ kind: "refuse" });
  const late = await open();
  expect(await late.release(NEVER)).toEqual(ONE);
  expect(await count(late, ONE)).toEqual(counted(FIXTURE));
  await a.set({ kind: "pass" });
  const early = await open();
  expect(await count(early, ONE)).toEqual(counted(FIXTURE));
  await a.set({ kind: "refuse" });
  expect(await early.release(NEVER)).toEqual(ONE);
  expect(await count(early, ONE)).toEqual(counted(FIXTURE));
});

test("one that could not be opened is, when it is needed", async () => {
  const { a, b, open } = await twoServers();
  await a.set({ kind: "refuse" });
  const adapter = await open();
  await a.set({ kind: "pass" });
  await b.set({ kind: "refuse" });
  expect(await count(adapter, ONE)).toEqual(counted(FIXTURE));
});

test("where the first address says nothing, the second answers long before its time is over, and the next question at once", async () => {
  const { a, open } = await twoServers();
  const adapter = await open({ timeoutMs: 30_000 });
  expect(await count(adapter, ONE)).toEqual(counted(FIXTURE));
  await a.set({ kind: "drop" });
  for (let i = 0; i < 20; i += 1) expect(await count(adapter, ONE)).toEqual(counted(FIXTURE));
}, 15_000);

test("what one address refuses, or answers wrongly, the other one is asked", async () => {
  const { a, open } = await twoServers();
  const adapter = await open();
  a.faults.busySeconds = 3;
  expect(await count(adapter, ONE)).toEqual(counted(FIXTURE));
  a.faults.busySeconds = 0;
  a.faults.wrongCount = () => -1;
  expect(await count(adapter, ONE)).toEqual(counted(FIXTURE));
});

test("where no address answers, what the first one fails of is told", async () => {
  const { a, b, open } = await twoServers();
  const adapter = await open();
  await Promise.all([a.set({ kind: "refuse" }), b.set({ kind: "reset" })]);
  expect(await count(adapter, ONE)).toEqual(all("BANK_UNREACHABLE"));
  await expect(adapter.release(NEVER)).rejects.toMatchObject({ code: "BANK_UNREACHABLE" });
  await expect(open()).rejects.toMatchObject({ code: "BANK_UNREACHABLE" });
});

test("a question that no address can be put is put to one", async () => {
  const { a, b, open } = await twoServers();
  const adapter = await open();
  const opening = a.asked.requests;
  await expect.poll(() => b.asked.requests).toBe(opening);
  const [got] = await adapter.count([question([has("CENTRE", code("nobody"))])], ONE, NEVER);
  expect(got).toMatchObject({ code: "BANK_UNSUPPORTED" });
  expect(b.asked.requests).toBe(opening);
});

test("addresses of different releases: each batch is counted from the one that is asked for, whole, or not at all", async () => {
  const { a, b, open } = await twoServers();
  const adapter = await open();
  a.publish(TWO, NEWER);
  expect(await count(adapter, ONE)).toEqual(counted(FIXTURE));
  expect(await count(adapter, TWO)).toEqual(counted(NEWER));
  // Whichever is slow, and asked first: what the other one counted is never taken for it.
  for (const slow of [a, b]) {
    slow.faults.delayMs = 1200;
    const [one, two] = await Promise.all([count(adapter, ONE), count(adapter, TWO)]);
    expect([one, two]).toEqual([counted(FIXTURE), counted(NEWER)]);
    slow.faults.delayMs = 0;
  }
  await a.set({ kind: "refuse" });
  const outcomes = await count(adapter, TWO);
  expect(outcomes.every((outcome) => outcome instanceof BankError)).toBe(true);
}, 20_000);

test("the bank never goes back to a release that it left because an address is behind", async () => {
  const { a, b, open } = await twoServers();
  const adapter = await open();
  expect(await adapter.release(NEVER)).toEqual(ONE);
  a.publish(TWO, NEWER);
  expect(await adapter.release(NEVER)).toEqual(TWO);
  await a.set({ kind: "refuse" });
  // What is known of the bank is of release 2, and who holds it is away: it is not "gone".
  await expect(adapter.release(NEVER)).rejects.toMatchObject({ code: "BANK_UNREACHABLE" });
  expect(await count(adapter, TWO)).toEqual(all("BANK_UNREACHABLE"));
  b.publish(TWO, NEWER);
  expect(await adapter.release(NEVER)).toEqual(TWO);
  expect(await count(adapter, TWO)).toEqual(counted(NEWER));
});

test("an address that was not asked before does not lead back to an earlier release", async () => {
  const { a, b, open } = await twoServers();
  a.publish(TWO, NEWER);
  const adapter = await open();
  expect(await adapter.release(NEVER)).toEqual(TWO);
  await a.set({ kind: "refuse" });
  await expect(adapter.release(NEVER)).rejects.toMatchObject({ code: "BANK_UNREACHABLE" });
  b.publish({ ...TWO, id: "bank@3" }, FIXTURE);
  expect(await adapter.release(NEVER)).toEqual({ ...TWO, id: "bank@3" });
});

test("a bank that went back at all of its addresses did", async () => {
  const { a, b, open } = await twoServers();
  const adapter = await open();
  for (const { publish } of [a, b]) publish(TWO, NEWER);
  expect(await adapter.release(NEVER)).toEqual(TWO);
  for (const { publish } of [a, b]) publish(ONE, FIXTURE);
  expect(await adapter.release(NEVER)).toEqual(ONE);
  expect(await count(adapter, ONE)).toEqual(counted(FIXTURE));
});

test("news of a release comes from the address that has it, though the other one is away", async () => {
  const { a, b, open } = await twoServers();
  const adapter = await open();
  expect(await adapter.release(NEVER)).toEqual(ONE);
  await a.set({ kind: "refuse" });
  b.publish(TWO, NEWER);
  expect(await count(adapter, ONE)).toEqual(all("BANK_GONE"));
  expect(await adapter.release(NEVER)).toEqual(TWO);
});

test("an address that knows other codes than the first does not answer in its place", async () => {
  const [a, b] = [await startBeacon(FIXTURE), await startBeacon(FIXTURE, "own")];
  const wire = await tcpProxy(Number(new URL(b.url).port));
  onTestFinished(() => wire[Symbol.asyncDispose]());
  // The first to open is the one that knows more.
  await wire.set({ kind: "refuse" });
  const adapter = await openBeacon("", { url: [a.url, `http://127.0.0.1:${wire.port}/`] });
  await wire.set({ kind: "pass" });
  expect(await count(adapter, await adapter.release(NEVER))).toEqual(counted(FIXTURE));
  const release = await adapter.release(NEVER);
  await a.server.close();
  const got = await count(adapter, release);
  expect(got).toEqual(all("BANK_UNREACHABLE"));
});

// An adapter whose capabilities are those of a release is opened anew for the next one. What was known of the addresses went
// with it: one that was behind, and the only one within reach, took the bank back.
test("what is known of the addresses outlives the adapter", async () => {
  const [a, b] = [await startBeacon(FIXTURE), await startBeacon(FIXTURE)];
  const options = beacon.options.parse({ ...OPTIONS, url: [a.url, b.url] });
  const open = async () => {
    const adapter = await beacon.open(options, TRUE_MAPPING, { bank: "bank", folder: ".", env: process.env }, NEVER);
    onTestFinished(() => adapter[Symbol.asyncDispose]());
    return adapter;
  };
  const first = await open();
  const before = await first.release(NEVER);
  expect(first.opened).toEqual(before);
  a.server.publish(beaconDataOf(NEWER), { number: "2", date: "2026-07-01" });
  const after = await first.release(NEVER);
  expect(after.id).toBe("bank@2");
  const second = await open();
  expect(second.opened).toEqual(after);
  expect(await count(second, after)).toEqual(counted(NEWER));
  await a.server.close();
  await expect(open()).rejects.toMatchObject({ code: "BANK_UNREACHABLE" });
  b.server.publish(beaconDataOf(NEWER), { number: "2", date: "2026-07-01" });
  const third = await open();
  expect(third.opened).toEqual(after);
  expect(await count(third, after)).toEqual(counted(NEWER));
});

test("an address that was behind when it was opened is opened anew once it holds the same", async () => {
  const [a, b] = [await startBeacon(FIXTURE), await startBeacon(FIXTURE)];
  const wire = await tcpProxy(Number(new URL(b.url).port));
  onTestFinished(() => wire[Symbol.asyncDispose]());
  a.server.publish(beaconDataOf(NEWER), { number: "2", date: "2026-07-01" });
  await wire.set({ kind: "refuse" });
  const adapter = await openBeacon("", { url: [a.url, `http://127.0.0.1:${wire.port}/`] });
  const release = await adapter.release(NEVER);
  expect(release.id).toBe("bank@2");
  await wire.set({ kind: "pass" });
  a.server.faults.busySeconds = 3;
  expect(await count(adapter, release)).toEqual(all("BANK_BUSY"));
  b.server.publish(beaconDataOf(NEWER), { number: "2", date: "2026-07-01" });
  expect(await count(adapter, release)).toEqual(counted(NEWER));
});

describeBankAdapter("sqon at two addresses", {
  async open() {
    const [a, b] = [await startCatalogue(FIXTURE), await startCatalogue(FIXTURE)];
    const adapter = await openSqon("", { url: [a.url, b.url] });
    return benchOf(adapter, [a.server, b.server], (one, donors) =>
      one.publish(documentsOf(donors), { release: "2", date: "2026-07-01" }),
    );
  },
});
