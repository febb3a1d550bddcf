import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type GraphQLError, graphql } from "graphql";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import type { Capabilities } from "../../adapters/local.ts";
import type { Clock } from "../../net/clock.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Release } from "../../schema/release.ts";
import type { Answers } from "../../schema/wire/answer.ts";
import type { Lease } from "../../schema/wire/lease.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { createSubgraph, type Subgraph, type SubgraphOptions } from "../../subgraphs/serve/subgraph.ts";
import { newFolder } from "../folder.ts";

const LEASE_MS = 5000;
const logic = { logic: "boolean" } as const;
const CAPABILITIES: Capabilities = {
  counts: ["DONORS", "SAMPLES"],
  donors: logic,
  samples: logic,
  fields: {},
  facets: [],
};

/** A local API whose release the test decides: it counts from that one, and no other. */
const localApi = () => {
  const state = { number: 1, donors: 5, up: true };
  const release = (): Release => ({ id: `small@${state.number}`, date: "2026-04-01", kind: "ANNOUNCED" });
  const adapter: Adapter = {
    capabilities: CAPABILITIES,
    release: async () => {
      if (!state.up) throw new BankError("BANK_UNREACHABLE", "small", "down");
      return release();
    },
    count: async (questions, asOf) =>
      questions.map(() =>
        asOf.id === release().id
          ? { donors: { min: state.donors, max: state.donors }, samples: { min: 7, max: 7 } }
          : new BankError("BANK_GONE", "small", `wanted ${asOf.id}, got ${release().id}`),
      ),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { state, adapter };
};

/** Time that passes only while somebody sleeps. */
const sleepersClock = () => {
  let now = 1_800_000_000_000;
  const clock: Clock = {
    mono: () => now,
    wall: () => now,
    sleep: async (ms) => {
      await new Promise((resolve) => setImmediate(resolve));
      now += ms;
    },
  };
  return { clock, now: () => now };
};

type Options = SubgraphOptions & { readonly announced?: boolean; readonly size?: string };
const bankOf = (api: ReturnType<typeof localApi>, options: Options = {}): Subgraph => {
  const { announced = true, size = "{ donors: 100 }", ...rest } = options;
  const yaml = `id: small
name: { en: Small Bank }
contact: { name: Office, email: office@small.example }
size: ${size}
adapter: { kind: tabular }
release: { announced: ${announced}, staleHours: 2 }
disclosure: { off: true }
`;
  const mapping = parseMapping(yaml, "bank.yaml", {});
  const bank = createSubgraph(mapping, async () => api.adapter, { leaseMs: LEASE_MS, ...rest });
  onTestFinished(() => bank[Symbol.asyncDispose]());
  return bank;
};

const run = async (bank: Subgraph, source: string, variableValues: { readonly [name: string]: unknown } = {}) => {
  const { data, errors } = await graphql({
    schema: bank.schema,
    source,
    variableValues,
    contextValue: { operator: true },
  });
  return { data: data as { readonly [field: string]: unknown } | null, error: errors?.[0] };
};
const leaseOf = async (bank: Subgraph) => (await run(bank, "{ lease }")).data?.["lease"] as Lease;
const answersOf = async (bank: Subgraph, asOf: string) => {
  const source = "query($asOf: ID!, $questions: [JSON!]!) { answers(asOf: $asOf, questions: $questions) }";
  const { data } = await run(bank, source, { asOf, questions: [{ v: 1, where: {}, facets: [] }] });
  return data?.["answers"] as Answers;
};
type Announced = { readonly number?: string; readonly size?: object; readonly purge?: boolean };
const publish = async (bank: Subgraph, { number = "1", size, purge = false }: Announced = {}) => {
  const source =
    'mutation($release: ReleaseInput!, $purge: Boolean!) { publishRelease(bank: "small", release: $release, purge: $purge) { id kind } }';
  const release = { number, date: "2026-04-01", ...(size === undefined ? {} : { size }) };
  const { data, error } = await run(bank, source, { release, purge });
  return { release: data?.["publishRelease"], error };
};
const codeOf = (error: GraphQLError | undefined): unknown => error?.extensions["code"];

describe("ANNOUNCED", () => {
  test("the bank is taken at its word until it is published; then nothing older is served", async () => {
    const api = localApi();
    const { clock, now } = sleepersClock();
    const bank = bankOf(api, { clock });
    const first = await leaseOf(bank);
    expect(first).toMatchObject({
      release: { id: "small@1", kind: "ANNOUNCED" },
      leaseMs: LEASE_MS,
      staleMs: 2 * 3_600_000,
    });
    api.state.number = 2;
    expect((await leaseOf(bank)).edition).toEqual(first.edition);
    const given = now();
    expect((await publish(bank, { number: "2" })).release).toEqual({ id: "small@2", kind: "ANNOUNCED" });
    expect(now() - given, "all leases have run out").toBeGreaterThan(LEASE_MS);
    const second = await leaseOf(bank);
    expect(second.release.id).toBe("small@2");
    expect(second.edition.ordinal).toBeGreaterThan(first.edition.ordinal);
    expect(await answersOf(bank, first.edition.name)).toMatchObject({ failure: { code: "BANK_GONE" } });
    expect(await answersOf(bank, second.edition.name)).toMatchObject({ release: { id: "small@2" } });
  });

  test("a local API that moved on before it was announced is GONE, and followed after all leases have run out", async () => {
    const api = localApi();
    const { clock, now } = sleepersClock();
    const bank = bankOf(api, { clock });
    const first = await leaseOf(bank);
    const given = now();
    api.state.number = 2;
    expect(await answersOf(bank, first.edition.name)).toMatchObject({ release: null, failure: { code: "BANK_GONE" } });
    await expect.poll(async () => (await leaseOf(bank)).release.id, { timeout: 60_000 }).toBe("small@2");
    expect(now() - given).toBeGreaterThan(LEASE_MS);
    const { edition } = await leaseOf(bank);
    expect((await publish(bank, { number: "2" })).release, "announced at last").toMatchObject({ id: "small@2" });
    expect((await leaseOf(bank)).edition).toEqual(edition);
  });

  test("another number or day than the local API holds is RELEASE_NOT_LOADED, and changes nothing", async () => {
    const bank = bankOf(localApi());
    const { edition } = await leaseOf(bank);
    const { error } = await publish(bank, { number: "2" });
    // The code was lost on the way through HTTP: an error keeps its extensions, and nothing else of what was thrown.
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      message:
        "release: wanted small@2 of 2026-04-01 in the bank's local API, got small@1 of 2026-04-01. Load the release there first",
      extensions: { code: "RELEASE_NOT_LOADED", at: "release", says: { ja: expect.stringContaining("small@2") } },
    });
    expect((await leaseOf(bank)).edition).toEqual(edition);
  });

  test("a local API that cannot be asked is told with its code", async () => {
    const api = localApi();
    const bank = bankOf(api);
    await leaseOf(bank);
    api.state.up = false;
    expect(codeOf((await publish(bank)).error)).toBe("BANK_UNREACHABLE");
  });

  test("repeating it is harmless; purging makes another edition of the same release", async () => {
    const bank = bankOf(localApi(), { clock: sleepersClock().clock });
    const first = await leaseOf(bank);
    await publish(bank);
    expect((await leaseOf(bank)).edition).toEqual(first.edition);
    await publish(bank, { purge: true });
    const purged = await leaseOf(bank);
    expect(purged).toMatchObject({ release: first.release, edition: { purges: 1 } });
    expect(purged.edition.ordinal).toBeGreaterThan(first.edition.ordinal);
  });
});

