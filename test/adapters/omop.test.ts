import { once } from "node:events";
import { createServer, connect as dial, type Socket } from "node:net";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { LocalSelector } from "../../adapters/local.ts";
import { omop } from "../../adapters/omop.ts";
import { type Postgres, startPostgres } from "../postgres.ts";
import { evaluateLocal } from "./evaluate.ts";
import { CODES, FIXTURE } from "./fixture.ts";
import { ABSENT, connect, OPTIONS, openOmop, sessions, writeCdm } from "./omop-bank.ts";
import { code, EVERY, has, is, question, range, sample } from "./questions.ts";

const NEVER = new AbortController().signal;
const EVERYBODY = question([]);

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

const openBank = async (options: object = OPTIONS) => {
  const url = await postgres.newDatabase();
  const client = await connect(url);
  await writeCdm(client, FIXTURE);
  return { url, client, open: () => openOmop(url, options) };
};

const postgresUrl = ({ database }: pg.Client): string => {
  const url = new URL(postgres.url);
  url.pathname = `/${database}`;
  return url.href;
};

/** Makes every count of samples hang for a minute, in the database. */
const hang = async (client: pg.Client): Promise<void> => {
  await client.query("ALTER TABLE cdm.specimen RENAME TO specimen_then");
  await client.query(
    "CREATE VIEW cdm.specimen AS SELECT t.* FROM (SELECT pg_sleep(60) IS NULL) AS z(z), cdm.specimen_then t",
  );
};
const unhang = async (client: pg.Client): Promise<void> => {
  await client.query("DROP VIEW cdm.specimen");
  await client.query("ALTER TABLE cdm.specimen_then RENAME TO specimen");
};
const running = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
  );
  return rows[0]!.n;
};

test("a batch is one round trip, whatever it asks", async () => {
  const { url, open } = await openBank();
  const turns: string[] = [];
  const target = new URL(url);
  const spy = createServer((near: Socket) => {
    const far = dial(Number(target.port), target.hostname);
    near.on("data", () => turns.at(-1) !== "asked" && turns.push("asked")).pipe(far);
    far.on("data", () => turns.at(-1) !== "told" && turns.push("told")).pipe(near);
    far.on("error", () => near.destroy());
    near.on("error", () => far.destroy());
  }).listen(0, "127.0.0.1");
  await once(spy, "listening");
  onTestFinished(() => void spy.close());
  const spied = new URL(url);
  spied.port = String((spy.address() as { readonly port: number }).port);
  const adapter = await openOmop(spied.href);
  const release = await adapter.release(NEVER);
  const questions = ["F", "M"].flatMap((sex) => [
    question([has("SEX", code(sex))]),
    { ...question([has("SEX", code(sex))]), by: [{ field: "SEX", cells: [code("F")] }] as const },
    question([sample(is("AGE_AT_COLLECTION", range(40, 59)))]),
  ]);
  turns.length = 0;
  expect(await adapter.count(questions, release, NEVER)).toHaveLength(6);
  // Answers may come in several pieces, and the next question is never sent in between.
  expect(turns).toEqual(["asked", "told"]);
  await (await open())[Symbol.asyncDispose]();
});

test("the two ends of a number, and whoever has two samples, are counted in one pass over the samples", async () => {
  const { open } = await openBank();
  await using adapter = await open();
  const release = await adapter.release(NEVER);
  const aged = (missing: boolean) => is("AGE_AT_COLLECTION", { from: 40, to: 59, missing });
  const [dna, plasma] = [is("SAMPLE_TYPE", code(CODES.DNA)), is("SAMPLE_TYPE", code(CODES.PLASMA))];
  const either: LocalSelector = { op: "any", of: [dna, plasma] };
  const asked = [has("SEX", code(CODES.MALE)), has("DISEASE", code(CODES.E11))].flatMap((rest) => [
    question([rest, sample(plasma, aged(false))], { op: "all", of: [plasma, aged(false)] }),
    question([rest, sample(plasma, aged(true))], { op: "all", of: [plasma, aged(true)] }),
    question([rest, sample(dna), sample(plasma)], either),
    question([rest, { op: "not", of: sample(dna) }, sample(plasma)], plasma),
    // One more than are counted together.
    question([rest, sample()], EVERY),
  ]);
  expect(await adapter.count(asked, release, NEVER)).toEqual(asked.map((one) => evaluateLocal(FIXTURE, one)));
});

