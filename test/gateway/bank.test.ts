import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { BankLink } from "../../gateway/banks/link.ts";
import { overHttp } from "../../gateway/banks/over-http.ts";
import { openRegistry } from "../../gateway/banks/registry.ts";
import { realClock } from "../../net/clock.ts";
import { exactCount } from "../../schema/count.ts";
import { serveSubgraph } from "../../subgraphs/serve/server.ts";
import { type AskWith, reading, search } from "./asking.ts";
import { answer, answered, failure, fakeSubgraph, gatewayOf, lease, memoryLog } from "./fake-subgraph.ts";
import { inProcess } from "./in-process.ts";

const federation = async (...links: readonly BankLink[]): Promise<AskWith & ReturnType<typeof memoryLog>> => {
  const { log, lines } = memoryLog();
  const { answers, tokens } = gatewayOf([]);
  const registry = await openRegistry(links, { answers, clock: realClock, log });
  onTestFinished(() => registry[Symbol.asyncDispose]());
  return { registry, tokens, deadlineMs: 5000, now: () => new Date("2026-11-22T00:00:00Z"), log, lines };
};

const listenAt = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });

// Readings, cards and publishing went around the guard: each question to a bank that was known to be away sent it a request.
test("a remote bank that is away is tried at most twice a second, however many ask", async () => {
  const options = { port: 0, host: "127.0.0.1", isToken: () => false, fault: () => undefined };
  const served = await serveSubgraph(fakeSubgraph("a"), options);
  const ask = await federation(overHttp([new URL(served.url)]));
  expect((await search({ where: {} }, ask)).complete).toBe(true);
  await served.close();
  let connections = 0;
  const dead = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await listenAt(dead, Number(new URL(served.url).port));
  onTestFinished(() => void dead.close());
  const away = async (n: number) => {
    const { banks } = await search({ where: { not: { sample: { collectedYear: { from: n } } } } }, ask);
    expect(banks[0]!.status).toBe("UNREACHABLE");
    await reading({ where: { sample: { collectedYear: { to: n } } } }, ask);
  };
  for (let n = 0; n < 5; n += 1) await away(n);
  const before = connections;
  const started = performance.now();
  for (let n = 5; n < 105; n += 1) {
    await away(n);
    await sleep(20);
  }
  const seconds = (performance.now() - started) / 1000;
  // A probe is one request, which may be sent once more.
  expect((connections - before) / seconds).toBeLessThanOrEqual(2.2);
});

describe("a bank's readings", () => {
  const bank = (state = { edition: 1, up: true }) => {
    const unreachable = () => {
      throw new Error("away");
    };
    const subgraph = fakeSubgraph("a", {
      lease: () =>
        state.up
          ? lease("a", {}, { edition: { name: `${state.edition}-a`, ordinal: state.edition, purges: 0 }, leaseMs: 50 })
          : failure("BANK_UNREACHABLE"),
      ...(state.up ? {} : { readings: unreachable }),
    });
    const asked = () => subgraph.asked.filter(({ field }) => field === "readings").length;
    return { state, subgraph, asked };
  };

  test("are asked for once for each criterion, whatever else the questions say", async () => {
    const { subgraph, asked } = bank();
    const ask = await federation(inProcess(subgraph));
    const one = await reading({ where: { sex: ["FEMALE"] } }, ask);
    expect(one.banks[0]).toMatchObject({
      known: true,
      understanding: [{ verdict: "EXACT", criterion: { path: "sex" } }],
    });
    expect(asked()).toBe(1);
    const both = { all: [{ not: { sex: ["FEMALE"] } }, { sample: { type: ["PLASMA"] } }] };
    const two = await reading({ where: both }, ask);
    expect(two.banks[0]!.understanding.map(({ criterion }) => criterion.path)).toEqual(["all[0].not.sex"]);
    expect(asked()).toBe(2);
    await Promise.all(Array.from({ length: 20 }, () => reading({ where: both, facets: [{ by: "SEX" }] }, ask)));
    expect(asked(), "a facet's field").toBe(3);
  });

  test("are asked for again in another edition, and serve while the bank is away", async () => {
    const { state, subgraph, asked } = bank();
    const ask = await federation(inProcess(subgraph));
    const women = () => reading({ where: { sex: ["FEMALE"] } }, ask);
    await women();
    state.edition = 2;
    await sleep(60);
    await women();
    expect(asked()).toBe(2);
    state.up = false;
    await sleep(60);
    expect((await women()).banks[0]).toMatchObject({ known: true, understanding: [{ verdict: "EXACT" }] });
    expect(asked()).toBe(2);
  });

  test("that a bank has never said are not known", async () => {
    const down = () => {
      throw new Error("down");
    };
    const ask = await federation(inProcess(fakeSubgraph("a", { readings: down })));
    const { banks } = await reading({ where: { sex: ["MALE"] }, facets: [{ by: "SEX", across: "USE" }] }, ask);
    expect(banks[0]).toMatchObject({ known: false, understanding: [], lostFacets: ["SEX", "USE"] });
  });
});