describe("WATCHED", () => {
  test("the release is followed at the next lease, and the kind says so", async () => {
    const api = localApi();
    const bank = bankOf(api, { announced: false });
    const first = await leaseOf(bank);
    expect(first.release).toMatchObject({ id: "small@1", kind: "WATCHED" });
    api.state.number = 2;
    const second = await leaseOf(bank);
    expect(second.release.id).toBe("small@2");
    expect(second.edition.ordinal).toBeGreaterThan(first.edition.ordinal);
    api.state.up = false;
    expect(await leaseOf(bank)).toMatchObject({ failure: { code: "BANK_UNREACHABLE" } });
  });

  // Consent was withdrawn, the operator purged, nothing happened, and it was said to be done.
  test("a purge is one, here too", async () => {
    const bank = bankOf(localApi(), { announced: false, clock: sleepersClock().clock });
    const first = await leaseOf(bank);
    expect((await publish(bank, { purge: true })).release).toEqual({ id: "small@1", kind: "WATCHED" });
    expect((await leaseOf(bank)).edition).toMatchObject({ purges: first.edition.purges + 1 });
  });

  test("what an operator publishes waits for the leases", async () => {
    const api = localApi();
    const { clock, now } = sleepersClock();
    const bank = bankOf(api, { announced: false, clock });
    await leaseOf(bank);
    const given = now();
    api.state.number = 2;
    await publish(bank, { number: "2" });
    expect(now() - given).toBeGreaterThan(LEASE_MS);
  });
});