test("an aborted question is cancelled in the database, and the next one is answered", async () => {
  const { client, open } = await openBank();
  const adapter = await open();
  const release = await adapter.release(NEVER);
  await hang(client);
  const controller = new AbortController();
  const counting = adapter.count([EVERYBODY], release, controller.signal);
  counting.catch(() => undefined);
  await expect.poll(() => running(client), { timeout: 5000 }).toBe(1);
  controller.abort(new Error("no longer wanted"));
  await expect(counting).rejects.toThrow("no longer wanted");
  await expect.poll(() => running(client), { timeout: 5000 }).toBe(0);
  await unhang(client);
  expect(await adapter.count([EVERYBODY], release, NEVER)).toEqual([evaluateLocal(FIXTURE, EVERYBODY)]);
});

test("with cancel: abandon an aborted question goes on in the database and nobody waits for it", async () => {
  const { client, open } = await openBank({ ...OPTIONS, cancel: "abandon" });
  const adapter = await open();
  const release = await adapter.release(NEVER);
  await hang(client);
  const controller = new AbortController();
  const counting = adapter.count([EVERYBODY], release, controller.signal);
  counting.catch(() => undefined);
  await expect.poll(() => running(client), { timeout: 5000 }).toBe(1);
  controller.abort(new Error("no longer wanted"));
  await expect(counting).rejects.toThrow("no longer wanted");
  expect(await running(client)).toBe(1);
  await adapter[Symbol.asyncDispose]();
});

test("a question that takes longer than timeoutMs is BANK_TIMEOUT and stops in the database", async () => {
  const { client, open } = await openBank({ ...OPTIONS, timeoutMs: 300 });
  const adapter = await open();
  const release = await adapter.release(NEVER);
  await hang(client);
  expect(await adapter.count([EVERYBODY], release, NEVER)).toMatchObject([
    { code: "BANK_TIMEOUT", message: "[bank] PostgreSQL: wanted counts, got a cancelled statement (57014)" },
  ]);
  expect(await running(client)).toBe(0);
});

test("a killed connection is BANK_UNREACHABLE, and the next question takes a new one", async () => {
  const { client, open } = await openBank();
  const adapter = await open();
  const release = await adapter.release(NEVER);
  await hang(client);
  const counting = adapter.count([EVERYBODY], release, NEVER);
  await expect.poll(() => running(client), { timeout: 5000 }).toBe(1);
  const killed = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'odan'";
  await client.query(`${killed} AND datname = current_database()`);
  expect(await counting).toMatchObject([{ code: "BANK_UNREACHABLE" }]);
  await unhang(client);
  expect(await adapter.count([EVERYBODY], release, NEVER)).toEqual([evaluateLocal(FIXTURE, EVERYBODY)]);
  await client.query(`${killed} AND datname = current_database()`);
  await expect.poll(() => sessions(client)).toBe(0);
  // What the server said to its other connections before this answer has arrived when this one has.
  await client.query("SELECT 1");
  expect(await adapter.count([EVERYBODY], release, NEVER)).toEqual([evaluateLocal(FIXTURE, EVERYBODY)]);
});

