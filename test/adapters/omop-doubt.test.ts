import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Adapter, MappedCodes } from "../../adapters/adapter.ts";
import type { LocalQuestion, Test } from "../../adapters/local.ts";
import { type Postgres, startPostgres } from "../postgres.ts";
import { POPULATION } from "./agreement.ts";
import { anyBatch } from "./arbitrary.ts";
import { evaluateLocal, type LocalDonor } from "./evaluate.ts";
import { ABSENT, connect, OPTIONS, openOmop, writeCdm } from "./omop-bank.ts";
import { code, has, question, range } from "./questions.ts";

const NEVER = new AbortController().signal;

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

const openBank = async (donors: readonly LocalDonor[], mapping: MappedCodes = ABSENT, options: object = OPTIONS) => {
  const url = await postgres.newDatabase();
  const client = await connect(url);
  await writeCdm(client, donors);
  return { client, open: () => openOmop(url, options, mapping) };
};

const ANY_AGE = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, sure: false } as const;

/** Every other diagnosis and every third age is in doubt. */
const DOUBTFUL: readonly LocalDonor[] = POPULATION.map(({ values, samples }, index) => {
  const { DISEASE = [], ...others } = values;
  const [sure, inDoubt] = [0, 1].map((odd) => DISEASE.filter((_, at) => (at + index) % 2 === odd));
  return {
    values: { ...others, DISEASE: sure! },
    inDoubt: { DISEASE: inDoubt! },
    samples: samples.map((sample, at) =>
      (at + index) % 3 === 0 ? { ...sample, numbers: { AGE_AT_COLLECTION: ANY_AGE } } : sample,
    ),
  };
});

const FIELDS = ["DISEASE", "AGE_AT_COLLECTION"];

/** The question with its tests of those fields in doubt; of cells every other one. */
const inDoubt = (asked: LocalQuestion): LocalQuestion =>
  JSON.parse(JSON.stringify(asked), (_, part) => {
    if (!FIELDS.includes(part?.field)) return part;
    if (part.cells === undefined) return { ...part, test: { ...part.test, doubt: true } };
    return {
      ...part,
      cells: part.cells.map((cell: Test, at: number) => (at % 2 === 0 ? cell : { ...cell, doubt: true })),
    };
  });

test("a record in doubt, or an age that cannot be read, passes what it may pass and nothing for sure", {
  timeout: 60_000,
}, async () => {
  const adapter = await (await openBank(DOUBTFUL)).open();
  for (const field of FIELDS) {
    expect(adapter.capabilities.fields).toMatchObject({ [field]: { doubt: ["NOT_UNDERSTOOD"] } });
  }
  const release = await adapter.release(NEVER);
  const property = fc.asyncProperty(anyBatch, async (batch) => {
    const asked = [...batch, ...batch.map(inDoubt)];
    expect(await adapter.count(asked, release, NEVER)).toEqual(asked.map((one) => evaluateLocal(DOUBTFUL, one)));
  });
  await fc.assert(property, { seed: 20261201, numRuns: 200 });
});

const donorsOf = async (adapter: Adapter, test: Test): Promise<unknown> => {
  const asked =
    "from" in test ? question([], { op: "has", field: "AGE_AT_COLLECTION", test }) : question([has("DISEASE", test)]);
  const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
  return got instanceof Error ? got : "from" in test ? got?.samples.max : got?.donors.max;
};

const BY_CONCEPT = { ...OPTIONS, disease: { by: "source_value" } };
const donor = (disease: string): LocalDonor => ({ values: { DISEASE: [disease] }, samples: [] });

