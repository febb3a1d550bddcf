import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BANK = fileURLToPath(new URL("../../subgraphs/banks/tmm/bank.yaml", import.meta.url));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

type Run = {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<unknown[]>;
};

/** The gateway as a process of its own, before one bank that cannot be reached. */
const run = (env: { readonly [name: string]: string }, extra: "ipc" | "ignore" = "ignore"): Run => {
  const stdio: StdioOptions = ["ignore", "pipe", "pipe", extra];
  const given = { PATH: process.env["PATH"], ODAN_BANKS: BANK, ODAN_TMM_URL: "http://127.0.0.1:1/", PORT: "0", ...env };
  const child = spawn(process.execPath, ["--import", "tsx", "gateway/main.ts"], { cwd: ROOT, env: given, stdio });
  children.push(child);
  let [out, err] = ["", ""];
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  return { child, out: () => out, err: () => err, ended: once(child, "close") };
};
const urlOf = async ({ child, out, err }: Run): Promise<string> => {
  await expect.poll(() => out() !== "" || child.exitCode !== null, { timeout: 20_000 }).toBe(true);
  return /^Odan answers at (http:\/\/127\.0\.0\.1:\d+\/graphql)\n$/.exec(out())?.[1] ?? `no URL: ${err()}`;
};

test("a wrong setting is one line, and exit code 1", { timeout: 30_000 }, async () => {
  const { err, out, ended } = run({ ODAN_BANK: "x" });
  expect(await ended).toEqual([1, null]);
  expect([err(), out()]).toEqual(["ODAN_BANK is no setting of Odan. Did you mean ODAN_BANKS?\n", ""]);
});

test("a port in use is one line, and exit code 1", { timeout: 30_000 }, async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const { err, ended } = run({ PORT: String(port), LOG_LEVEL: "error" });
  expect(await ended).toEqual([1, null]);
  expect(err()).toBe(`PORT ${port} is in use: another program listens there. Stop it, or set PORT to another.\n`);
  other.close();
});

test("it says where it answers, logs JSON lines, and ends with 0 on SIGTERM", { timeout: 30_000 }, async () => {
  const gateway = run({});
  const url = await urlOf(gateway);
  const query = JSON.stringify({ query: "query Q { search(where: {}) { banks { bank { id } status } } }" });
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: query });
  expect(await response.json()).toEqual({
    data: { search: { banks: [{ bank: { id: "tmm" }, status: "UNREACHABLE" }] } },
  });
  gateway.child.kill("SIGTERM");
  expect(await gateway.ended).toEqual([0, null]);
  const lines = gateway
    .err()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toContainEqual(
    expect.objectContaining({ level: "info", msg: "request", operationName: "Q", status: 200 }),
  );
  expect(lines).toContainEqual(expect.objectContaining({ level: "warn", bank: "tmm", code: "BANK_UNREACHABLE" }));
});

test("it ends when the process that started it has gone", { timeout: 30_000 }, async () => {
  const gateway = run({}, "ipc");
  await urlOf(gateway);
  const ended = once(gateway.child, "exit");
  gateway.child.disconnect();
  expect(await ended).toEqual([0, null]);
});