// A proxy may keep our half open when the server has said its last word and gone.
test("a connection over which the server said goodbye is not used again, though it stays open", async () => {
  const { url, client } = await openBank();
  const target = new URL(url);
  const proxy = createServer((near: Socket) => {
    const far = dial(Number(target.port), target.hostname);
    near.on("data", (bytes) => far.write(bytes)).on("error", () => far.destroy());
    far.on("data", (bytes) => near.write(bytes)).on("error", () => undefined);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => void proxy.close());
  const proxied = new URL(url);
  proxied.port = String((proxy.address() as { readonly port: number }).port);
  const adapter = await openOmop(proxied.href, { ...OPTIONS, timeoutMs: 5000 });
  const release = await adapter.release(NEVER);
  await hang(client);
  const counting = adapter.count([EVERYBODY], release, NEVER);
  await expect.poll(() => running(client), { timeout: 5000 }).toBe(1);
  await client.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'odan' AND datname = current_database()",
  );
  expect(await counting).toMatchObject([{ code: "BANK_UNREACHABLE" }]);
  await unhang(client);
  expect(await adapter.count([EVERYBODY], release, NEVER)).toEqual([evaluateLocal(FIXTURE, EVERYBODY)]);
});

test("nobody there, a wrong password and a missing database say so, and no secret", async () => {
  const url = new URL(await postgres.newDatabase());
  const fails = (change: (url: URL) => void) => {
    const wrong = new URL(url);
    change(wrong);
    return openOmop(wrong.href);
  };
  await expect(fails((at) => Object.assign(at, { port: "1" }))).rejects.toMatchObject({
    code: "BANK_UNREACHABLE",
    message: "[bank] PostgreSQL: wanted a connection, got ECONNREFUSED",
  });
  await expect(fails((at) => Object.assign(at, { pathname: "/nothing" }))).rejects.toMatchObject({
    code: "BANK_REFUSED",
    message: "[bank] PostgreSQL: wanted counts, got no such database (3D000)",
  });
  await expect(fails((at) => Object.assign(at, { username: "nobody", password: "hush" }))).rejects.toMatchObject({
    code: "BANK_REFUSED",
    message: expect.not.stringContaining("hush"),
  });
  await expect(openOmop(url.href)).rejects.toMatchObject({ code: "BANK_BROKEN" });
});

test("standard concepts stand for all below them, dates of birth for ages", async () => {
  const { client, open } = await openBank({
    ...OPTIONS,
    disease: { by: "standard" },
    age: { by: "birth_datetime" },
  });
  await client.query(
    "UPDATE cdm.person SET birth_datetime = '1970-07-02', month_of_birth = 7, day_of_birth = 2 WHERE person_id = 1",
  );
  // Whoever has no birth_datetime is counted by the year.
  await client.query("UPDATE cdm.person SET year_of_birth = 2100 WHERE person_id <> 1");
  await client.query("INSERT INTO cdm.concept_ancestor VALUES (10, 10, 0, 0), (10, 11, 1, 1), (11, 11, 0, 0)");
  await client.query("UPDATE cdm.condition_occurrence SET condition_concept_id = 11 WHERE person_id = 1");
  await client.query("UPDATE cdm.condition_occurrence SET condition_concept_id = 99 WHERE person_id = 2");
  await (await open())[Symbol.asyncDispose]();
  const adapter = await openOmop(
    postgresUrl(client),
    { ...OPTIONS, disease: { by: "standard" }, age: { by: "birth_datetime" } },
    { ...ABSENT, DISEASE: { codes: ["10"], absent: [], complete: false } },
  );
  const donors = async (...of: Parameters<typeof question>) => {
    const [got] = await adapter.count([question(...of)], await adapter.release(NEVER), NEVER);
    return got;
  };
  const { rows } = await client.query<{ n: number }>(
    "SELECT count(DISTINCT person_id)::int AS n FROM cdm.condition_occurrence",
  );
  const withConditions = rows[0]!.n;
  expect(await donors([has("DISEASE", code("10"))])).toMatchObject({ donors: { min: 1 } });
  // Concept 0 and one outside of the hierarchy may be any code that is not mapped.
  expect(await donors([has("DISEASE", { codes: ["10"], negate: true, missing: false })])).toMatchObject({
    donors: { min: withConditions - 1 },
  });
  // Both samples of the first donor are of 2014-07-01, the day before the 44th birthday.
  expect(await donors([], is("AGE_AT_COLLECTION", range(43, 43)))).toMatchObject({ samples: { min: 2, max: 2 } });
  expect(await donors([], is("AGE_AT_COLLECTION", range(44, null)))).toMatchObject({ samples: { min: 0, max: 0 } });
});

