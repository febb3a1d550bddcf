import { afterEach, describe, expect, test } from "vitest";
import type { KeptCards } from "../../gateway/banks/kept-cards.ts";
import { openRegistry, type Registry } from "../../gateway/banks/registry.ts";
import type { SearchArgs } from "../../gateway/search/search.ts";
import { realClock } from "../../net/clock.ts";
import { BANK_ERRORS } from "../../schema/bank-error.ts";
import { countOf, exactCount } from "../../schema/count.ts";
import { QuestionError } from "../../schema/question-error.ts";
import { type AskWith, reading, search } from "./asking.ts";
import { answer, answered, type FakeSubgraph, failure, fakeSubgraph, gatewayOf, memoryLog } from "./fake-subgraph.ts";

const open: Registry[] = [];
afterEach(async () => {
  for (const registry of open.splice(0)) await registry[Symbol.asyncDispose]();
});

const NOW = () => new Date("2026-11-22T00:00:00Z");
const SIZE = { donors: 100, samples: 500, enrolmentsPerPerson: 1 };

/** Opens the banks and gives what a search over them needs. */
const federation = async (...banks: readonly FakeSubgraph[]): Promise<AskWith & ReturnType<typeof memoryLog>> => {
  const { log, lines } = memoryLog();
  const { banks: links, answers, tokens } = gatewayOf(banks);
  const registry = await openRegistry(links, { answers, clock: realClock, log });
  open.push(registry);
  return { registry, deadlineMs: 5000, now: NOW, tokens, log, lines };
};
const ask = async (args: SearchArgs, ...banks: readonly FakeSubgraph[]) => search(args, await federation(...banks));
const never = (): Promise<never> => new Promise(() => {});

describe("every bank is asked once, with one document", () => {
  test("however many facets there are", async () => {
    const banks = [fakeSubgraph("b"), fakeSubgraph("a")];
    const found = await ask(
      { where: {}, facets: [{ by: "SEX" }, { by: "DISEASE", across: "SEX", first: 2 }] },
      ...banks,
    );
    for (const bank of banks) expect(bank.asked.map(({ field }) => field)).toEqual(["self", "answers"]);
    expect(banks[0]!.asked[1]!.question).toEqual(banks[1]!.asked[1]!.question);
    expect(found.banks.map(({ bank }) => bank.id)).toEqual(["a", "b"]);
    expect(found).toMatchObject({ donors: exactCount(20), samples: exactCount(40), waiting: 0, complete: true });
    expect(found.people).toEqual(countOf(10, 20, ["OVERLAP"]));
    expect(found.facets[0]!.cells[0]!.counts.donors).toEqual(exactCount(20));
    expect(found.banks[0]!.facets[0]!.cells[0]!.counts.donors).toEqual(exactCount(10));
    expect(found.facets[1]!.cells).toHaveLength(8);
  });

  test("and only those that the asker names", async () => {
    const [a, b] = [fakeSubgraph("a"), fakeSubgraph("b")];
    const found = await ask({ where: {}, banks: ["b"] }, a, b);
    expect(a.asked.map(({ field }) => field)).toEqual(["self"]);
    expect(found.banks.map(({ bank }) => bank.id)).toEqual(["b"]);
  });

  test("in the canonical form, whatever the spelling: the answer to one is the answer to the other", async () => {
    const bank = fakeSubgraph("a");
    const options = await federation(bank);
    const one = await search({ where: { all: [{ sex: ["MALE", "FEMALE"] }] } }, options);
    const other = await search({ where: { not: { not: { sex: ["FEMALE", "MALE", "MALE"] } } } }, options);
    expect(bank.asked.map(({ field }) => field)).toEqual(["self", "answers"]);
    expect([other.id, other.question.id]).toEqual([one.id, one.question.id]);
    expect(one.question).toMatchObject({
      where: { sex: ["FEMALE", "MALE"] },
      criteria: [{ path: "sex", field: "SEX" }],
    });
  });
});

test("ids differ where the answer may", async () => {
  const options = await federation(fakeSubgraph("a"), fakeSubgraph("b"));
  const ids = await Promise.all(
    [
      { where: {} },
      { where: { sex: ["MALE"] } },
      { where: {}, banks: ["a"] },
      { where: {}, facets: [{ by: "SEX" as const }] },
      { where: {}, facets: [{ by: "SEX" as const, first: 2 }] },
    ].map(async (args) => (await search(args, options)).id),
  );
  expect(new Set(ids).size).toBe(5);
  const [, onlyA] = await Promise.all([
    search({ where: {} }, options),
    search({ where: {}, banks: ["a", "a"] }, options),
  ]);
  expect(onlyA.id).toBe(ids[2]);
  expect(onlyA.banks[0]!.id).not.toBe(ids[2]);
});

