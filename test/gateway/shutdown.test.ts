import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { records } from "../../sandbox/population.ts";
import { beaconData } from "../../sandbox/tmm/columns.ts";
import { beaconServer } from "../../sandbox/tmm/server.ts";
import { serveSubgraph } from "../../subgraphs/serve/server.ts";
import { answer, answered, type FakeSubgraph, fakeSubgraph } from "./fake-subgraph.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Run = {
  readonly child: ChildProcess;
  readonly url: string;
  readonly log: () => string;
  readonly ended: Promise<unknown[]>;
};

/** A process of the house, once it says where it answers. */
const run = async (args: readonly string[], env: { readonly [name: string]: string }): Promise<Run> => {
  const folder = mkdtempSync(join(tmpdir(), "odan-shutdown-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const given = { PATH: process.env["PATH"], PORT: "0", ODAN_DATA: folder, ODAN_RATE: "off", ...env };
  const child = spawn(process.execPath, ["--import", "tsx", ...args], { cwd: ROOT, env: given });
  const ended = once(child, "close");
  closing.push(() => child.kill("SIGKILL") && ended);
  let [out, log] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    out += part;
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    log += part;
  });
  const url = () => /answers at (http:\/\/[^/\s]+)\S*\n/.exec(out)?.[1];
  await expect.poll(url, { timeout: 60_000 }).toBeDefined();
  return { child, url: url() ?? "", log: () => log, ended };
};

/** Tells a process to stop, and waits until it knows. */
const stop = async ({ child, log }: Run): Promise<void> => {
  child.kill("SIGTERM");
  await expect.poll(log, { timeout: 60_000 }).toContain('"msg":"closing"');
};

/** A door that the test opens. */
const gate = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
};

type Got = { readonly status: number | undefined; readonly connection: string | undefined; readonly body: string };

/** Asks over a connection that is kept; with a body, by POST. */
const ask = async (agent: Agent, url: string, body?: object): Promise<Got> => {
  const bytes = body === undefined ? "" : JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(bytes) };
  const sent = request(url, { agent, headers, method: body === undefined ? "GET" : "POST" }).end(bytes);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode, connection: response.headers.connection, body: await text(response) };
};
const keepAlive = (): Agent => {
  const agent = new Agent({ keepAlive: true });
  closing.push(() => agent.destroy());
  return agent;
};

const QUESTION = { query: "{ search(where: {}, deadlineMs: 30000) { complete banks { status donors { min max } } } }" };
const ANSWER = '{"data":{"search":{"complete":true,"banks":[{"status":"ANSWERED","donors":{"min":10,"max":10}}]}}}';

/** A gateway before one bank that counts when the test lets it. */
const gatewayOf = async (
  counting: Promise<void> = Promise.resolve(),
): Promise<Run & { readonly bank: FakeSubgraph }> => {
  const bank = fakeSubgraph("one", {
    answers: async (question) => {
      await counting;
      return answered("one", answer(question));
    },
  });
  const options = { port: 0, host: "127.0.0.1", isToken: () => false, fault: () => undefined };
  const served = await serveSubgraph(bank, options);
  const gateway = await run(["gateway/main.ts"], { ODAN_BANKS: served.url });
  closing.push(
    () => gateway.child.kill("SIGKILL") && gateway.ended,
    () => served.close(),
  );
  return { ...gateway, bank };
};
const counts = ({ asked }: FakeSubgraph): number => asked.filter(({ field }) => field === "answers").length;

