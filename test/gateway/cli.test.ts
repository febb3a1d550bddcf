import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSchema, parse, validate } from "graphql";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ask } from "../../gateway/cli/ask.ts";
import { lineOf, type Question } from "../../gateway/cli/command-line.ts";
import { DOCUMENTS } from "../../gateway/cli/documents.ts";
import { PUBLIC_SDL, SUBGRAPH_SDL } from "../../schema/sdl.ts";
import { authority } from "../certificates.ts";

/** The process as a shell sees it, against a gateway whose next answer the test decides. */
const asked: { readonly query: string; readonly variables: unknown; readonly authorization?: string }[] = [];
let answer: { readonly status: number; readonly body: string; readonly headers?: { readonly [name: string]: string } };
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    asked.push({ ...JSON.parse(Buffer.concat(chunks).toString()), ...tokenOf(request) });
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers }).end(answer.body);
  });
});
const tokenOf = ({ headers: { authorization } }: IncomingMessage) =>
  authorization === undefined ? {} : { authorization };
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

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };
const odan = (...args: readonly string[]): Promise<Ended> => odanWith({}, ...args);
const odanWith = (env: { readonly [name: string]: string }, ...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const all = { ...process.env, LANG: "C", ...env };
    const child = spawn(process.execPath, ["--import", "tsx", CLI, ...args], { env: all });
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
  staleSince: null,
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
  snapshot: { token: "AbC" },
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
      { where: { sex: ["FEMALE"] }, banks: ["bbj"], deadlineMs: 2000 },
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
      err: "odan: unknown option '--sexx' (Did you mean --sex?). See odan search --help.\n",
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

  test("2 without letting the gateway's words steer the terminal", async () => {
    replyWith({ errors: [{ message: "no\u001B[2J\u202Esuch bank", extensions: { code: "BAD_QUESTION" } }] }, 400);
    expect(await odan("banks", "--url", url)).toEqual({ code: 2, out: "", err: "odan: no [2J such bank\n" });
    replyWith({ errors: [null] }, 500);
    expect(await odan("banks", "--url", url)).toMatchObject({ code: 3, err: "odan: an error without a message\n" });
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
    answer = { status: 308, body: "", headers: { location: "https://odan.example/graphql" } };
    expect((await odan("banks", "--url", url)).err).toBe(
      `odan: no gateway at ${url}: wanted a GraphQL answer, got HTTP 308 to https://odan.example/graphql. ${remedy}`,
    );
    answer = { status: 200, body: '{"data":', headers: { "content-length": "9000" } };
    expect(await odan("banks", "--url", url)).toMatchObject({ code: 3, err: expect.stringContaining("ECONNRESET") });
    replyWith({ errors: [{ message: "Unexpected error.", extensions: { code: "INTERNAL_SERVER_ERROR" } }] }, 500);
    expect(await odan("banks", "--url", url)).toEqual({ code: 3, out: "", err: "odan: Unexpected error.\n" });
  });
});

test("loads neither a code table nor a gateway to ask a question", () => {
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(
      /^(?:import|export) (?!type )[^;]*?"(\.[^"]+)"/gm,
    )) {
      load(resolve(dirname(file), specifier!));
    }
  };
  load(CLI);
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const rooms = [...loaded].map((file) => dirname(relative(root, file))).filter((room) => room !== "gateway/cli");
  expect([...new Set(rooms)].sort()).toEqual(["gateway", "gateway/cli/print", "net", "schema"]);
});

test("every command asks what the public schema has", async () => {
  replyWith({});
  const asking = Object.keys(DOCUMENTS);
  for (const name of asking) {
    const words =
      { publish: ["a", "--number", "2", "--date", "2026-10-01"], concepts: ["als"], find: ["als"] }[name] ?? [];
    await ask(lineOf([name, ...words, "--url", url], undefined) as Question);
  }
  const schemas = [PUBLIC_SDL, SUBGRAPH_SDL].map((sdl) => buildSchema(sdl));
  expect(asked.map(({ query }) => validate(schemas[0]!, parse(query)))).toEqual(asking.map(() => []));
  // An operator may ask the bank's subgraph itself.
  expect(validate(schemas[1]!, parse(asked.at(-1)!.query))).toEqual([]);
});

test("tokens of earlier answers go out with a search, and its own comes back at the end", async () => {
  replyWith({ data: { search: search("ANSWERED") } });
  const { code, out } = await odan("search", "--snapshot", "Aa", "--not-before", "Bb", "--url", url);
  expect(asked[0]!.variables).toMatchObject({ snapshot: "Aa", notBefore: "Bb" });
  expect(code).toBe(0);
  expect(out.trimEnd().split("\n").at(-1)).toBe("Snapshot (for --snapshot and --not-before): AbC");
});

