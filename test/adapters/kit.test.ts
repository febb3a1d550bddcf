import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { BEACON } from "../../adapters/beacon/counts.ts";
import { donorConjunction, implies, sampleConjunction } from "../../adapters/kit/conjunction.ts";
import { byOne } from "../../adapters/kit/counting-api.ts";
import { fieldOptions, namedFields, SAMPLE_KEYS } from "../../adapters/kit/field-options.ts";
import { httpKind } from "../../adapters/kit/http-kind.ts";
import { onceEach } from "../../adapters/kit/once-each.ts";
import { oneRelease } from "../../adapters/kit/one-release.ts";
import { parseCount } from "../../adapters/kit/parse-count.ts";
import { serverWords } from "../../adapters/kit/server-words.ts";
import { Unsupported } from "../../adapters/kit/unsupported.ts";
import { withoutSample } from "../../adapters/kit/without-sample.ts";
import type { LocalQuestion } from "../../adapters/local.ts";
import { jsonClient } from "../../net/http/json-client.ts";
import { httpOptions } from "../../net/http/remote-options.ts";
import { BankError } from "../../schema/bank-error.ts";
import { code, EVERY, has, is, question, sample } from "./questions.ts";

const NEVER = new AbortController().signal;
const dna = is("SAMPLE_TYPE", code("DNA"));
const cold = is("STORAGE", code("cold"));

// A time-out of 2 s took 4 s.
test("a release is not looked at again where nothing was counted in time", async () => {
  const release = { id: "1", date: "2026-04-01", kind: "ANNOUNCED" } as const;
  let looks = 0;
  const read = async () => {
    looks += 1;
    return release;
  };
  const { during } = oneRelease("bank", { read, seen: release, statedLast: false });
  const late = new BankError("BANK_TIMEOUT", "bank", "too late");
  const outcomesOf = (...outcomes: readonly (number | BankError)[]) =>
    during(release, outcomes.length, NEVER, async () => ({ outcomes, stated: [] }));
  expect(await outcomesOf(late, late)).toEqual([late, late]);
  expect(looks).toBe(0);
  expect(await outcomesOf(late, 1)).toEqual([late, 1]);
  expect(looks).toBe(1);
});

describe("onceEach", () => {
  const sending = (most: number, sent: (readonly string[])[]) => ({
    keyOf: (request: string) => request,
    most,
    send: async (part: readonly string[]) => {
      sent.push(part);
      if (part.includes("bad")) throw new BankError("BANK_BUSY", "bank", "no");
      return part.map((request) => `${request}!`);
    },
  });

  test("sends equal requests once, so many together, and answers in order", async () => {
    const sent: (readonly string[])[] = [];
    expect(await onceEach(["a", "b", "a", "c"], sending(2, sent))).toEqual(["a!", "b!", "a!", "c!"]);
    expect(sent).toEqual([["a", "b"], ["c"]]);
    expect(await onceEach([], sending(2, sent))).toEqual([]);
    expect(sent).toHaveLength(2);
  });

  test("a part that fails leaves the others standing", async () => {
    const busy = expect.objectContaining({ code: "BANK_BUSY" });
    expect(await onceEach(["bad", "b", "c"], sending(2, []))).toEqual([busy, busy, "c!"]);
    await expect(onceEach(["a"], { keyOf: String, send: () => Promise.reject(new Error("bug")) })).rejects.toThrow(
      "bug",
    );
  });
});

