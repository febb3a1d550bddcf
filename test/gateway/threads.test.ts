import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ExecutionResult, parse } from "graphql";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Asker, anonymous } from "../../gateway/askers/asker.ts";
import type { BankLink } from "../../gateway/banks/link.ts";
import { overHttp } from "../../gateway/banks/over-http.ts";
import { type HostOptions, inThreads } from "../../gateway/banks/threads/in-threads.ts";
import { NEVER } from "../../net/signals.ts";
import type { Lease } from "../../schema/wire/lease.ts";
import { openBank } from "../../subgraphs/serve/open.ts";
import { serveSubgraph } from "../../subgraphs/serve/server.ts";
import { newFolder, writeFiles } from "../folder.ts";
import { memoryLog } from "./fake-subgraph.ts";
import { obedientBank } from "./obedient-bank.ts";

const OPERATOR: Asker = { ...anonymous("token:0"), tier: "OPERATOR", banks: ["small"] };
/** Only a thread that hangs is to run into it. */
const TIMEOUT = { timeout: 60_000, interval: 50 };
const FAKES = new URL("./fake-thread.ts", import.meta.url);

const disposedLater = <L extends readonly BankLink[]>(links: L): L => {
  onTestFinished(async () => {
    await Promise.all(links.map((link) => link[Symbol.asyncDispose]()));
  });
  return links;
};

/** Banks on threads, until the test ends. */
const host = async (files: readonly string[], options: Partial<HostOptions> = {}) => {
  const { log, lines } = memoryLog();
  const stateFolder = options.stateFolder ?? (await newFolder());
  const links = disposedLater(await inThreads(files, { env: {}, leaseMs: 300, log, ...options, stateFolder }));
  const errors = (): readonly unknown[] => lines.filter(({ level }) => level === 50);
  return { links, errors, bank: (id: string): BankLink => links.find((link) => link.id === id)! };
};
const hostFakes = (ids: readonly string[], options: Partial<HostOptions> = {}) =>
  host(ids, { module: FAKES, ...options });

const ANSWERS = parse("query($asOf: ID!, $questions: [JSON!]!) { answers(asOf: $asOf, questions: $questions) }");
const ask = (link: BankLink, where: object = {}, signal = NEVER): Promise<ExecutionResult> =>
  link.execute({ document: ANSWERS, variables: { asOf: "1-fake", questions: [{ v: 1, where, facets: [] }] }, signal });
const outcomeOf = (asked: Promise<ExecutionResult>): Promise<unknown> =>
  asked.then(
    () => "answered",
    ({ code, bank, retryAfterMs }) => ({ code, bank, retryAfterMs }),
  );
const unreachable = (bank: string) => ({ code: "BANK_UNREACHABLE", bank, retryAfterMs: expect.any(Number) });

describe("a bank on a thread", () => {
  test.each([{}, { beBusy: true }])("says what it says over HTTP: %j", async (where) => {
    const { bank } = await hostFakes(["a"]);
    const options = { port: 0, host: "127.0.0.1", isToken: () => false, fault: () => undefined };
    const served = await serveSubgraph(obedientBank("a"), options);
    onTestFinished(() => served.close());
    const [remote] = disposedLater([overHttp([new URL(served.url)])] as const);
    expect(await ask(bank("a"), where)).toEqual(await ask(remote, where));
  });

  test("hears when its asker leaves, and still answers", async () => {
    const { bank } = await hostFakes(["a"]);
    const leaving = new AbortController();
    const answering = ask(bank("a"), { answerWhenLeft: true }, leaving.signal);
    leaving.abort(new Error("left"));
    expect(await answering).toEqual({
      data: { answers: { release: null, failure: expect.objectContaining({ retryAfterMs: 7 }) } },
    });
  });

  test("fails with the reason for which its asker left where it has no answer then", async () => {
    const { bank, errors } = await hostFakes(["a"]);
    const leaving = new AbortController();
    const answering = ask(bank("a"), { throwWhenLeft: true }, leaving.signal);
    leaving.abort(new Error("left"));
    await expect(answering).rejects.toThrow("left");
    await expect(ask(bank("a"), {}, leaving.signal)).rejects.toThrow("left");
    expect(errors()).toEqual([]);
  });

  test("may be busy without holding up this thread", async () => {
    const { bank } = await hostFakes(["a"]);
    let latest = 0;
    let before = performance.now();
    const ticks = setInterval(() => {
      latest = Math.max(latest, performance.now() - before);
      before = performance.now();
    }, 10);
    onTestFinished(() => clearInterval(ticks));
    await ask(bank("a"), { reckonForMs: 2000 });
    expect(latest).toBeLessThan(1000);
  });

  test("that has a bug is logged under its id, and goes on", async () => {
    const { bank, errors } = await hostFakes(["a", "b"]);
    await ask(bank("b"), { throw: true });
    await ask(bank("a"), { rejectUnheard: true });
    await expect
      .poll(errors, TIMEOUT)
      .toEqual([
        expect.objectContaining({ bank: "b", err: expect.objectContaining({ message: "a bug of this bank" }) }),
        expect.objectContaining({ bank: null, err: expect.objectContaining({ message: "nobody hears" }) }),
      ]);
    expect(await outcomeOf(ask(bank("a")))).toBe("answered");
  });
});