describe("the bounds that a release is published with", () => {
  test("bound the answers from then on, in the next life as well, and are never lowered", async () => {
    const api = localApi();
    api.state.donors = 150;
    const stateFolder = await newFolder();
    const { clock } = sleepersClock();
    const bank = bankOf(api, { clock, stateFolder });
    const first = await leaseOf(bank);
    expect(await answersOf(bank, first.edition.name)).toMatchObject({
      answers: [{ failure: { code: "BANK_BROKEN" } }],
    });
    await publish(bank, { size: { donors: 200, samples: 900 } });
    const second = await leaseOf(bank);
    expect(second.size).toEqual({ donors: 200, samples: 900 });
    expect(await answersOf(bank, second.edition.name)).toMatchObject({ answers: [{ donors: { min: 150, max: 150 } }] });
    await publish(bank, { size: { donors: 20, samples: null } });
    expect(await leaseOf(bank)).toEqual(second);
    expect(await leaseOf(bankOf(api, { clock, stateFolder }))).toEqual(second);
  });

  // It was written to the state file, which the next life of the process could not read.
  test("cannot be below 0", async () => {
    const api = localApi();
    const stateFolder = await newFolder();
    const bank = bankOf(api, { clock: sleepersClock().clock, stateFolder, size: "{}" });
    const held = await leaseOf(bank);
    expect(codeOf((await publish(bank, { size: { donors: -5 } })).error)).toBe("BAD_ARGUMENT");
    expect(await leaseOf(bankOf(api, { clock: sleepersClock().clock, stateFolder, size: "{}" }))).toEqual(held);
  });
});

describe("two lives of the process", () => {
  test("of one mapping answer from one edition", async () => {
    const api = localApi();
    const options = { stateFolder: await newFolder(), fingerprint: "a", clock: sleepersClock().clock };
    const first = await leaseOf(bankOf(api, options));
    expect(await leaseOf(bankOf(api, { ...options, leasesMayBeOut: true }))).toEqual(first);
  });

  test("with the mapping changed in between: another edition, once all leases of the first have run out", async () => {
    const api = localApi();
    const { clock, now } = sleepersClock();
    const options = { stateFolder: await newFolder(), clock, leasesMayBeOut: true };
    const first = await leaseOf(bankOf(api, { ...options, fingerprint: "a" }));
    const started = now();
    const bank = bankOf(api, { ...options, fingerprint: "b" });
    expect(await answersOf(bank, first.edition.name)).toMatchObject({ failure: { code: "BANK_GONE" } });
    const second = await leaseOf(bank);
    expect(second.release).toEqual(first.release);
    expect(second.edition.ordinal).toBeGreaterThan(first.edition.ordinal);
    expect(second.edition.name.split("-")[1]).not.toBe(first.edition.name.split("-")[1]);
    expect(now() - started).toBeGreaterThan(LEASE_MS);
  });
});

// Such a bank could not even say who it is: a gateway that started later left it out of its answers without a word.
test("a release state that cannot be read is BROKEN until it is mended; the bank still says who it is", async () => {
  const stateFolder = await newFolder();
  const file = join(stateFolder, "small.json");
  await writeFile(file, "{");
  const bank = bankOf(localApi(), { stateFolder });
  expect(await leaseOf(bank)).toMatchObject({
    failure: { code: "BANK_BROKEN", message: expect.stringContaining("Restore it") },
  });
  expect(await answersOf(bank, "1-x")).toMatchObject({ release: null, failure: { code: "BANK_BROKEN" } });
  expect(codeOf((await publish(bank)).error)).toBe("BANK_BROKEN");
  const { data } = await run(bank, "{ self { id release { id } size { donors } } }");
  expect(data).toMatchObject({ self: { id: "small", release: null, size: { donors: 100 } } });
  await rm(file);
  expect(await leaseOf(bank)).toMatchObject({ release: { id: "small@1" } });
});

// The adapter opened for it stayed open for ever.
test("a release whose state cannot be kept is not published, and its adapter is closed", async () => {
  const stateFolder = await newFolder();
  const api = localApi();
  const closed: string[] = [];
  const opened = () => {
    const { id } = { id: `small@${api.state.number}` };
    return {
      ...api.adapter,
      opened: { id, date: "2026-04-01", kind: "ANNOUNCED" as const },
      [Symbol.asyncDispose]: async () => void closed.push(id),
    };
  };
  const bank = bankOf(
    {
      ...api,
      get adapter() {
        return opened();
      },
    },
    { stateFolder, clock: sleepersClock().clock },
  );
  await leaseOf(bank);
  await mkdir(join(stateFolder, "small.json.next"));
  api.state.number = 2;
  expect((await publish(bank, { number: "2" })).error?.message).toContain("EISDIR");
  expect((await leaseOf(bank)).release.id).toBe("small@1");
  await expect.poll(() => closed).toEqual(["small@2"]);
});
