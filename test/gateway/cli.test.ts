import { spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { buildSchema, parse, validate } from "graphql";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { commandOf } from "../../gateway/cli/arguments.ts";
import { COMMANDS } from "../../gateway/cli/options.ts";
import { ask } from "../../gateway/cli/query.ts";
import { PUBLIC_SDL } from "../../schema/sdl.ts";

/** The process as a shell sees it, against a gateway whose next answer the test decides. */
const asked: { readonly query: string; readonly variables: unknown }[] = [];
let answer: { readonly status: number; readonly body: string };
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    asked.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
  });
});
let url = "";
/** Where nobody listens any more. */
let closed = "";

const listen = async (on: Server): Promise<string> => {
  await new Promise<void>((resolve) => on.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(on.address() as AddressInfo).port}/graphql`;
};
const close = (on: Server): Promise<unknown> => new Promise((resolve) => on.close(resolve));

beforeAll(async () => {
  const gone = createServer();
  closed = await listen(gone);
  url = await listen(server);
  await close(gone);
});
afterAll(() => close(server));
beforeEach(() => {
  asked.length = 0;
});

const CLI = fileURLToPath(new URL("../../gateway/cli.ts", import.meta.url));

const odan = (...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", CLI, ...args], { env: { ...process.env, LANG: "C" } });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });

const COUNT = { min: 12, max: 12, because: [] };
const bank = (id: string, status: string) => ({
  bank: { id, name: { en: id.toUpperCase(), ja: id } },
  status,
  donors: COUNT,
  samples: COUNT,
  understanding: [],
  release: null,
  problem: null,
});
const search = (...statuses: readonly string[]) => ({
  question: { id: "q", says: { en: "Women", ja: "女性" } },
  donors: COUNT,
  people: COUNT,
  samples: COUNT,
  facets: [],
  banks: statuses.map((status, index) => bank(`bank${index}`, status)),
  complete: true,
});
const replyWith = (body: unknown, status = 200): void => {
  answer = { status, body: JSON.stringify(body) };
};

describe("exit codes", () => {
  test("0 where every bank answered, be it from an older release", async () => {
    replyWith({ data: { search: search("ANSWERED", "STALE") } });
    const { code, out, err } = await odan(
      "search",
      "--sex",
      "FEMALE",
      "--bank",
      "bbj",
      "--deadline",
      "2000",
      "--url",
      url,
    );
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.split("\n").slice(0, 5)).toEqual([
      "Women",
      "",
      "Bank                Status  Donors  Samples",
      "───────────────────────────────────────────",
      "BANK0                           12       12",
    ]);
    expect(asked.map(({ variables }) => variables)).toEqual([
      { where: { sex: ["FEMALE"] }, banks: ["bbj"], facets: null, deadlineMs: 2000 },
    ]);
  });

  test("1 where a bank is silent; --json prints the search as it came", async () => {
    const data = { search: search("ANSWERED", "TIMED_OUT") };
    replyWith({ data });
    const { code, out, err } = await odan("search", "--json", "--url", url);
    expect({ code, err, out: JSON.parse(out) }).toEqual({ code: 1, err: "", out: data.search });
  });

  test("2 where the line is wrong, without asking the gateway", async () => {
    const result = await odan("search", "--sexx", "FEMALE", "--url", url);
    expect(result).toEqual({
      code: 2,
      out: "",
      err: "odan: wanted an option of search, got --sexx. Did you mean --sex?\n",
    });
    expect(asked).toEqual([]);
  });

  test("2 where the gateway finds the question wrong, in the asker's language and one line", async () => {
    const says = { en: 'wanted an ICD-10 code,\ngot "E1"', ja: "ICD-10コードが必要です" };
    const extensions = { code: "BAD_QUESTION", at: "where.disease.codes[0]", says, suggestions: ["ICD10:E11"] };
    replyWith({ errors: [{ message: "wrong", extensions }, { message: "wrong, too" }] }, 400);
    expect(await odan("reading", "--disease", "E1", "--url", url)).toEqual({
      code: 2,
      out: "",
      err: 'odan: where.disease.codes[0]: wanted an ICD-10 code, got "E1" (ICD10:E11?) (and 1 more)\n',
    });
    expect((await odan("reading", "--disease", "E1", "--lang", "ja", "--url", url)).err).toContain(
      "ICD-10コードが必要です",
    );
  });

  test("3 where no gateway answers, or what answers is none", async () => {
    const remedy = "Start one with npm start, or name another with --url.\n";
    expect(await odan("banks", "--url", closed)).toEqual({
      code: 3,
      out: "",
      err: `odan: no gateway at ${closed}: ECONNREFUSED. ${remedy}`,
    });
    answer = { status: 404, body: "<html>" };
    expect(await odan("banks", "--url", url)).toEqual({
      code: 3,
      out: "",
      err: `odan: no gateway at ${url}: wanted a GraphQL answer, got HTTP 404 application/json. ${remedy}`,
    });
    replyWith({ errors: [{ message: "Unexpected error.", extensions: { code: "INTERNAL_SERVER_ERROR" } }] }, 500);
    expect(await odan("banks", "--url", url)).toEqual({ code: 3, out: "", err: "odan: Unexpected error.\n" });
  });
});

test("every command asks what the public schema has", async () => {
  replyWith({});
  for (const name of COMMANDS) await ask(name, commandOf([name, "--url", url], undefined));
  const schema = buildSchema(PUBLIC_SDL);
  expect(asked.map(({ query }) => validate(schema, parse(query)))).toEqual(COMMANDS.map(() => []));
});

test("--help is printed without a gateway", async () => {
  const { code, out } = await odan("search", "--help");
  expect(code).toBe(0);
  expect(out).toContain("--disease CODE[,CODE]");
});