describe("a bank that fails is part of the answer", () => {
  test.each(["BANK_UNREACHABLE", "BANK_TIMEOUT", "BANK_BUSY", "BANK_REFUSED", "BANK_BROKEN", "BANK_GONE"] as const)(
    "%s: 0 to its bound, with the reason and the remedy",
    async (code) => {
      const broken = fakeSubgraph("a", { size: SIZE, answers: () => failure(code, 700) });
      const options = await federation(broken, fakeSubgraph("b"));
      const found = await search({ where: { sex: ["FEMALE"] }, facets: [{ by: "USE" }] }, options);
      const [silent, other] = found.banks;
      const bound = { donors: countOf(0, 100, ["BANK_SILENT"]), samples: countOf(0, 500, ["BANK_SILENT"]) };
      expect(silent).toMatchObject({ status: BANK_ERRORS[code].status, ...bound, release: null });
      expect(silent!.problem).toEqual({
        code: code === "BANK_GONE" ? "BANK_BUSY" : code,
        message: BANK_ERRORS[code].meaning,
        remedy: BANK_ERRORS[code].remedy,
        // A bank that changes its release twice has not said when it will be ready: after one lease it is.
        retryAfterMs: code === "BANK_GONE" ? 5000 : 700,
      });
      expect(silent!.facets[0]!.cells.map(({ counts }) => counts)).toEqual([bound, bound, bound]);
      expect(silent!.understanding).toMatchObject([{ criterion: { path: "sex" }, verdict: "EXACT" }]);
      expect(other).toMatchObject({ status: "ANSWERED", problem: null });
      expect(found).toMatchObject({ complete: false, donors: countOf(10, 110, ["BANK_SILENT"]) });
      expect(JSON.stringify(found)).not.toContain("secret detail");
      expect(options.lines).toContainEqual(
        expect.objectContaining({
          bank: "a",
          code,
          msg: expect.stringContaining(code === "BANK_GONE" ? "got two changes" : "secret detail"),
        }),
      );
    },
  );

  test("a failure that this gateway does not know is BROKEN", async () => {
    const found = await ask({ where: {} }, fakeSubgraph("a", { answers: () => failure("BANK_ON_FIRE") }));
    expect(found.banks[0]).toMatchObject({ status: "BROKEN", problem: { code: "BANK_BROKEN" } });
  });

  test("what it cannot count it has answered, with an unknown number", async () => {
    const unable = fakeSubgraph("a", { answers: () => answered("a", failure("BANK_UNSUPPORTED")) });
    const found = await ask({ where: {} }, unable);
    expect(found.banks[0]).toMatchObject({
      status: "ANSWERED",
      donors: countOf(0, 100, ["NOT_COUNTED"]),
      samples: countOf(0, 500, ["NOT_COUNTED"]),
      problem: null,
      release: { id: "a@1", bank: "a" },
    });
    expect(found.complete).toBe(true);
  });

  test("a bank that warrants no size leaves the total open", async () => {
    const size = { donors: null, samples: 0, enrolmentsPerPerson: 1 };
    const found = await ask(
      { where: {} },
      fakeSubgraph("a", { size, answers: () => failure("BANK_BUSY") }),
      fakeSubgraph("b"),
    );
    expect(found.donors).toEqual(countOf(10, null, ["BANK_SILENT"]));
    expect(found.samples).toEqual(exactCount(20));
  });

  test.each<[string, () => unknown, string]>([
    [
      "throws",
      () => {
        throw new Error("secret detail");
      },
      "[a] secret detail",
    ],
    ["sends nonsense", () => "nonsense", "[a] answers: wanted an object, got nonsense"],
    ["sends nothing", () => ({}), "[a] answers.release: wanted an object, got undefined"],
    [
      "sends wrong numbers",
      () => answered("a", answer({ v: 1, where: {}, facets: [] }, { min: 5, max: 4, because: ["ROUNDED"] })),
      "[a] answers[0].donors: wanted min <= max, got 5..4",
    ],
  ])("a bank that %s is BROKEN, and the log has the sentence", async (_, answers, sentence) => {
    const options = await federation(fakeSubgraph("a", { answers }));
    const { banks } = await search({ where: {} }, options);
    expect(banks[0]).toMatchObject({
      status: "BROKEN",
      problem: { code: "BANK_BROKEN" },
      donors: countOf(0, 100, ["BANK_SILENT"]),
    });
    expect(options.lines).toContainEqual(expect.objectContaining({ bank: "a", code: "BANK_BROKEN", msg: sentence }));
    expect(JSON.stringify(banks)).not.toContain("secret detail");
  });

  test("a bank that cannot say how it reads the question either understands nothing", async () => {
    const found = await ask(
      { where: { sex: ["MALE"] } },
      fakeSubgraph("a", { answers: () => failure("BANK_BUSY"), readings: () => "nonsense" }),
    );
    expect(found.banks[0]).toMatchObject({ status: "BUSY", understanding: [] });
  });
});