test.each([
  [1, 5, 1],
  [2, 5, 2],
  [9, 3, 3],
  [3, 0, 0],
])("%i threads at most and %i banks make %i", async (threads, banks, made) => {
  const ids = Array.from({ length: banks }, (_, i) => `bank-${i}`);
  const { links } = await hostFakes(ids, { threads });
  expect(links.map(({ id }) => id).sort()).toEqual(ids);
  const found = await Promise.all(links.map(async (link) => (await ask(link, { tellThread: true })).data?.["answers"]));
  expect(new Set(found.map((each) => JSON.stringify(each))).size).toBe(made);
});

describe("a thread that ends by itself", () => {
  test.each([
    ["of an error that nobody catches", { die: true }, {}, "a bug"],
    ["of memory", { takeAllMemory: true }, { resourceLimits: { maxOldGenerationSizeMb: 128 } }, /memory/],
    ["because it hangs", { hang: true }, { pingMs: 500 }, "wanted a sign of life within 3000 ms, got none"],
  ])("%s makes its banks UNREACHABLE until it is back", { timeout: 60_000 }, async (_, where, options, why) => {
    const { bank, errors } = await hostFakes(["a", "b", "other"], { threads: 2, ...options });
    const waiting = outcomeOf(ask(bank("other"), { neverAnswer: true }));
    expect(await outcomeOf(ask(bank("a"), where))).toEqual(unreachable("a"));
    expect(await waiting).toEqual(unreachable("other"));
    expect(await outcomeOf(ask(bank("a")))).toEqual(unreachable("a"));
    expect(await outcomeOf(ask(bank("b"))), "the other thread goes on").toBe("answered");
    expect(errors()).toMatchObject([
      { banks: ["a", "other"], msg: "the thread of these banks has ended: it is started again" },
    ]);
    expect(JSON.stringify(errors())).toMatch(why);
    await expect.poll(() => outcomeOf(ask(bank("a"))), TIMEOUT).toBe("answered");
    expect(await outcomeOf(ask(bank("other")))).toBe("answered");
  });

  test("is not started again once its banks are disposed", async () => {
    const { links, bank, errors } = await hostFakes(["a", "b"], { threads: 1 });
    await bank("a")[Symbol.asyncDispose]();
    expect(await outcomeOf(ask(bank("b")))).toBe("answered");
    await bank("b")[Symbol.asyncDispose]();
    // A start that is put off is logged when it is.
    expect(errors()).toEqual([]);
    for (const link of links) expect(await outcomeOf(ask(link))).toEqual(unreachable(link.id!));
  });
});