/** A bank of these persons (columns of birth) with a specimen each, of that day. */
const bornAndTaken = async (
  age: object,
  persons: readonly { readonly born: string; readonly taken: string }[],
): Promise<(from: number, to: number) => Promise<readonly unknown[]>> => {
  const { client } = await openBank();
  await client.query("DELETE FROM cdm.specimen");
  await client.query("DELETE FROM cdm.condition_occurrence");
  const columns = "year_of_birth, month_of_birth, day_of_birth, birth_datetime";
  for (const [i, { born, taken }] of persons.entries()) {
    await client.query(`UPDATE cdm.person SET (${columns}) = (${born}) WHERE person_id = ${i + 1}`);
    await client.query(
      `INSERT INTO cdm.specimen (specimen_id, person_id, specimen_concept_id, specimen_type_concept_id, specimen_date)
       VALUES (${i + 1}, ${i + 1}, 0, 0, '${taken}')`,
    );
  }
  const adapter = await openOmop(postgresUrl(client), { ...OPTIONS, age });
  return async (from, to) => {
    const wider = adapter.capabilities.fields.AGE_AT_COLLECTION?.halves ? 0.5 : 0;
    const asked = [range(from, to), range(from - wider, to + wider)].map((test) =>
      question([], is("AGE_AT_COLLECTION", test)),
    );
    const got = await adapter.count(asked, await adapter.release(NEVER), NEVER);
    return got.map((each) => (each instanceof Error ? each : each.samples.max));
  };
};

describe("an age that the birth does not tell exactly is one of two", () => {
  test("by the year of birth", async () => {
    // Born in May 1970, so 44 years old in March 2015.
    const within = await bornAndTaken({ by: "year_of_birth" }, [
      { born: "1970, 5, 1, NULL", taken: "2015-03-01" },
      { born: "2015, NULL, NULL, NULL", taken: "2015-03-01" },
    ]);
    expect(await within(45, 45)).toEqual([0, 1]);
    expect(await within(44, 44)).toEqual([0, 1]);
    expect(await within(44, 45)).toEqual([1, 1]);
    expect(await within(46, 150)).toEqual([0, 0]);
    expect(await within(0, 0)).toEqual([1, 1]);
  });

  test("by a birth_datetime whose day or month was made up", async () => {
    const within = await bornAndTaken({ by: "birth_datetime", at: "specimen_date" }, [
      { born: "1980, NULL, NULL, '1980-06-15'", taken: "2020-05-01" },
    ]);
    expect(await within(39, 39)).toEqual([0, 1]);
    expect(await within(40, 40)).toEqual([0, 1]);
    expect(await within(39, 40)).toEqual([1, 1]);
    const sameMonth = await bornAndTaken({ by: "birth_datetime", at: "specimen_date" }, [
      { born: "1980, 6, NULL, '1980-06-15'", taken: "2020-06-01" },
      { born: "1980, 6, NULL, '1980-06-15'", taken: "2020-07-01" },
      { born: "1980, 6, 15, '1980-06-15 14:00'", taken: "2020-06-15" },
    ]);
    expect(await sameMonth(39, 39)).toEqual([0, 1]);
    expect(await sameMonth(40, 40)).toEqual([2, 3]);
  });

  test("and before birth there is none", async () => {
    for (const age of [{ by: "year_of_birth" }, { by: "birth_datetime", at: "specimen_date" }]) {
      const within = await bornAndTaken(age, [{ born: "2015, 6, 15, '2015-06-15'", taken: "2014-06-01" }]);
      expect(await within(0, 150)).toEqual([0, 0]);
    }
  });
});

