import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CALL_LIMITS } from "../../schema/question-limits.ts";
import { type ServedSubgraph, serveSubgraph } from "../../subgraphs/serve/server.ts";
import { smallBank } from "./small-bank.ts";

const faults: unknown[] = [];
let served: ServedSubgraph;
beforeAll(async () => {
  const fault = (error: unknown): void => void faults.push(error);
  served = await serveSubgraph(smallBank("small", 3), { port: 0, host: "127.0.0.1", isToken: () => false, fault });
});
afterAll(() => served.close());

const post = async (body: string, headers: { readonly [name: string]: string } = {}) => {
  const options = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
  const response = await fetch(served.url, options);
  return { status: response.status, text: await response.text() };
};
const ask = (query: string, variables: object = {}) => post(JSON.stringify({ query, variables }));

const ANSWERS = "query($asOf: ID!, $questions: [JSON!]!) { answers(asOf: $asOf, questions: $questions) }";
const READINGS = "query($questions: [JSON!]!) { readings(questions: $questions) }";
const edition = async (): Promise<string> => JSON.parse((await ask("{ lease }")).text).data.lease.edition.name;
const question = (more: object = {}) => ({ v: 1, where: {}, facets: [], ...more });
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => String(from + i));
const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** A refusal with this code that shows nothing of the inside, after which the bank still answers. */
const expectRefused = async (
  given: { readonly status: number; readonly text: string },
  status: number,
  code: string,
) => {
  const { errors } = JSON.parse(given.text);
  expect([given.status, errors[0].extensions.code]).toEqual([status, code]);
  expect(given.text.length).toBeLessThan(2000);
  expect(given.text).not.toMatch(/\bat \S+ \(|node_modules|\/work\/|TypeError|RangeError|Maximum call stack/);
  expect(faults).toEqual([]);
  expect((await ask("{ lease }")).status).toBe(200);
};

describe("a call that costs more than a gateway asks", () => {
  // 300 questions in one call took 2.5 s of this process.
  test.each(["answers", "readings"] as const)("with too many questions for %s is refused", async (field) => {
    const questions = Array.from({ length: CALL_LIMITS[field] + 1 }, () => question());
    const asOf = await edition();
    const document = field === "answers" ? ANSWERS : READINGS;
    const variables = field === "answers" ? { asOf } : {};
    await expectRefused(await ask(document, { ...variables, questions }), 400, "TOO_COSTLY");
    const fewer = questions.slice(1);
    expect((await ask(document, { ...variables, questions: fewer })).status).toBe(200);
  });

  // A facet of 9,999 values took 2.3 s.
  test.each<[string, readonly object[]]>([
    ["too many values of an axis", [{ by: { field: "COLLECTED_YEAR", values: numbers(2_101) } }]],
    [
      "too many cells of a facet",
      [
        {
          by: { field: "COLLECTED_YEAR", values: numbers(51) },
          across: { field: "AGE_AT_COLLECTION", values: numbers(50) },
        },
      ],
    ],
    ["too many cells", Array.from({ length: 3 }, () => ({ by: { field: "COLLECTED_YEAR", values: numbers(2_000) } }))],
    ["too many facets", Array.from({ length: 10 }, () => ({ by: { field: "SEX", values: ["MALE"] } }))],
  ])("with %s is refused", async (_, facets) => {
    const questions = [question({ facets })];
    await expectRefused(await ask(READINGS, { questions }), 400, "TOO_COSTLY");
    await expectRefused(await ask(ANSWERS, { asOf: await edition(), questions }), 400, "TOO_COSTLY");
  });

  test.each<[string, object]>([
    ["too many codes", { disease: { codes: numbers(2_001) } }],
    ["too long a code", { sex: ["A".repeat(201)] }],
    ["too long a key", { ["A".repeat(201)]: 1 }],
    ["too many levels", JSON.parse(`${'{"not":'.repeat(70)}{}${"}".repeat(70)}`)],
  ])("with %s is refused", async (_, where) => {
    await expectRefused(await ask(READINGS, { questions: [question({ where })] }), 400, "TOO_COSTLY");
  });
});

describe("a document", () => {
  // 50,000 brackets gave 500 and "Maximum call stack size exceeded".
  test.each<[string, string]>([
    ["a literal list", `{ readings(questions: ${nested(50_000)}) }`],
    ["a literal list within the limit of characters", `{ readings(questions: ${nested(3_000)}) }`],
    ["selections", "{ self ".repeat(2_000) + "}".repeat(2_000)],
  ])("with deep nesting of %s is refused", async (_, query) => {
    await expectRefused(await ask(query), 400, query.length > 8192 ? "TOO_COSTLY" : "TOO_DEEP");
  });

  test("with many aliases, tokens or fragments of each other is refused", async () => {
    const aliases = Array.from({ length: 100 }, (_, i) => `a${i}: lease`).join(" ");
    await expectRefused(await ask(`{ ${aliases} }`), 400, "TOO_COSTLY");
    await expectRefused(await ask(`{ ${"lease ".repeat(1_200)} }`), 400, "BAD_REQUEST");
    await expectRefused(await ask("{ ...A } fragment A on Query { ...A }"), 400, "BAD_REQUEST");
    const bomb = "{ a: self { ...B } b: self { ...B } } fragment B on Bank { a: capabilities { counts } b: id }";
    await expectRefused(await ask(bomb), 400, "TOO_COSTLY");
  });

  test.each<[string, string]>([
    ["no GraphQL", "{"],
    ["an unknown field", "{ nothing }"],
    ["an empty one", ""],
    ["a subscription", "subscription { lease }"],
    ["a missing argument", "{ answers }"],
    ["several operations and no name", "query a { lease } query b { lease }"],
  ])("that is %s is refused", async (_, query) => expectRefused(await ask(query), 400, "BAD_REQUEST"));
});

describe("a body", () => {
  test.each<[string, string, string]>([
    ["no JSON", "{", "BAD_REQUEST"],
    ["nothing", "", "BAD_REQUEST"],
    ["a list", "[]", "BAD_REQUEST"],
    ["no text as query", '{"query":1}', "BAD_REQUEST"],
    ["a list as variables", '{"query":"{ lease }","variables":[]}', "BAD_REQUEST"],
    ["a number as operationName", '{"query":"{ lease }","operationName":1}', "BAD_REQUEST"],
    ["brackets", nested(50_000), "TOO_DEEP"],
    ["brackets in variables", `{"query":"{ lease }","variables":{"a":${nested(50_000)}}}`, "TOO_DEEP"],
    ["brackets beside them", `{"query":"{ lease }","extensions":${nested(50_000)}}`, "TOO_DEEP"],
    ["brackets as questions", `{"query":"${READINGS}","variables":{"questions":${nested(90)}}}`, "TOO_COSTLY"],
    ["fewer brackets as questions", `{"query":"${READINGS}","variables":{"questions":${nested(40)}}}`, "BAD_QUESTION"],
  ])("of %s is refused", async (_, body, code) => expectRefused(await post(body), 400, code));

  test("that is too long is refused before it is read", async () => {
    await expectRefused(await post("x".repeat(1024 * 1024 + 1)), 413, "BODY_TOO_LARGE");
  });
});

test("names of Object.prototype are no fields: their facet is lost, and their criterion UNSUPPORTED", async () => {
  const asOf = await edition();
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]) {
    const facets = `[{ "by": { "field": "${name}", "values": ["x", "${name}"] } }, { "by": { "field": "SEX", "values": ["${name}", "FEMALE"] } }]`;
    const asked = `[{ "v": 1, "where": { "${name}": { "${name}": 1 }, "sample": { "${name}": [1] } }, "facets": ${facets} }]`;
    const read = await post(`{ "query": ${JSON.stringify(READINGS)}, "variables": { "questions": ${asked} } }`);
    expect(read.status, read.text).toBe(200);
    const { understanding, lostFacets } = JSON.parse(read.text).data.readings[0];
    expect(lostFacets).toContain(name);
    expect(understanding.map((one: { verdict: string }) => one.verdict)).toEqual(["UNSUPPORTED", "UNSUPPORTED"]);
    const counted = await post(
      `{ "query": ${JSON.stringify(ANSWERS)}, "variables": { "asOf": "${asOf}", "questions": ${asked} } }`,
    );
    expect(counted.status, counted.text).toBe(200);
    expect(JSON.parse(counted.text).data.answers.answers[0].donors).toMatchObject({ min: 0, max: 4 });
  }
  expect(faults).toEqual([]);
});