describe("conjunction", () => {
  const both: LocalQuestion = question([has("SEX", code("F")), sample(dna), sample(dna, cold)], cold);

  test("drops conditions that others imply, and tests that pass always", () => {
    const always = is("AGE_AT_COLLECTION", { from: null, to: null, missing: true });
    expect(donorConjunction(both)).toEqual({ tests: [has("SEX", code("F"))], samples: [[dna, cold]] });
    expect(donorConjunction(question([sample(dna, always), sample(dna)]))).toEqual({ tests: [], samples: [[dna]] });
  });

  test.each<[string, LocalQuestion]>([
    ["any", { donors: { op: "any", of: [] }, samples: EVERY }],
    ["not", question([{ op: "not", of: has("SEX", code("F")) }])],
    ["any of two samples", question([{ op: "sample", of: { op: "any", of: [dna, cold] } }])],
    // A beacon was asked for all donors then, and what it counted passed for those who have a sample.
    ["a sample of any kind", question([sample()])],
  ])("%s is none", (_, asked) => {
    expect(() => donorConjunction(asked)).toThrow(Unsupported);
  });

  test("of samples takes conditions that the samples counted meet, and no others", () => {
    const selected = { op: "all", of: [dna, cold, dna] } as const;
    expect(sampleConjunction(question([sample(dna)], selected)).selected).toEqual([dna, cold]);
    expect(() => sampleConjunction(question([sample(cold)], dna))).toThrow("on other samples of their donors");
  });
});