test("specimens of persons who are not there are nobody's, whatever stands beside them", async () => {
  const { client } = await openBank();
  await client.query("DELETE FROM cdm.specimen");
  await client.query("ALTER TABLE cdm.specimen DROP CONSTRAINT IF EXISTS fpk_specimen_person_id");
  for (const [id, person] of [
    [1, 1],
    [2, 99_999],
  ]) {
    await client.query(
      `INSERT INTO cdm.specimen (specimen_id, person_id, specimen_concept_id, specimen_type_concept_id, specimen_date)
       VALUES (${id}, ${person}, 0, 0, '2015-01-01')`,
    );
  }
  const adapter = await openOmop(postgresUrl(client));
  const taken = is("COLLECTED_YEAR", range(2015, 2015));
  const asked = [
    question([], taken),
    { ...question([{ op: "sample", of: taken }], taken) },
    { ...question([], taken), by: [{ field: "COLLECTED_YEAR", cells: [range(2015, 2015)] }] as const },
    { ...question([], taken), only: "SAMPLES" as const },
  ];
  const got = await adapter.count(asked, await adapter.release(NEVER), NEVER);
  expect(got.map((each) => (each instanceof Error ? each : each.samples.max))).toEqual([1, 1, 1, 1]);
  expect(got[1]).toMatchObject({ donors: { min: 1, max: 1 } });
  expect(got[2]).toMatchObject({ cells: [{ donors: { min: 1, max: 1 }, samples: { min: 1, max: 1 } }] });
});

// Each was lost: NOT IN of NULL is never TRUE, nor is any comparison with a NULL concept.
test("rows without a person are nobody's, and a required concept that is NULL all the same is one that is not mapped", async () => {
  const { client } = await openBank();
  for (const column of ["condition_occurrence ALTER person_id", "condition_occurrence ALTER condition_concept_id"]) {
    await client.query(`ALTER TABLE cdm.${column} DROP NOT NULL`);
  }
  await client.query("ALTER TABLE cdm.specimen ALTER person_id DROP NOT NULL");
  await client.query("DELETE FROM cdm.condition_occurrence WHERE person_id > 2");
  await client.query("UPDATE cdm.condition_occurrence SET condition_concept_id = 10 WHERE person_id = 1");
  await client.query("UPDATE cdm.condition_occurrence SET condition_concept_id = NULL WHERE person_id = 2");
  await client.query(`INSERT INTO cdm.condition_occurrence (condition_occurrence_id, condition_concept_id,
    condition_start_date, condition_type_concept_id) VALUES (99999, 10, '2014-01-01', 0)`);
  await client.query(`INSERT INTO cdm.specimen (specimen_id, specimen_concept_id, specimen_type_concept_id, specimen_date)
    VALUES (99999, 0, 0, '2015-01-01')`);
  const { rows } = await client.query<{ n: string }>("SELECT count(person_id) AS n FROM cdm.specimen");
  const options = { ...OPTIONS, disease: { by: "standard" } };
  const mapping = { ...ABSENT, DISEASE: { codes: ["10"], absent: [], complete: false } };
  const adapter = await openOmop(postgresUrl(client), options, mapping);
  const ten = has("DISEASE", code("10"));
  const asked = [
    question([has("DISEASE", { codes: ["10"], negate: true, missing: false })]),
    question([{ op: "any", of: [{ op: "not", of: ten }, has("SEX", code("nothing"))] }]),
    question([
      {
        op: "any",
        of: [
          { op: "not", of: sample() },
          { op: "not", of: ten },
        ],
      },
    ]),
    question([]),
  ];
  const got = await adapter.count(asked, await adapter.release(NEVER), NEVER);
  expect(got.map((each) => (each instanceof Error ? each : each.donors.max))).toEqual([
    1,
    FIXTURE.length - 1,
    FIXTURE.length - 1,
    FIXTURE.length,
  ]);
  expect(got[3]).toMatchObject({ samples: { max: Number(rows[0]?.n) } });
});

