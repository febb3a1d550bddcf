import { describe, expect, test } from "vitest";
import { sqon } from "../../adapters/sqon.ts";
import { json, serve } from "../loopback.ts";
import { evaluateLocal } from "./evaluate.ts";
import { CODES, FIXTURE } from "./fixture.ts";
import { code, has, is, question, range, sample } from "./questions.ts";
import { documentsOf, OPTIONS, openSqon, startCatalogue } from "./sqon-bank.ts";

const NEVER = new AbortController().signal;
const { FEMALE, DNA } = CODES;
const QUESTIONS = [
  question([has("SEX", code(FEMALE))], is("SAMPLE_TYPE", code(DNA))),
  question([sample(is("AGE_AT_COLLECTION", range(40, 59)))], is("AGE_AT_COLLECTION", range(40, 59))),
];
const counted = QUESTIONS.map((one) => evaluateLocal(FIXTURE, one));

describe("the release", () => {
  test("is typed in bank.yaml", async () => {
    const { url, server } = await startCatalogue(FIXTURE);
    const adapter = await openSqon(url, { release: { id: 7, date: "2026-04-01" } });
    const release = { id: "bank@7", date: "2026-04-01", kind: "ANNOUNCED" } as const;
    expect(await adapter.release(NEVER)).toEqual(release);
    const before = server.asked.requests;
    expect(await adapter.count(QUESTIONS, release, NEVER)).toEqual(counted);
    expect(server.asked.requests - before).toBe(1);
  });

  test("that is typed is not that of other data", async () => {
    const { url, server } = await startCatalogue(FIXTURE);
    const adapter = await openSqon(url, { release: { id: "7", date: "2026-04-01" } });
    const release = await adapter.release(NEVER);
    server.publish(documentsOf([...FIXTURE, ...FIXTURE]), { release: "2", date: "2026-07-01" });
    const broken = { code: "BANK_BROKEN", message: expect.stringMatching(/changed under one release$/) };
    expect(await adapter.count(QUESTIONS, release, NEVER)).toMatchObject([broken, broken]);
    server.publish(documentsOf(FIXTURE.slice(1)), { release: "2", date: "2026-07-01" });
    const gone = { code: "BANK_UNREACHABLE", message: expect.stringMatching(/is a shard down\?$/) };
    expect(await adapter.count(QUESTIONS, release, NEVER)).toMatchObject([gone, gone]);
  });

  test("is read at a URL", async () => {
    const { url } = await startCatalogue(FIXTURE);
    let version = "v1";
    const about = await serve((_, __, response) =>
      json(200, { data: { version, day: "2026-04-01T10:00:00Z" } })(response),
    );
    const place = { url: `${about.url}/about`, id: "data.version", date: "data.day" };
    const adapter = await openSqon(url, { release: place });
    const release = await adapter.release(NEVER);
    expect(release).toEqual({ id: "bank@v1", date: "2026-04-01", kind: "ANNOUNCED" });
    expect(await adapter.count(QUESTIONS, release, NEVER)).toEqual(counted);
    version = "v2";
    expect(await adapter.count(QUESTIONS, release, NEVER)).toMatchObject([
      { code: "BANK_GONE" },
      { code: "BANK_GONE" },
    ]);
  });

  test("gets the credentials of the catalogue at the same origin only", async () => {
    const { url } = await startCatalogue(FIXTURE);
    const seen: unknown[] = [];
    const about = await serve(({ headers }, __, response) => {
      seen.push(headers.authorization);
      json(200, { id: "1", date: "2026-04-01" })(response);
    });
    process.env["SQON_TEST_TOKEN"] = "secret";
    await openSqon(url, { auth: { bearer: "env:SQON_TEST_TOKEN" }, release: { url: about.url } });
    expect(seen).toEqual([undefined, undefined]);
  });

  test("is the index behind an alias", async () => {
    const { url } = await startCatalogue(FIXTURE);
    let [name, count, failed] = ["donors_1", 14, 0];
    const engine = await serve(({ url: path }, __, response) => {
      const settings = { settings: { index: { uuid: `u-${name}`, creation_date: "1775001600000" } } };
      const counting = { count, _shards: { failed } };
      json(200, path === "/donors/_settings" ? { [name]: settings } : counting)(response);
    });
    const adapter = await openSqon(url, { release: { engine: engine.url, index: "donors" } });
    const release = await adapter.release(NEVER);
    expect(release).toEqual({
      id: expect.stringMatching(/^bank@donors_1\.\w{8}$/),
      date: "2026-04-01",
      kind: "WATCHED",
    });
    expect(await adapter.release(NEVER)).toEqual(release);
    count = 15;
    expect((await adapter.release(NEVER)).id).not.toBe(release.id);
    count = 14;
    name = "donors_2";
    expect((await adapter.release(NEVER)).id).toMatch(/^bank@donors_2\./);
    failed = 1;
    await expect(adapter.release(NEVER)).rejects.toMatchObject({ code: "BANK_BROKEN" });
  });

  test.each<[string, object, RegExp]>([
    ["a date that is none", { id: "1", date: "soon" }, /wanted a day such as 2026-04-01/],
    ["an id alone", { id: "1" }, /`id` and `date` together/],
    ["two places", { url: "http://a.example", field: "catalogue" }, /one of `url`, `engine` and `field`/],
    ["an engine without an index", { engine: "http://a.example" }, /`engine` and `index` together/],
    ["a warrant that no Arranger can give", { field: "catalogue", told: "beside" }, /wanted `behind`/],
  ])("cannot be %s", (_, release, message) => {
    const parsed = sqon.options.safeParse({ ...OPTIONS, url: "http://a.example", release });
    expect(parsed.error?.issues[0]?.message).toMatch(message);
  });
});

test("samples may have an endpoint of their own", async () => {
  const [donors, samples] = [await startCatalogue(FIXTURE), await startCatalogue(FIXTURE)];
  const release = { id: "1", date: "2026-04-01" };
  const adapter = await openSqon(donors.url, { release, samples: { ...OPTIONS.samples, url: samples.url } });
  const before = [donors.server.asked.requests, samples.server.asked.requests];
  expect(await adapter.count(QUESTIONS, await adapter.release(NEVER), NEVER)).toEqual(counted);
  expect([donors.server.asked.requests, samples.server.asked.requests]).toEqual(before.map((asked) => asked + 1));
});

test("a field's name is put where Arranger 2 wants it", async () => {
  const { url: real } = await startCatalogue(FIXTURE);
  const keys = new Set<string>();
  const { url } = await serve(async (_, text, response) => {
    const body = JSON.parse(text, (key, value) => {
      if (key === "content" && value !== null && !Array.isArray(value))
        for (const name of Object.keys(value)) keys.add(name);
      return value?.field === undefined ? value : { ...value, fieldName: value.field };
    });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(real, { method: "POST", headers, body: JSON.stringify(body) });
    response.writeHead(answer.status, headers).end(await answer.text());
  });
  const adapter = await openSqon(`${url}/graphql`, { spelling: "field" });
  expect(await adapter.count(QUESTIONS, await adapter.release(NEVER), NEVER)).toEqual(counted);
  expect([...keys].sort()).toEqual(["field", "value"]);
});

test("a bank's server takes 15 aliases unless told otherwise", () => {
  expect(sqon.options.parse({ ...OPTIONS, url: "http://a.example" }).aliases).toBe(15);
});