test("a selector implies what each of its samples meets", () => {
  const all = { op: "all", of: [dna, cold] } as const;
  const any = { op: "any", of: [dna, cold] } as const;
  expect([implies(all, dna), implies(dna, any), implies(all, EVERY), implies(any, any)]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([implies(any, dna), implies(dna, all), implies(EVERY, dna)]).toEqual([false, false, false]);
});

test("donors without the condition that they have a sample that is counted", () => {
  const female = has("SEX", code("F"));
  expect(withoutSample(question([female, { op: "sample", of: dna }], dna))).toEqual({ op: "all", of: [female] });
  expect(withoutSample(question([female, { op: "sample", of: cold }], dna))).toBeUndefined();
});

test("fields are named by the keys of their section", () => {
  const { fields, samples } = fieldOptions(z.string(), "Place of the");
  expect(fields.safeParse({ sex: "a", sampleType: "b" }).success).toBe(true);
  expect(fields.safeParse({ nothing: "a" }).success).toBe(false);
  const section = z.strictObject({ file: z.string(), ...samples }).parse({ file: "f", type: "kind", age: "years" });
  expect(namedFields(SAMPLE_KEYS, section)).toEqual([
    { field: "SAMPLE_TYPE", key: "type", said: "kind" },
    { field: "AGE_AT_COLLECTION", key: "age", said: "years" },
  ]);
});

test("a count that is none is an error with the kind of value", () => {
  expect(parseCount("bank", "n", 7)).toBe(7);
  expect(() => parseCount("bank", "n", "4815")).toThrow("[bank] n: wanted an integer >= 0, got a string");
});

test("numbers that stand alone are masked in a server's words, codes are not", () => {
  expect(serverWords("ICD10:E11.2: 4,815 of -23 found (x7), n=1.5")).toBe("ICD10:E11.2: # of -# found (x7), n=#");
  expect(serverWords(7)).toBeUndefined();
});

describe("a kind on the kit", () => {
  /** A JSON API in whose words a question is the sex of its donors. */
  const plain = httpKind({
    options: httpOptions({ kind: z.literal("plain"), atOnce: z.number().default(2) }),
    named: () => ({ fields: [], codes: [] }),
    connect: (bank, options, link) => jsonClient(bank, { ...options, dialect: BEACON, link }),
    async open({ bank, options, client }, signal) {
      const at = (path: string): URL => new URL(path, options.url);
      const { version } = await client.fetch(at("release"), signal);
      return {
        release: async (asked) => {
          const { id } = await client.fetch(at("release"), asked);
          return { id: `${bank}@${id}`, date: "2026-01-01", kind: "ANNOUNCED" };
        },
        statedLast: false,
        capabilities: {
          counts: version === 1 ? ["DONORS"] : ["DONORS", "SAMPLES"],
          donors: { logic: "and" },
          samples: { logic: "and" },
          fields: { SEX: { on: ["DONORS"], rest: false, several: false } },
          facets: [],
        },
        say(_, asked) {
          const sex = donorConjunction(asked).tests.map(({ test }) => ("codes" in test ? test.codes[0]! : ""));
          return byOne(sex.join(), (count: unknown) => {
            const donors = parseCount(bank, "count", count);
            return { min: donors, max: donors };
          });
        },
        keyOf: (sex: string) => sex,
        send: async ([sex], asked) => {
          const { count } = await client.fetch(at(`count?sex=${sex}`), asked);
          return { outcomes: [count], stated: [] };
        },
      };
    },
  });

  const start = async (answers: { readonly [path: string]: object | number }) => {
    const asked: string[] = [];
    let connections = 0;
    const server = createServer(({ url = "" }, response) => {
      asked.push(url.slice(1));
      const answer = answers[url.slice(1)] ?? 500;
      response.writeHead(typeof answer === "number" ? answer : 200, { "content-type": "application/json" });
      response.end(typeof answer === "number" ? "" : JSON.stringify(answer));
    });
    server.on("connection", (socket) => {
      connections += 1;
      socket.on("close", () => {
        connections -= 1;
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const open = async () => {
      const options = plain.options.parse({ kind: "plain", url });
      const adapter = await plain.open(options, {}, { bank: "bank", folder: ".", env: {} }, NEVER);
      onTestFinished(() => adapter[Symbol.asyncDispose]());
      return adapter;
    };
    return { asked, open, connections: () => connections };
  };
  const female: LocalQuestion = { ...question([has("SEX", code("F"))]), only: "DONORS" };
  const COUNTS = { release: { id: 1 }, "count?sex=F": { count: 7 }, "count?sex=M": { count: -1 } };

  test("sends equal counts once between two looks at the release", async () => {
    const { asked, open } = await start(COUNTS);
    const adapter = await open();
    const release = await adapter.release(NEVER);
    asked.length = 0;
    const male = { ...question([has("SEX", code("M"))]), only: "DONORS" } as const;
    const seven = { donors: { min: 7, max: 7 }, samples: { min: 0, max: null } };
    expect(await adapter.count([female, male, female], release, NEVER)).toMatchObject([
      seven,
      { code: "BANK_BROKEN", message: "[bank] count: wanted an integer >= 0, got a negative number" },
      seven,
    ]);
    expect(asked.sort()).toEqual(["count?sex=F", "count?sex=M", "release"]);
    expect(await adapter.count([], release, NEVER)).toEqual([]);
    expect(await adapter.count([female], { ...release, id: "bank@2" }, NEVER)).toMatchObject([
      { code: "BANK_GONE", message: "[bank] wanted release bank@2, got bank@1" },
    ]);
  });

  test("refuses facets, counts that it does not give, and what the kind cannot say", async () => {
    const { open } = await start({ ...COUNTS, release: { id: 1, version: 1 } });
    const adapter = await open();
    const by = [{ field: "SEX", cells: [code("F")] }] as const;
    const got = await adapter.count(
      [
        { ...female, by },
        { ...female, only: "SAMPLES" },
        { ...female, donors: { op: "any", of: [] } },
      ],
      await adapter.release(NEVER),
      NEVER,
    );
    expect(got).toMatchObject([
      { code: "BANK_UNSUPPORTED", message: "[bank] wanted a question without facets, got facets" },
      { code: "BANK_UNSUPPORTED", message: "[bank] wanted a count that the bank gives, got one of samples" },
      { code: "BANK_UNSUPPORTED", message: '[bank] wanted a conjunction, got "any"' },
    ]);
  });

  test("closes its client where it cannot be opened, and a refusal to say what it can is the bank's fault", async () => {
    const { open, connections } = await start({ release: 400 });
    await expect(open()).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: "[bank] /release: wanted an answer, got HTTP 400",
      cause: { code: "BANK_UNSUPPORTED" },
    });
    await expect.poll(connections).toBe(0);
  });
});