test("asks over https, and only a server whose certificate is trusted", async () => {
  replyWith({ data: { fields: [] } });
  const trusted = authority("Test authority");
  const { certificate, key } = trusted.issue(["127.0.0.1"]);
  const folder = await mkdtemp(join(tmpdir(), "odan-cli-"));
  const file = join(folder, "authority.pem");
  await writeFile(file, trusted.ca);
  const secure = createSecureServer({ cert: certificate, key }, (request, response) => {
    request.resume().on("end", () => response.end(answer.body));
  });
  const at = (await listen(secure)).replace("http:", "https:");
  expect(await odanWith({ NODE_EXTRA_CA_CERTS: file }, "fields", "--url", at)).toMatchObject({ code: 0, err: "" });
  expect(await odan("fields", "--url", at)).toMatchObject({
    code: 3,
    err: expect.stringContaining("UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
  });
  await close(secure);
  await rm(folder, { recursive: true });
});

describe("publish", () => {
  const LINE = ["publish", "bbj", "--number", "2026.2", "--date", "2026-10-01"];
  const PUBLISHED = { id: "bbj@2026.2", bank: "bbj", date: "2026-10-01", kind: "ANNOUNCED" };
  let folder = "";
  let file = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "odan-cli-"));
    file = join(folder, "token");
    await writeFile(file, "0123456789abcdef\n");
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("sends the release with the operator's token, and says that it takes a lease", async () => {
    replyWith({ data: { publish: PUBLISHED } });
    const options = ["--donors", "280000", "--purge", "--token-file", file];
    const { code, out, err } = await odan(...LINE, ...options, "--url", url);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: "Published bbj@2026.2 (2026-10-01): no gateway answers from an older release as fresh.\n",
      err: "odan: publishing bbj@2026.2. This takes as long as a lease, 5 seconds if not set otherwise.\n",
    });
    const release = { number: "2026.2", date: "2026-10-01", size: { donors: 280000, samples: null } };
    expect(asked).toMatchObject([
      { authorization: "Bearer 0123456789abcdef", variables: { bank: "bbj", release, purge: true } },
    ]);
  });

  test("finds the token's file in the environment; --json prints the release; Japanese", async () => {
    replyWith({ data: { publish: PUBLISHED } });
    const env = { ODAN_OPERATOR_TOKEN_FILE: file };
    const { code, out, err } = await odanWith(env, ...LINE, "--json", "--lang", "ja", "--url", url);
    expect({ code, out: JSON.parse(out) }).toEqual({ code: 0, out: PUBLISHED });
    expect(err).toContain("bbj@2026.2 を公開しています");
    expect(asked).toMatchObject([{ authorization: "Bearer 0123456789abcdef", variables: { purge: false } }]);
  });

  test("without a token that can be read asks nobody: 2", async () => {
    expect(await odan(...LINE, "--url", url)).toMatchObject({
      code: 2,
      err: "odan: wanted the operator's token: --token-file FILE, ODAN_OPERATOR_TOKEN_FILE or ODAN_TOKEN, got none.\n",
    });
    const missing = join(folder, "none");
    expect(await odan(...LINE, "--token-file", missing, "--url", url)).toMatchObject({
      code: 2,
      err: `odan: wanted a file with a token that can be read, got ENOENT for ${missing}.\n`,
    });
    const two = join(folder, "two");
    await writeFile(two, "two words");
    expect(await odan(...LINE, "--token-file", two, "--url", url)).toMatchObject({
      code: 2,
      err: `odan: wanted a token, one word, in ${two}, got something else.\n`,
    });
    expect(asked).toEqual([]);
  });

  test.each([
    ["OPERATOR_ONLY", 401, 2],
    ["RELEASE_NOT_LOADED", 400, 2],
    ["UNKNOWN_BANK", 400, 2],
    ["BANK_UNREACHABLE", 503, 3],
    ["FAULT_OF_OURS", 500, 3],
    ["INTERNAL_SERVER_ERROR", 500, 3],
  ])("%s is exit code of whose fault it is", async (extension, status, code) => {
    replyWith({ errors: [{ message: "no", extensions: { code: extension } }] }, status);
    const found = await odan(...LINE, "--token-file", file, "--url", url);
    expect([found.code, found.out, found.err.split("\n")[1]]).toEqual([code, "", "odan: no"]);
  });

  test("3 where nobody answers", async () => {
    const { code, err } = await odan(...LINE, "--token-file", file, "--url", closed);
    expect([code, err.split("\n")[1]]).toEqual([
      3,
      `odan: no gateway at ${closed}: ECONNREFUSED. Start one with npm start, or name another with --url.`,
    ]);
  });
});

test("subgraph: its help is printed, a wrong line is refused", async () => {
  const help = await odan("subgraph", "--help");
  expect(help).toMatchObject({ code: 0, err: "" });
  expect(help.out).toContain("Usage: odan subgraph [options] <FILE>");
  expect(await odan("subgraph")).toEqual({
    code: 2,
    out: "",
    err: "odan: missing required argument 'FILE'. See odan subgraph --help.\n",
  });
  expect(await odan("subgraph", "/nowhere/bank.yaml")).toMatchObject({
    code: 1,
    err: "/nowhere/bank.yaml: wanted a readable file: ENOENT\n",
  });
});

test("--help is printed without a gateway", async () => {
  const { code, out } = await odan("search", "--help");
  expect(code).toBe(0);
  expect(out).toContain("--disease <CODE[,CODE]>");
});