// Ruled-out and preliminary diagnoses counted as had.
test("a status says whether a diagnosis counts: what nobody has named is in doubt", async () => {
  const { client, open } = await openBank(
    Array.from({ length: 9 }, () => donor("E11")),
    ABSENT,
    BY_CONCEPT,
  );
  await client.query("UPDATE cdm.condition_occurrence SET condition_status_source_value = NULL");
  expect((await open()).capabilities.fields.DISEASE).not.toHaveProperty("doubt");
  const status = (person: number, concept: number | null, text: string | null) =>
    client.query(
      `UPDATE cdm.condition_occurrence SET condition_status_concept_id = $2, condition_status_source_value = $3
       WHERE person_id = $1`,
      [person, concept, text],
    );
  await status(1, 0, null);
  await status(2, 32_893, "anything");
  await status(3, 32_902, null);
  await status(4, 32_899, null);
  await status(5, 4_033_240, null);
  await status(6, 0, "Ruled out");
  await status(7, null, "  ");
  await status(8, 0, "疑い");
  const adapter = await open();
  const e11 = code("E11");
  expect(await donorsOf(adapter, e11)).toBe(5);
  expect(await donorsOf(adapter, { ...e11, doubt: true })).toBe(9);
  const none = { codes: [], negate: false, missing: true };
  expect(await donorsOf(adapter, none)).toBe(0);
  expect(await donorsOf(adapter, { ...none, doubt: true })).toBe(4);
  expect(adapter.findings?.()).toMatchObject([{ id: "data.doubt", field: "DISEASE" }]);

  const url = (adapter: object) => openOmopAgain(client.database!, adapter);
  const named = await url({
    by: "source_value",
    status: { counts: [32_893, 32_902, 32_899], not: ["ruled out", "疑い"] },
  });
  expect(await donorsOf(named, e11)).toBe(6);
  expect(await donorsOf(named, { ...e11, doubt: true })).toBe(7);
  expect(await donorsOf(named, none), "as if it were not there").toBe(2);
});

const openOmopAgain = (database: string, disease: object): Promise<Adapter> => {
  const url = new URL(postgres.url);
  url.pathname = `/${database}`;
  return openOmop(url.href, { ...OPTIONS, disease });
};

test("views without a column of statuses have none", async () => {
  const { client, open } = await openBank([donor("E11")]);
  await client.query(`ALTER TABLE cdm.condition_occurrence DROP COLUMN condition_status_concept_id,
    DROP COLUMN condition_status_source_value`);
  expect(await donorsOf(await open(), code("E11"))).toBe(1);
});

// With complete: [age] it was exactly of no age.
test("a specimen taken before birth may be of any age, whatever is warranted", async () => {
  const complete = { codes: [], absent: [], complete: true };
  for (const age of [{ by: "year_of_birth" }, { by: "birth_datetime" }]) {
    const { client, open } = await openBank(
      [
        { values: {}, samples: [{ values: {}, age: null, year: 1960 }] },
        { values: {}, samples: [{ values: {}, age: null, year: 2014 }] },
      ],
      { ...ABSENT, AGE_AT_COLLECTION: complete },
      { ...OPTIONS, age },
    );
    const adapter = await open();
    expect(adapter.capabilities.fields.AGE_AT_COLLECTION).toMatchObject({ doubt: ["NOT_UNDERSTOOD"], halves: true });
    expect(await donorsOf(adapter, range(0, 150))).toBe(1);
    expect(await donorsOf(adapter, { ...range(20, 20), doubt: true })).toBe(1);
    expect(await donorsOf(adapter, { ...range(0, 150), doubt: true })).toBe(2);
    await client.query("DELETE FROM cdm.specimen WHERE specimen_date < '1970-01-01'");
    expect((await open()).capabilities.fields.AGE_AT_COLLECTION).not.toHaveProperty("doubt");
  }
});

// Every age of a bank whose births are known by the day was named less precise.
test("births that are warranted to be known by the day make exact ages, and others are in doubt", async () => {
  const { client, open } = await openBank(
    [1, 2].map(() => ({ values: {}, samples: [{ values: {}, age: null, year: 2014 }] })),
    ABSENT,
    { ...OPTIONS, age: { by: "birth_datetime", precise: true } },
  );
  const known = "year_of_birth = 1970, month_of_birth = 2, day_of_birth = 3, birth_datetime = '1970-02-03'";
  await client.query(`UPDATE cdm.person SET ${known}`);
  await client.query("UPDATE cdm.specimen SET specimen_date = '2014-06-01'");
  const exact = await open();
  expect(exact.capabilities.fields.AGE_AT_COLLECTION).not.toHaveProperty("halves");
  expect(exact.capabilities.fields.AGE_AT_COLLECTION).not.toHaveProperty("doubt");
  expect(await donorsOf(exact, range(44, 44))).toBe(2);
  const by = [{ field: "AGE_AT_COLLECTION", cells: [range(43, 43), range(44, 44)] }] as const;
  const [cells] = await exact.count([{ ...question([]), by }], await exact.release(NEVER), NEVER);
  expect(cells).toMatchObject({ cells: [{ donors: { max: 0 } }, { donors: { min: 2, max: 2 } }] });
  await client.query("UPDATE cdm.person SET month_of_birth = NULL WHERE person_id = 1");
  const doubtful = await open();
  expect(doubtful.capabilities.fields.AGE_AT_COLLECTION).toMatchObject({ doubt: ["NOT_UNDERSTOOD"] });
  expect(await donorsOf(doubtful, range(44, 44))).toBe(1);
  expect(await donorsOf(doubtful, { ...range(44, 44), doubt: true })).toBe(2);
  expect(await donorsOf(doubtful, { ...range(20, 30), doubt: true })).toBe(1);
});