/** Sends bytes as they are and gives back all that comes. */
const raw = async (bytes: string): Promise<string> => {
  const socket = connect(Number(new URL(served.url).port), "127.0.0.1");
  socket.end(bytes);
  return text(socket);
};

describe("HTTP", () => {
  test.each(["GET", "PUT", "DELETE", "PATCH", "HEAD"])("%s is refused", async (method) => {
    const response = await fetch(`${served.url}?query={lease}`, { method });
    expect(response.status).toBe(405);
  });

  const body = '{"query":"{ lease }"}';
  const rawPost = (head: string) =>
    raw(`POST / HTTP/1.1\r\n${head}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);

  // It gave 500 and a stack trace with paths.
  test.each([
    ["a b", 400],
    ["[::", 400],
    ["%", 400],
    ["a:99999", 400],
    ["evil.example", 403],
    ["localhost", 200],
    ["[::1]:4201", 200],
  ])("`Host: %s` is answered with %i", async (host, status) => {
    const got = await rawPost(`Host: ${host}\r\nContent-Type: application/json`);
    expect(got).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(got).not.toMatch(/\bat \S+ \(|node_modules/);
  });

  test.each([
    "Content-Type: text/plain",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Type: application/json; charset=utf-16",
    "Content-Type: application/json\r\nContent-Encoding: gzip",
    "Accept: application/json",
  ])("%s is 415", async (head) => {
    expect(await rawPost(`Host: a.localhost\r\n${head}`)).toMatch(/^HTTP\/1\.1 415 /);
  });

  test("a body in chunks is refused", async () => {
    const got = await raw(
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
    );
    expect(got).toMatch(/^HTTP\/1\.1 411 /);
  });

  test("health and readiness are told to everybody", async () => {
    for (const path of ["health", "ready"]) expect((await fetch(served.url + path)).status).toBe(200);
  });
});
