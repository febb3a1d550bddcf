import { afterEach, describe, expect, test } from "vitest";
import { openRegistry, type Registry } from "../../gateway/banks/registry.ts";
import { snapshotTokens } from "../../gateway/search/snapshot.ts";
import type { Clock } from "../../net/clock.ts";
import { countOf, exactCount } from "../../schema/count.ts";
import { QuestionError } from "../../schema/question-error.ts";
import { type AskWith, search } from "./asking.ts";
import { answer, answersInMemory, failure, fakeSubgraph, gatewayOf, lease, memoryLog } from "./fake-subgraph.ts";

const open: Registry[] = [];
afterEach(async () => {
  for (const registry of open.splice(0)) await registry[Symbol.asyncDispose]();
});

const LEASE_MS = 5000;
const STALE_MS = 60_000;
const START = Date.parse("2026-11-22T09:00:00Z");

/** A clock that moves only by hand: no timeout fires on its own. */
const stillClock = () => {
  let passed = 0;
  const clock: Clock = {
    mono: () => passed,
    wall: () => START + passed,
    sleep: (_, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  };
  const pass = (ms: number): void => {
    passed += ms;
  };
  return { clock, pass };
};

/** A bank whose edition and reach the test decides; its release n counts 10 n donors. */
const movingBank = (id: string, work = () => {}) => {
  const state = { n: 1, up: true };
  const release = () => ({ id: `${id}@${state.n}`, date: "2026-04-01", kind: "ANNOUNCED" as const });
  const bank = fakeSubgraph(id, {
    lease: () => {
      if (!state.up) return failure("BANK_UNREACHABLE");
      const edition = { name: `${state.n}-fake`, ordinal: state.n, purges: 0 };
      return lease(id, {}, { edition, release: release(), leaseMs: LEASE_MS, staleMs: STALE_MS });
    },
    answers: (question) => {
      if (!state.up) return failure("BANK_UNREACHABLE");
      work();
      return { release: release(), answers: [answer(question, exactCount(10 * state.n))] };
    },
  });
  const asked = () => bank.asked.filter(({ field }) => field === "answers").length;
  return { bank, state, asked };
};

const federation = async (clock: Clock, ...banks: readonly ReturnType<typeof movingBank>[]): Promise<AskWith> => {
  const { log } = memoryLog();
  const { banks: links, tokens } = gatewayOf(banks.map(({ bank }) => bank));
  const registry = await openRegistry(links, { answers: answersInMemory(), clock, log });
  open.push(registry);
  return { registry, deadlineMs: 20_000, now: () => new Date(START), tokens, log };
};

describe("a token", () => {
  const tokens = snapshotTokens(new Uint8Array(32).fill(7));
  const editions = new Map([
    ["bbj", { name: "7-abc", ordinal: 7, purges: 2 }],
    ["tmm", { name: "1795000000-0123456789abcdef", ordinal: 1_795_000_000, purges: 0 }],
  ]);
  const refusal = (token: string) => {
    try {
      return tokens.read(token, "notBefore");
    } catch (error) {
      return error;
    }
  };

  test("holds what was written, whatever the order, and is the same for the same", () => {
    const token = tokens.write(editions);
    expect(token).toMatch(/^[\w-]+$/);
    expect(tokens.read(token, "snapshot")).toEqual(editions);
    expect(tokens.write(new Map([...editions].reverse()))).toBe(token);
    expect(tokens.read(tokens.write(new Map()), "snapshot")).toEqual(new Map());
  });

  // The last character of base64 has bits that nothing reads: a token with another one there was taken for the same.
  test("with any one character changed, added or left out is refused, and the error says what to do", () => {
    for (let extra = 0; extra < 3; extra += 1) {
      const token = tokens.write(new Map([["a".repeat(1 + extra), { name: "7-abc", ordinal: 7, purges: 2 }]]));
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      const changed = [...token].flatMap((was, i) => {
        const others = i === token.length - 1 ? [...alphabet].filter((one) => one !== was) : [was === "A" ? "B" : "A"];
        return [
          ...others.map((one) => token.slice(0, i) + one + token.slice(i + 1)),
          token.slice(0, i) + token.slice(i + 1),
        ];
      });
      for (const other of [...changed, `${token}A`, `${token}=`, `${token} `, ` ${token}`, `${token}!`]) {
        expect(refusal(other), other).toBeInstanceOf(QuestionError);
      }
    }
  });

  test.each(["", "A", "nonsense", "\u0000", "x".repeat(10_000)])("%j is none", (token) => {
    expect(refusal(token)).toMatchObject({
      code: "BAD_SNAPSHOT",
      at: "notBefore",
      message:
        "notBefore: wanted the token of an earlier answer of this federation, got something else. Leave it out to ask the current releases",
    });
  });

  test("of another federation is none", () => {
    const other = snapshotTokens(new Uint8Array(32).fill(8)).write(editions);
    expect(refusal(other)).toMatchObject({ code: "BAD_SNAPSHOT" });
  });
});

describe("snapshot", () => {
  test("asks its banks only, for exactly its releases", async () => {
    const [a, b] = [movingBank("a"), movingBank("b")];
    const options = await federation(stillClock().clock, a, b);
    const { snapshot } = await search({ where: {}, banks: ["a"] }, options);
    const again = await search({ where: { sex: ["MALE"] }, snapshot: snapshot.token }, options);
    expect(again.banks.map(({ bank, status }) => [bank.id, status])).toEqual([["a", "ANSWERED"]]);
    expect(again.snapshot).toEqual(snapshot);
    expect(b.asked()).toBe(0);
    const strange = search({ where: {}, banks: ["a", "b"], snapshot: snapshot.token }, options);
    await expect(strange).rejects.toMatchObject({ code: "NOT_IN_SNAPSHOT", at: "banks[1]" });
  });

  test("of nobody is refused: asking nobody would add up to 0", async () => {
    const a = movingBank("a");
    const options = await federation(stillClock().clock, a);
    const found = search({ where: {}, snapshot: options.tokens.write(new Map()) }, options);
    await expect(found).rejects.toMatchObject({ code: "NOT_IN_SNAPSHOT", at: "snapshot" });
    expect(a.asked()).toBe(0);
  });

  test("of a bank that takes no questions is refused, and the other banks can be named", async () => {
    const options = await federation(stillClock().clock, movingBank("a"));
    const edition = { name: "1-x", ordinal: 1, purges: 0 };
    const snapshot = options.tokens.write(
      new Map([
        ["a", edition],
        ["left", edition],
      ]),
    );
    await expect(search({ where: {}, snapshot }, options)).rejects.toMatchObject({
      code: "UNKNOWN_BANK",
      at: "snapshot",
    });
    expect((await search({ where: {}, snapshot, banks: ["a"] }, options)).banks).toHaveLength(1);
  });

  test("of a release that has gone is SUPERSEDED, although its answer is still in the cache", async () => {
    const a = movingBank("a");
    const { clock, pass } = stillClock();
    const options = await federation(clock, a);
    const { snapshot } = await search({ where: {} }, options);
    a.state.n = 2;
    pass(LEASE_MS);
    const found = await search({ where: {}, snapshot: snapshot.token }, options);
    expect(found.banks[0]).toMatchObject({
      status: "SUPERSEDED",
      donors: countOf(0, 100, ["BANK_SILENT"]),
      release: null,
      problem: { code: "RELEASE_SUPERSEDED" },
    });
    expect(found.complete).toBe(false);
    expect(a.asked()).toBe(1);
    expect((await search({ where: {} }, options)).donors).toEqual(exactCount(20));
  });

  test("and a floor that is none of the federation's are the asker's fault, before any bank is asked", async () => {
    const a = movingBank("a");
    const options = await federation(stillClock().clock, a);
    await expect(search({ where: {}, snapshot: "x" }, options)).rejects.toMatchObject({ at: "snapshot" });
    await expect(search({ where: {}, notBefore: "x" }, options)).rejects.toMatchObject({ at: "notBefore" });
    expect(a.asked()).toBe(0);
  });
});

describe("notBefore", () => {
  test("asks a bank anew whose lease is older, and the newer release answers", async () => {
    const a = movingBank("a");
    const options = await federation(stillClock().clock, a);
    expect((await search({ where: {} }, options)).donors).toEqual(exactCount(10));
    a.state.n = 2;
    expect((await search({ where: {} }, options)).donors, "the lease holds").toEqual(exactCount(10));
    const floor = options.tokens.write(new Map([["a", { name: "2-fake", ordinal: 2, purges: 0 }]]));
    const found = await search({ where: {}, notBefore: floor }, options);
    expect(found.banks[0]).toMatchObject({ status: "ANSWERED", release: { id: "a@2" }, donors: exactCount(20) });
    expect((await search({ where: {} }, options)).donors, "and from then on").toEqual(exactCount(20));
  });

  test("a bank that stays behind is BROKEN, and a bank that is not in the token answers", async () => {
    const [a, b] = [movingBank("a"), movingBank("b")];
    const options = await federation(stillClock().clock, a, b);
    await search({ where: {} }, options);
    const floor = options.tokens.write(new Map([["a", { name: "2-fake", ordinal: 2, purges: 0 }]]));
    const found = await search({ where: {}, notBefore: floor }, options);
    expect(found.banks).toMatchObject([
      { status: "BROKEN", donors: countOf(0, 100, ["BANK_SILENT"]), problem: { code: "BANK_BROKEN" } },
      { status: "ANSWERED" },
    ]);
  });
});

describe("a bank out of reach", () => {
  test("is STALE with what it said last, since when, and of which release; then silent", async () => {
    const a = movingBank("a");
    const { clock, pass } = stillClock();
    const options = await federation(clock, a);
    const known = await search({ where: {}, facets: [{ by: "SEX" }] }, options);
    a.state.up = false;
    a.state.n = 2;
    pass(LEASE_MS);
    const found = await search({ where: {}, facets: [{ by: "SEX" }] }, options);
    expect(found.banks[0]).toMatchObject({
      status: "STALE",
      staleSince: new Date(START).toISOString(),
      release: { id: "a@1", bank: "a" },
      donors: exactCount(10),
      problem: { code: "BANK_UNREACHABLE" },
    });
    expect(found.banks[0]!.facets).toEqual(known.banks[0]!.facets);
    expect(found).toMatchObject({ complete: false, donors: exactCount(10), snapshot: known.snapshot });
    const other = await search({ where: { sex: ["MALE"] } }, options);
    expect(other.banks[0], "nobody asked that before").toMatchObject({ status: "UNREACHABLE", staleSince: null });
    pass(STALE_MS);
    const silent = await search({ where: {}, facets: [{ by: "SEX" }] }, options);
    expect(silent.banks[0]).toMatchObject({
      status: "UNREACHABLE",
      staleSince: null,
      release: null,
      donors: countOf(0, 100, ["BANK_SILENT"]),
    });
  });

  test("answers its pinned release from memory, and never one behind the floor", async () => {
    const a = movingBank("a");
    const { clock, pass } = stillClock();
    const options = await federation(clock, a);
    const { snapshot } = await search({ where: {} }, options);
    a.state.up = false;
    pass(LEASE_MS);
    const pinned = await search({ where: {}, snapshot: snapshot.token }, options);
    expect(pinned.banks[0]).toMatchObject({ status: "STALE", donors: exactCount(10) });
    const floor = options.tokens.write(new Map([["a", { name: "2-fake", ordinal: 2, purges: 0 }]]));
    const found = await search({ where: {}, notBefore: floor }, options);
    expect(found.banks[0]).toMatchObject({ status: "UNREACHABLE", donors: countOf(0, 100, ["BANK_SILENT"]) });
  });
});

test("a hit and a miss are equal byte for byte, how long it took included", async () => {
  const { clock, pass } = stillClock();
  const [a, b] = [movingBank("a", () => pass(120)), movingBank("b")];
  const options = await federation(clock, a, b);
  const question = { where: { sex: ["FEMALE"] }, facets: [{ by: "SEX" as const }] };
  const miss = await search(question, options);
  const hit = await search(question, options);
  expect([a.asked(), b.asked()]).toEqual([1, 1]);
  expect(miss.banks[0]!.tookMs).toBe(150);
  expect(JSON.stringify(hit)).toBe(JSON.stringify(miss));
});