describe("deadlines", () => {
  test("a bank that is late is TIMED_OUT, the others are not held up, and its answer is kept for the next asker", async () => {
    let told: AbortSignal | undefined;
    let say: (answers: object) => void = () => {};
    const hanging = fakeSubgraph("a", {
      answers: (_, signal) => {
        told = signal;
        return new Promise((resolve) => {
          say = resolve;
        });
      },
    });
    const started = performance.now();
    const options = await federation(hanging, fakeSubgraph("b"));
    const question = { where: { sex: ["FEMALE"] } };
    const found = await search({ ...question, deadlineMs: 200 }, options);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(found.banks.map(({ status }) => status)).toEqual(["TIMED_OUT", "ANSWERED"]);
    expect(found.banks[0]).toMatchObject({
      donors: countOf(0, 100, ["BANK_SILENT"]),
      problem: { code: "BANK_TIMEOUT" },
    });
    expect(found.banks[0]!.understanding).toHaveLength(1);
    expect(found.banks[0]!.tookMs % 50).toBe(0);
    expect(found.banks[0]!.tookMs).toBeGreaterThanOrEqual(200);
    expect(told?.aborted).toBe(false);
    say(answered("a", answer(hanging.asked[1]!.question!)));
    const next = await search(question, options);
    expect(next.banks.map(({ status }) => status)).toEqual(["ANSWERED", "ANSWERED"]);
    expect(hanging.asked.filter(({ field }) => field === "answers")).toHaveLength(1);
  });

  test("a bank that never says anything holds up nobody", async () => {
    const mute = fakeSubgraph("a", { answers: never, readings: never });
    const found = await ask({ where: {}, deadlineMs: 100 }, mute);
    expect(found.banks[0]).toMatchObject({ status: "TIMED_OUT", understanding: [] });
  });

  test.each([0, -5, 30_001])("%d milliseconds are an error", async (deadlineMs) => {
    const error = await ask({ where: {}, deadlineMs }, fakeSubgraph("a")).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(QuestionError);
    expect(error).toMatchObject({ code: "BAD_ARGUMENT", at: "deadlineMs" });
  });

  test("an asker who leaves takes the question along", async () => {
    const asker = new AbortController();
    let heard: AbortSignal | undefined;
    const bank = fakeSubgraph("a", {
      answers: (_, signal) => {
        heard = signal;
        queueMicrotask(() => asker.abort(new Error("gone")));
        return never();
      },
    });
    const options = await federation(bank);
    await expect(search({ where: {} }, { ...options, signal: asker.signal })).rejects.toThrow("gone");
    expect(heard?.aborted).toBe(true);
    expect(bank.asked.map(({ field }) => field)).toEqual(["self", "answers"]);
  });
});

describe("faults of the asker are errors, before any bank is asked", () => {
  test.each([
    ["tmn", "UNKNOWN_BANK", 'wanted the id of a bank, got "tmn". Did you mean tmm?'],
    [
      "trial",
      "BANK_NOT_LIVE",
      "wanted a bank that takes questions, got trial, which is on trial. Leave it out until it has joined",
    ],
    [
      "paused",
      "BANK_NOT_LIVE",
      "wanted a bank that takes questions, got paused, which its operator has paused. Leave it out, or ask again when it is back",
    ],
  ])("the bank %s", async (id, code, says) => {
    const banks = [
      fakeSubgraph("tmm"),
      fakeSubgraph("trial", { state: "TRIAL" }),
      fakeSubgraph("paused", { state: "PAUSED" }),
    ];
    const error = await ask({ where: {}, banks: ["tmm", id] }, ...banks).catch((e: unknown) => e);
    expect(error).toMatchObject({ code, at: "banks[1]", suggestions: id === "tmn" ? ["tmm"] : [] });
    expect(error).toMatchObject({ message: `banks[1]: ${says}`, says: { en: says } });
    for (const bank of banks) expect(bank.asked.map(({ field }) => field)).toEqual(["self"]);
  });

  test.each<[SearchArgs, string]>([
    [{ where: {}, banks: [] }, "banks"],
    [{ where: { all: [] } }, "where.all"],
    [{ where: { disease: { codes: ["ICD10:ZZZ"] } } }, "where.disease.codes[0]"],
    [{ where: {}, facets: [] }, "facets"],
  ])("%j", async (args, at) => {
    await expect(ask(args, fakeSubgraph("a"))).rejects.toMatchObject({ name: "QuestionError", at });
  });
});