// A call to a bank ended after ten seconds, whatever the asker's deadline.
test("a bank that takes 12 seconds answers an asker who waits for 20", async () => {
  const slow = fakeSubgraph("a", {
    answers: async (question) => {
      await sleep(12_000);
      return answered("a", answer(question));
    },
  });
  const remote = fakeSubgraph("b", {
    answers: async (question) => {
      await sleep(12_000);
      return answered("b", answer(question));
    },
  });
  const served = await serveSubgraph(remote, {
    port: 0,
    host: "127.0.0.1",
    isToken: () => false,
    fault: () => undefined,
  });
  onTestFinished(() => served.close());
  const ask = await federation(inProcess(slow), overHttp([new URL(served.url)]));
  const { banks } = await search({ where: {}, deadlineMs: 20_000 }, ask);
  expect(banks.map(({ status }) => status)).toEqual(["ANSWERED", "ANSWERED"]);
});

// The call that the first asker began ends by the limit of the first: the second was given up with it, after one second.
test("an asker who joins a call late is not given up by the limit of those before", async () => {
  let calls = 0;
  const silent = fakeSubgraph("a", {
    answers: async (question) => {
      calls += 1;
      if (calls === 1) await sleep(30_000);
      return answered("a", answer(question));
    },
  });
  const ask = await federation(inProcess(silent));
  const first = search({ where: {}, deadlineMs: 12_000 }, ask);
  await sleep(11_000);
  const second = search({ where: {}, deadlineMs: 20_000 }, ask);
  expect((await first).banks[0]?.status).toBe("TIMED_OUT");
  expect((await second).banks[0]?.status).toBe("ANSWERED");
  expect(calls).toBe(2);
});

describe("a card that breaks the contract", () => {
  const SIZE = { donors: 100, samples: 500, enrolmentsPerPerson: 0 };
  const peopleAndCentres = (ask: AskWith) => search({ where: {}, facets: [{ by: "CENTRE" }] }, ask);

  test("makes its bank BROKEN without bounds, and changes no other answer", async () => {
    const ask = await federation(inProcess(fakeSubgraph("bad", { size: SIZE })), inProcess(fakeSubgraph("good")));
    const found = await peopleAndCentres(ask);
    expect(found.banks).toMatchObject([
      { bank: { id: "bad", name: { en: "Bank bad" } }, status: "BROKEN", donors: { min: 0, max: null } },
      { bank: { id: "good" }, status: "ANSWERED", donors: exactCount(10) },
    ]);
    expect(found.people).toMatchObject({ min: 10, max: null });
    expect(found.complete).toBe(false);
  });

  test("is that of its bank alone where it names another bank", async () => {
    const good = fakeSubgraph("good");
    const thief = { ...inProcess(fakeSubgraph("good")), at: "thief", id: "thief" };
    const ask = await federation(thief, inProcess(good));
    const { banks } = await peopleAndCentres(ask);
    expect(banks).toMatchObject(
      [
        { bank: { id: "thief", name: { en: "thief" } }, status: "BROKEN" },
        { bank: { id: "good" }, status: "ANSWERED" },
      ].sort((a, b) => (a.bank.id < b.bank.id ? -1 : 1)),
    );
  });

  test("is mended by the next good one", async () => {
    const script = { size: SIZE };
    const bank = fakeSubgraph("a", script);
    const ask = await federation(inProcess(bank));
    expect((await search({ where: {} }, ask)).banks[0]!.status).toBe("BROKEN");
    Object.assign(script, { size: { ...SIZE, enrolmentsPerPerson: 1 } });
    await ask.registry.refresh();
    expect((await search({ where: {} }, ask)).banks[0]).toMatchObject({ status: "ANSWERED", donors: exactCount(10) });
    Object.assign(script, { size: SIZE });
    await ask.registry.refresh();
    expect((await search({ where: {} }, ask)).banks[0]).toMatchObject({ status: "BROKEN", donors: { max: 100 } });
  });
});