describe("the gateway, on SIGTERM", () => {
  test("answers the question that runs in full, then ends with 0", async () => {
    const { open, opened } = gate();
    const gateway = await gatewayOf(opened);
    const answering = ask(keepAlive(), `${gateway.url}/graphql`, QUESTION);
    await expect.poll(() => counts(gateway.bank), { timeout: 60_000 }).toBe(1);
    await stop(gateway);
    open();
    expect(await answering).toEqual({ status: 200, connection: "close", body: ANSWER });
    expect(await gateway.ended).toEqual([0, null]);
  });

  test("is not held up by connections that ask nothing", async () => {
    const gateway = await gatewayOf();
    expect(await ask(keepAlive(), `${gateway.url}/health`)).toMatchObject({ status: 200, connection: "keep-alive" });
    const silent = ["", "POST /graphql HTTP/1.1\r\nHost: localhost\r\n"].map((start) => {
      const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => socket.write(start));
      return once(socket.on("error", () => undefined).resume(), "close");
    });
    await ask(keepAlive(), `${gateway.url}/health`);
    await stop(gateway);
    await Promise.all(silent);
    expect(await gateway.ended).toEqual([0, null]);
    expect(gateway.log()).not.toContain("cut off");
  });

  test("goes on answering until whoever polls /ready has seen 503", async () => {
    const gateway = await gatewayOf();
    const [polling, asking] = [keepAlive(), keepAlive()];
    expect(await ask(polling, `${gateway.url}/ready`)).toMatchObject({ status: 200 });
    expect(await ask(asking, `${gateway.url}/graphql`, QUESTION)).toEqual({
      status: 200,
      connection: "keep-alive",
      body: ANSWER,
    });
    await stop(gateway);
    expect(await ask(asking, `${gateway.url}/graphql`, QUESTION)).toEqual({
      status: 200,
      connection: "close",
      body: ANSWER,
    });
    expect(await ask(polling, `${gateway.url}/ready`)).toMatchObject({ status: 503, connection: "close" });
    expect(await gateway.ended).toEqual([0, null]);
  });

  test("ends at once with 1 on the second one", async () => {
    const gateway = await gatewayOf(gate().opened);
    const answering = ask(keepAlive(), `${gateway.url}/graphql`, QUESTION);
    await expect.poll(() => counts(gateway.bank), { timeout: 60_000 }).toBe(1);
    await stop(gateway);
    gateway.child.kill("SIGTERM");
    await expect(answering).rejects.toThrow("socket hang up");
    expect(await gateway.ended).toEqual([1, null]);
  });

  test("cuts off what does not end in time, and says so", async () => {
    const gateway = await gatewayOf();
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    const cut = once(socket, "close");
    // Half a question: nobody can answer it.
    const lines = ["POST /graphql HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Content-Length: 90"];
    socket.write([...lines, "Expect: 100-continue", "", "{"].join("\r\n"));
    expect(String(await once(socket, "data"))).toContain("100 Continue");
    await stop(gateway);
    await cut;
    expect(await gateway.ended).toEqual([0, null]);
    expect(gateway.log()).toMatch(/"requests":1,"msg":"requests were cut off/);
  });
});

/** Leads to another server; each request waits until it may go on. */
const doorTo = async (
  target: string,
): Promise<{ readonly url: string; readonly came: () => number; hold: Promise<void> }> => {
  let came = 0;
  const server: Server = createServer(async (asked, response) => {
    came += 1;
    await door.hold;
    const { method, headers } = asked;
    const given = { method: method ?? "GET", headers: { "content-type": headers["content-type"] ?? "text/plain" } };
    const body = await text(asked);
    const found = await fetch(new URL(asked.url ?? "/", target), { ...given, ...(method === "POST" ? { body } : {}) });
    response.writeHead(found.status, { "content-type": "application/json" }).end(await found.text());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const door = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    came: () => came,
    hold: Promise.resolve(),
  };
  return door;
};

test("odan subgraph, on SIGTERM, says so at /ready, answers the question that runs, and ends with 0", async () => {
  const beacon = beaconServer(beaconData([...records("tmm", { size: 0.0005 })]));
  const door = await doorTo(await beacon.listen(0));
  closing.push(() => beacon.close());
  const subgraph = await run(["gateway/cli.ts", "subgraph", "subgraphs/banks/tmm/bank.yaml"], {
    ODAN_TMM_URL: door.url,
  });
  const agent = keepAlive();
  const { body } = await ask(agent, subgraph.url, { query: "{ lease }" });
  const asOf = JSON.parse(body).data.lease.edition.name;
  const { open, opened } = gate();
  door.hold = opened;
  const before = door.came();
  const variables = { asOf, questions: [{ v: 1, where: { sex: ["FEMALE"] }, facets: [] }] };
  const query = "query($asOf: ID!, $questions: [JSON!]!) { answers(asOf: $asOf, questions: $questions) }";
  const answering = ask(agent, subgraph.url, { query, variables });
  await expect.poll(door.came, { timeout: 60_000 }).toBeGreaterThan(before);
  const polling = keepAlive();
  expect(await ask(polling, `${subgraph.url}/ready`)).toMatchObject({ status: 200 });
  await stop(subgraph);
  expect(await ask(polling, `${subgraph.url}/ready`)).toMatchObject({ status: 503, connection: "close" });
  open();
  const answered = await answering;
  expect(answered).toMatchObject({ status: 200, connection: "close" });
  expect(JSON.parse(answered.body).data.answers.answers[0].donors.max).toBeGreaterThan(0);
  expect(await subgraph.ended).toEqual([0, null]);
});