describe("the registry", () => {
  test("a bank that cannot say who it is joins when it can", async () => {
    let up = false;
    const late = fakeSubgraph("late", {
      self: () => {
        if (!up) throw new Error("not yet");
      },
    });
    const { registry, lines } = await federation(late, fakeSubgraph("other"));
    expect(registry.live().map(({ id }) => id)).toEqual(["other"]);
    expect(lines).toContainEqual(expect.objectContaining({ bank: "late", msg: "the bank did not say who it is" }));
    up = true;
    await registry.refresh();
    expect(registry.live().map(({ id }) => id)).toEqual(["late", "other"]);
    up = false;
    await registry.refresh();
    expect(registry.get("late")?.card().name.en).toBe("Bank late");
  });

  test("two banks of one id are refused", async () => {
    await expect(federation(fakeSubgraph("a"), fakeSubgraph("a"))).rejects.toThrow("got two of id a");
  });
});

describe("reading", () => {
  test("asks no bank to count", async () => {
    const bank = fakeSubgraph("a");
    const options = await federation(bank);
    const { question, banks } = await reading({ where: { sex: ["FEMALE"] }, facets: [{ by: "SEX" }] }, options);
    expect(question.where).toEqual({ sex: ["FEMALE"] });
    expect(banks).toMatchObject([{ bank: { id: "a" }, understanding: [{ verdict: "EXACT" }], lostFacets: [] }]);
    expect(bank.asked.map(({ field }) => field)).toEqual(["self", "readings", "readings"]);
  });

  test("a bank that cannot say it loses every facet", async () => {
    const options = await federation(
      fakeSubgraph("a", {
        readings: () => {
          throw new Error("down");
        },
      }),
    );
    const { banks } = await reading({ where: {}, facets: [{ by: "SEX", across: "USE" }] }, options);
    expect(banks).toMatchObject([{ understanding: [], lostFacets: ["SEX", "USE"] }]);
  });
});

describe("a bank that is away when the gateway starts", () => {
  const away = () =>
    fakeSubgraph("a", {
      self: () => {
        throw new Error("away");
      },
      lease: () => failure("BANK_UNREACHABLE"),
    });
  const kept = (): KeptCards => {
    let cards: Awaited<ReturnType<KeptCards["read"]>> = new Map();
    return {
      read: async () => cards,
      write: async (written) => {
        cards = written;
      },
    };
  };
  const started = async (kept: KeptCards, ...banks: readonly FakeSubgraph[]): Promise<AskWith> => {
    const { banks: links, answers, tokens } = gatewayOf(banks);
    const { log } = memoryLog();
    const registry = await openRegistry(links, { answers, clock: realClock, log, kept });
    open.push(registry);
    return { registry, deadlineMs: 5000, now: NOW, tokens, log };
  };

  test("and was never met leaves no answer complete", async () => {
    const ask = await started(kept(), away(), fakeSubgraph("b"));
    expect(await search({ where: {} }, ask)).toMatchObject({ banks: [{ bank: { id: "b" } }], complete: false });
    expect(await search({ where: {}, banks: ["b"] }, ask)).toMatchObject({ complete: true });
  });

  test("and was met before is silent, up to its bound", async () => {
    const cards = kept();
    await started(cards, fakeSubgraph("a"), fakeSubgraph("b"));
    const ask = await started(cards, away(), fakeSubgraph("b"));
    expect(await search({ where: {} }, ask)).toMatchObject({
      banks: [{ status: "UNREACHABLE", donors: countOf(0, 100, ["BANK_SILENT"]) }, { status: "ANSWERED" }],
      complete: false,
    });
  });
});