test("an age in years may have a fraction, and a mark of none is none", async () => {
  const { client, open } = await openBank([{ values: {}, samples: [{ values: {}, age: 44, year: 2014 }] }], {
    ...ABSENT,
    AGE_AT_COLLECTION: { codes: [], absent: ["999", "x"], complete: false },
  });
  for (const [text, sure, maybe] of [
    ["44", 1, 1],
    [" 44.9", 1, 1],
    ["999", 0, 0],
    ["x", 0, 0],
    ["", 0, 0],
    ["44 y", 0, 1],
    ["4-4", 0, 1],
    ["0044", 0, 1],
  ] as const) {
    await client.query("UPDATE cdm.specimen SET specimen_source_value = $1", [`||${text}`]);
    const adapter = await open();
    const known = adapter.capabilities.fields.AGE_AT_COLLECTION?.doubt === undefined ? {} : { doubt: true as const };
    expect(
      [await donorsOf(adapter, range(44, 44)), await donorsOf(adapter, { ...range(44, 44), ...known })],
      text,
    ).toEqual([sure, maybe]);
  }
});

// The number of E11 was exact, and the donor of the other code was none of it.
test("a warrant that the data do not keep leaves open what is unmapped or missing", async () => {
  const all: MappedCodes = Object.fromEntries(
    (["DISEASE", "SEX", "SAMPLE_TYPE", "COHORT", "AGE_AT_COLLECTION"] as const).map((field) => [
      field,
      { codes: ["E11", "I10", "F", "P", "c"], absent: ["U"], complete: true },
    ]),
  );
  const one = (disease: string, sex: string, type: string, age: number | null): LocalDonor => ({
    values: { DISEASE: [disease], SEX: [sex], COHORT: ["c"] },
    samples: [{ values: { SAMPLE_TYPE: [type] }, age, year: 2014 }],
  });
  const fields = (adapter: Adapter) =>
    Object.entries(adapter.capabilities.fields).flatMap(([field, { doubt }]) => (doubt === undefined ? [] : [field]));
  const good = one("E11", "F", "P", 40);
  const { open } = await openBank([good], { ...ABSENT, ...all });
  expect(fields(await open())).toEqual([]);
  for (const [donor, field] of [
    [one("E119", "F", "P", 40), "DISEASE"],
    [one("E11", "X", "P", 40), "SEX"],
    [one("E11", "U", "P", 40), "SEX"],
    [one("E11", "F", "Q", 40), "SAMPLE_TYPE"],
    [one("E11", "F", "", 40), "SAMPLE_TYPE"],
    [one("E11", "F", "P", null), "AGE_AT_COLLECTION"],
    [{ ...good, values: { ...good.values, COHORT: [] } }, "COHORT"],
  ] as const) {
    const adapter = await (await openBank([good, donor], { ...ABSENT, ...all })).open();
    expect(fields(adapter)).toEqual([field]);
    expect(adapter.findings?.()).toMatchObject([{ id: "warrant.false", field }]);
    if (field !== "DISEASE") continue;
    const e11 = { ...code("E11"), doubt: true as const };
    expect(await donorsOf(adapter, code("E11"))).toBe(1);
    expect(await donorsOf(adapter, e11)).toBe(2);
    expect(await donorsOf(adapter, { ...code("I10"), doubt: true })).toBe(1);
    const by = [{ field: "DISEASE", cells: [e11, { ...code("I10"), doubt: true as const }] }] as const;
    const [got] = await adapter.count([{ ...question([]), by }], await adapter.release(NEVER), NEVER);
    expect(got).toMatchObject({ cells: [{ donors: { max: 2 } }, { donors: { max: 1 } }] });
  }
});
