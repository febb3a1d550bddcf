import { graphql } from "graphql";
import { expect, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import type { Capabilities, LocalCounts } from "../../adapters/local.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Release } from "../../schema/release.ts";
import type { Answers } from "../../schema/wire/answer.ts";
import type { Failed } from "../../schema/wire/failure.ts";
import type { Lease } from "../../schema/wire/lease.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { createSubgraph, type Subgraph } from "../../subgraphs/serve/subgraph.ts";

const mapping = parseMapping(
  `id: small
name: { en: Small Bank }
contact: { name: Office, email: office@small.example }
size: { donors: 100 }
adapter: { kind: tabular }
sex: { "1": MALE, "2": FEMALE }
disclosure: { off: true }
`,
  "bank.yaml",
  {},
);
const logic = { logic: "boolean" } as const;
const capabilities: Capabilities = {
  counts: ["DONORS", "SAMPLES"],
  donors: logic,
  samples: logic,
  fields: { SEX: { on: ["DONORS", "SAMPLES"], rest: true, several: true } },
  facets: [],
};
const release = (n: number): Release => ({ id: `small@${n}`, date: "2026-04-01", kind: "ANNOUNCED" });
const exact = (n: number): LocalCounts => ({ donors: { min: n, max: n }, samples: { min: n, max: n } });

const adapterOf = (count: Adapter["count"], releases: () => Release = () => release(1)): Adapter => ({
  capabilities,
  release: async () => releases(),
  count,
  [Symbol.asyncDispose]: async () => undefined,
});
type Asked = { answers: Answers; self: Self };
type Self = { release: object | null; capabilities: { fields: { field: string; verdict: string }[] } };

/** Asks as a gateway does: for the edition that the lease names. A lease that fails is the answer. */
const askBank = async (bank: Subgraph, questions: readonly object[] = [{ v: 1, where: {}, facets: [] }]) => {
  const held = (await run<{ lease: Lease | Failed }>(bank, "{ lease }")).lease;
  if ("failure" in held) return { release: null, ...held };
  const source = "query($asOf: ID!, $questions: [JSON!]!) { answers(asOf: $asOf, questions: $questions) }";
  return (await run<Asked>(bank, source, { asOf: held.edition.name, questions })).answers;
};
const run = async <T>(bank: Subgraph, source: string, variableValues: object = {}, operator = false): Promise<T> => {
  const { data, errors } = await graphql({
    schema: bank.schema,
    source,
    variableValues: variableValues as { [name: string]: unknown },
    contextValue: { operator },
  });
  if (errors !== undefined) throw errors[0]?.originalError ?? errors[0];
  return data as T;
};
const answers = async (open: () => Promise<Adapter>, questions?: readonly object[]): Promise<Asked> => {
  await using bank = createSubgraph(mapping, open);
  const { self } = await run<Asked>(bank, "{ self { id release { id } capabilities { fields { field verdict } } } }");
  return { answers: await askBank(bank, questions), self };
};

test("a bank that cannot be reached is data, and still says who it is", async () => {
  const found = await answers(async () => {
    throw new BankError("BANK_UNREACHABLE", "small", "connect: wanted an answer, got ECONNREFUSED");
  });
  expect(found.answers).toEqual({
    release: null,
    failure: {
      code: "BANK_UNREACHABLE",
      message: "[small] connect: wanted an answer, got ECONNREFUSED",
      retryAfterMs: null,
    },
  });
  expect(found.self.release).toBeNull();
  expect(found.self.capabilities.fields.find(({ field }) => field === "SEX")?.verdict).toBe("PARTLY_RECORDED");
});

test("a bank that was down at the start joins when it comes up", async () => {
  let tries = 0;
  const open = async (): Promise<Adapter> => {
    tries += 1;
    if (tries === 1) throw new BankError("BANK_UNREACHABLE", "small", "down");
    return adapterOf(async (questions) => questions.map(() => exact(7)));
  };
  await using bank = createSubgraph(mapping, open);
  expect(await askBank(bank)).toMatchObject({ release: null });
  expect(await askBank(bank)).toMatchObject({ answers: [{ donors: { min: 7, max: 7 } }] });
});

test("one answer holds one release: of a bank that flips half way the edition is gone, and the next one answers", async () => {
  let now = 1;
  const adapter = adapterOf(
    async (questions, asOf) => {
      if (asOf.id === "small@1") now = 2;
      return questions.map(() =>
        asOf.id === release(now).id ? exact(5) : new BankError("BANK_GONE", "small", "wanted small@1, got small@2"),
      );
    },
    () => release(now),
  );
  await using bank = createSubgraph(mapping, async () => adapter);
  expect(await askBank(bank)).toMatchObject({ release: null, failure: { code: "BANK_GONE" } });
  expect(await askBank(bank)).toMatchObject({ release: { id: "small@2" }, answers: [{ donors: { min: 5, max: 5 } }] });
});

test("what an envelope says that the bank does not know is ignored", async () => {
  await using bank = createSubgraph(mapping, async () => adapterOf(async (questions) => questions.map(() => exact(7))));
  const { edition } = (await run<{ lease: Lease }>(bank, "{ lease }")).lease;
  const source = `query($asOf: ID!, $questions: [JSON!]!, $envelope: JSON) {
    answers(asOf: $asOf, questions: $questions, envelope: $envelope)
    readings(questions: $questions, envelope: $envelope)
  }`;
  const questions = [{ v: 1, where: { sex: ["MALE"] }, facets: [] }];
  const variables = { asOf: edition.name, questions, envelope: { tier: "PARTNER", signatures: [{ by: "x" }] } };
  const found = await run<Asked & { readings: readonly object[] }>(bank, source, variables);
  expect(found.answers).toMatchObject({ answers: [{ donors: { min: 7, max: 7 } }] });
  expect(found.readings).toMatchObject([{ understanding: [{ path: "sex", verdict: "PARTLY_RECORDED" }] }]);
});

test("one bad question among good ones fails alone", async () => {
  const broken = new BankError("BANK_BROKEN", "small", "donors: wanted an integer, got many");
  const adapter = adapterOf(async (questions) =>
    questions.map((q) => (JSON.stringify(q.donors).includes('"1"') ? broken : exact(3))),
  );
  const of = (where: object) => ({ v: 1, where, facets: [] });
  const found = await answers(async () => adapter, [of({}), of({ sex: ["MALE"] }), of({})]);
  expect(found.answers).toMatchObject({
    answers: [{ donors: { min: 3 } }, { failure: { code: "BANK_BROKEN" } }, { donors: { min: 3 } }],
  });
});

test("what the local API cannot count is wide, up to the bank's bound, and never 0", async () => {
  const adapter = adapterOf(async (questions) =>
    questions.map(() => new BankError("BANK_UNSUPPORTED", "small", "too much")),
  );
  const found = await answers(async () => adapter);
  expect(found.answers).toMatchObject({
    answers: [{ donors: { min: 0, max: 100, because: ["NOT_COUNTED"] }, samples: { min: 0, max: null } }],
  });
});

test("more donors than the bank warrants make it BROKEN, without telling how many", async () => {
  const found = await answers(async () => adapterOf(async (questions) => questions.map(() => exact(101))));
  expect(found.answers).toMatchObject({ answers: [{ failure: { code: "BANK_BROKEN" } }] });
  expect(JSON.stringify(found.answers)).not.toContain("101");
});

test("a bank is opened anew for a new release: what its API lists has changed with the data", async () => {
  let now = 1;
  const disposed: string[] = [];
  const open = async (): Promise<Adapter> => {
    const opened = release(now);
    return {
      ...adapterOf(
        async (questions) => questions.map(() => exact(Number(opened.id.slice(-1)))),
        () => release(now),
      ),
      opened,
      [Symbol.asyncDispose]: async () => void disposed.push(opened.id),
    };
  };
  await using bank = createSubgraph(mapping, open);
  expect(await askBank(bank)).toMatchObject({ release: { id: "small@1" }, answers: [{ donors: { min: 1 } }] });
  now = 2;
  const both = await Promise.all([askBank(bank), askBank(bank)]);
  expect(both[0]).toMatchObject({ release: { id: "small@2" }, answers: [{ donors: { min: 2 } }] });
  expect(both[1]).toEqual(both[0]);
  expect(disposed).toEqual(["small@1"]);
});

// Purging at a bank that does not announce its releases was acknowledged and not done, and publishing there was acknowledged
// while gateways still held leases on the older release.
test("whoever publishes at a bank that announces nothing waits for the older leases, and may purge", async () => {
  let now = 0;
  const clock = {
    mono: () => now,
    wall: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
  let number = 1;
  const open = async () =>
    adapterOf(
      async (questions) => questions.map(() => exact(7)),
      () => release(number),
    );
  await using bank = createSubgraph(mapping, open, { clock, leaseMs: 1000 });
  const lease = async () => (await run<{ lease: Lease }>(bank, "{ lease }")).lease;
  const publish = (purge: boolean) => {
    const told = `{ number: "${number}", date: "2026-04-01" }`;
    return run(bank, `mutation { publishRelease(bank: "small", release: ${told}, purge: ${purge}) { id } }`, {}, true);
  };
  expect(await lease()).toMatchObject({ leaseMs: 1000, edition: { purges: 0 }, release: { kind: "WATCHED" } });
  number = 2;
  // A new lease has the new state at once; the older lease is valid until 1000.
  expect(await lease()).toMatchObject({ release: { id: "small@2" } });
  expect(now).toBe(0);
  await publish(false);
  expect(now).toBeGreaterThanOrEqual(1000);
  await publish(true);
  expect(await lease()).toMatchObject({ release: { id: "small@2" }, edition: { purges: 1 } });
});