// The row was taken for none at all: E11 exactly 1, and everybody else exactly without it, whatever was recorded there.
test("a record whose code is concept 0, empty or NULL is there, and may be any code that is not mapped", async () => {
  const { client } = await openBank();
  await client.query("DELETE FROM cdm.condition_occurrence WHERE person_id > 2");
  await client.query("UPDATE cdm.condition_occurrence SET condition_concept_id = 10 WHERE person_id = 1");
  await client.query("INSERT INTO cdm.concept_ancestor VALUES (10, 10, 0, 0)");
  await client.query("UPDATE cdm.condition_occurrence SET condition_concept_id = 0 WHERE person_id = 2");
  const { rows } = await client.query<{ n: number }>(
    "SELECT count(DISTINCT person_id)::int AS n FROM cdm.condition_occurrence",
  );
  expect(rows[0]?.n, "both have conditions").toBe(2);
  await client.query(`DELETE FROM cdm.observation WHERE observation_concept_id = 4
     AND person_id > (SELECT min(person_id) FROM cdm.observation WHERE observation_concept_id = 4)`);
  const options = { ...OPTIONS, disease: { by: "standard" }, data: { concepts: [4], value: "concept" } };
  const mapping = { ...ABSENT, DISEASE: { codes: ["10"], absent: [], complete: false } };
  const standard = await openOmop(postgresUrl(client), options, mapping);
  const donors = async (adapter: typeof standard, asked: ReturnType<typeof has>) => {
    const [got] = await adapter.count([question([asked])], await adapter.release(NEVER), NEVER);
    if (got === undefined || got instanceof Error) throw got;
    return got.donors.max;
  };
  const notMapped = { codes: ["10"], negate: true, missing: false };
  expect(await donors(standard, has("DISEASE", code("10")))).toBe(1);
  expect(await donors(standard, has("DISEASE", notMapped)), "may be another").toBe(1);
  expect(await donors(standard, has("DISEASE", { codes: [], negate: false, missing: true })), "no record").toBe(
    FIXTURE.length - 2,
  );
  expect(
    await donors(standard, has("DATA", { codes: [], negate: true, missing: false })),
    "observed without a value",
  ).toBe(1);

  for (const text of ["''", "NULL"]) {
    await client.query(
      `UPDATE cdm.condition_occurrence SET condition_source_value = CASE person_id WHEN 1 THEN 'E11' ELSE ${text} END`,
    );
    const source = await openOmop(postgresUrl(client));
    expect(await donors(source, has("DISEASE", { codes: ["E11"], negate: true, missing: false }))).toBe(1);
  }
});

// The whole breakdown was refused, and each cell was as wide as the bank.
test("a breakdown of numbers has a cell for none, and one for any", async () => {
  const { open } = await openBank();
  const adapter = await open();
  const none = { codes: [], negate: false, missing: true };
  const asked = (["AGE_AT_COLLECTION", "COLLECTED_YEAR"] as const).map((field) => ({
    ...question([]),
    by: [{ field, cells: [range(40, 59), none, { ...none, negate: true, missing: false }] }] as const,
  }));
  const got = await adapter.count(asked, await adapter.release(NEVER), NEVER);
  expect(got).toEqual(asked.map((one) => evaluateLocal(FIXTURE, one)));
});

test("options: one way to name the server, secrets only by reference, plain names", () => {
  const faults = (options: object) =>
    omop.options.safeParse({ kind: "omop", ...options }).error?.issues.map(({ message }) => message) ?? [];
  const url = "postgres://localhost/odan";
  expect(faults({ url })).toEqual([]);
  expect(faults({ host: "localhost", database: "odan", user: "odan", password: "env:ODAN_PASSWORD" })).toEqual([]);
  expect(faults({})).toEqual(["wanted `url`, or `host` with `database` and `user`"]);
  expect(faults({ url, port: 5432 })).toEqual(["wanted `url` alone, or `host`, `port`, `database` and `user`"]);
  expect(faults({ url, password: "hush" })).toEqual([
    "wanted env:NAME or file:PATH, so that no secret stands in bank.yaml",
  ]);
  expect(faults({ url, schema: 'cdm"; DROP' })).toEqual(["wanted a plain name such as cdm"]);
  expect(faults({ url, tables: {} })).toHaveLength(1);
});