const YAML = `id: small
name: { en: Small Bank }
contact: { name: Office, email: office@small.example }
size: { donors: 100, samples: 100 }
adapter:
  kind: tabular
  folder: \${SMALL_DATA}
  donors: { file: donors.csv, id: id, sex: sex }
  samples: { file: samples.csv, donor: id, type: type }
sex: { "1": MALE, "2": FEMALE }
sampleType: { P: PLASMA }
complete: [sex, sampleType]
release: { announced: true }
disclosure: { off: true }
`;
const load = (folder: string, number: number): Promise<void> =>
  writeFiles(join(folder, "data"), {
    "donors.csv": [["id", "sex"], ...Array.from({ length: number }, (_, id) => [id, 2])],
    "samples.csv": [
      ["id", "type"],
      [0, "P"],
    ],
    "release.json": JSON.stringify({ number, date: "2026-04-01" }),
  });

describe("the banks of bank.yaml files", () => {
  const LEASE_MS = 2000;
  const small = async () => {
    const folder = await newFolder();
    await mkdir(join(folder, "data"));
    await writeFile(join(folder, "bank.yaml"), YAML);
    await load(folder, 1);
    const file = join(folder, "bank.yaml");
    const env = { SMALL_DATA: "data" };
    return { folder, file, options: { env, leaseMs: LEASE_MS, stateFolder: join(folder, "releases") } };
  };
  const leaseOf = async (link: BankLink): Promise<Lease> => {
    const { data } = await link.execute({ document: parse("{ lease }"), signal: NEVER });
    return data?.["lease"] as Lease;
  };

  test("are opened with the environment, and keep their release state in its folder", async () => {
    const { folder, file, options } = await small();
    const { bank } = await host([file], options);
    const { edition, release } = await leaseOf(bank("small"));
    expect(release).toEqual({ id: "small@1", date: "2026-04-01", kind: "ANNOUNCED" });
    expect(JSON.parse(await readFile(join(folder, "releases", "small.json"), "utf8"))).toMatchObject({ edition });
  });

  test("stop the gateway where one of them is wrong, with the words of that bank", async () => {
    const { folder, file, options } = await small();
    const wrong = join(folder, "wrong.yaml");
    await writeFile(wrong, YAML.replace("small@small.example", "").replace("SMALL_DATA", "NOT_SET"));
    const said = await openBank(wrong, options.env).catch((error: unknown) => error);
    await expect(host([file, wrong], { ...options, threads: 2 })).rejects.toEqual(said);
    await expect(host([file, wrong], { ...options, threads: 1 })).rejects.toMatchObject({
      name: "BankYamlError",
      message: (said as Error).message,
    });
  });

  test("that come back keep their edition, and honour the leases of before", { timeout: 60_000 }, async () => {
    const { folder, file, options } = await small();
    const { bank } = await host([file], { ...options, module: new URL("./mortal-thread.ts", import.meta.url) });
    const before = await leaseOf(bank("small"));
    const leasedAt = performance.now();
    const death = bank("small").execute({ document: parse("query die { lease }"), signal: NEVER });
    expect(await outcomeOf(death)).toEqual(unreachable("small"));
    await expect
      .poll(() => outcomeOf(bank("small").execute({ document: parse("{ lease }"), signal: NEVER })), TIMEOUT)
      .toBe("answered");
    expect((await leaseOf(bank("small"))).edition).toEqual(before.edition);
    await load(folder, 2);
    const { errors } = await bank("small").execute({
      document: parse(
        'mutation { publishRelease(bank: "small", release: { number: "2", date: "2026-04-01" }) { id } }',
      ),
      signal: NEVER,
      operator: OPERATOR,
    });
    expect(errors).toBeUndefined();
    expect(performance.now() - leasedAt, "no lease of before was still good").toBeGreaterThan(LEASE_MS);
    expect((await leaseOf(bank("small"))).edition.ordinal).toBeGreaterThan(before.edition.ordinal);
  });

  test("publish for their operator alone, whom the gateway has judged", async () => {
    const { file, options } = await small();
    const { bank } = await host([file], options);
    const document = parse(
      'mutation { publishRelease(bank: "small", release: { number: "1", date: "2026-04-01" }) { id } }',
    );
    const codes = async (operator?: Asker): Promise<unknown> => {
      const { errors } = await bank("small").execute({ document, signal: NEVER, operator });
      return errors?.map(({ extensions }) => extensions?.["code"]);
    };
    expect([await codes(), await codes(OPERATOR)]).toEqual([["OPERATOR_ONLY"], undefined]);
  });
});
