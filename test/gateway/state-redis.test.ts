import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { ConfigError } from "../../gateway/settings/config.ts";
import { StateAway } from "../../gateway/state/state.ts";
import { newFolder } from "../folder.ts";
import { eventually, LASTING, type Server, type Servers, startSingle } from "../redis.ts";
import { KEYS, namesOf, openedAt, soon } from "./state-stores.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let servers: Servers;
let redis: Server;
beforeAll(async () => {
  servers = await startSingle(LASTING);
  redis = servers.servers[0]!;
});
beforeEach(() => redis.call("FLUSHALL"));
afterAll(() => servers?.[Symbol.asyncDispose]());

const opened = (data?: string) => openedAt(servers.url, data);

const stored = async (): Promise<ReadonlyMap<string, string>> => {
  const flat = (await redis.call("HGETALL", LINES)) as string[];
  return new Map(flat.flatMap((field, i) => (i % 2 === 0 ? [[field, flat[i + 1]!] as const] : [])));
};
const LINES = "odan:{state}:lines";
const fieldOf = (name: string): string => JSON.stringify(["token", name]);

test("every process that is up has heard of a write when it resolves, and a start has", async () => {
  const [one, other] = [await opened(), await opened()];
  expect(one.state.status()).toEqual({ kind: "REDIS", copy: "CURRENT" });
  for (let i = 0; i < 5; i += 1) {
    await one.state.write("token", `${i}`, { n: i, 名: "研究者" });
    expect(other.state.entries("token").get(`${i}`)).toEqual({ n: i, 名: "研究者" });
    await other.state.write("token", `${i}`, null);
    expect(namesOf(one)).toEqual([]);
  }
  await one.state.write("token", "last", 1);
  expect(namesOf(await opened())).toEqual(["last"]);
});

// The store might be lost in the moment after a revocation.
test("a revocation holds everywhere although Redis dies as soon as it is acknowledged, and stays", async () => {
  const [one, other] = [await opened(), await opened()];
  await one.state.write("token", "a", 1);
  await one.state.write("token", "a", null);
  await redis.kill();
  expect(namesOf(other)).toEqual([]);
  await soon(() => expect(other.state.status().copy).toBe("OLD"));
  expect(namesOf(other)).toEqual([]);
  await redis.restart();
});

test("what FLUSHALL has taken is put back, and nobody accepts a revoked token meanwhile", async () => {
  const [one, other] = [await opened(), await opened()];
  await one.state.write("token", "revoked", 1);
  await one.state.write("token", "good", 1);
  await other.state.write("token", "revoked", null);
  const before = await stored();
  await redis.call("FLUSHALL");
  const seen = new Set<string>();
  await soon(async () => {
    for (const each of [one, other]) seen.add(namesOf(each).join());
    expect(await stored()).toEqual(before);
  });
  expect([...seen]).toEqual(["good"]);
  expect(namesOf(await opened())).toEqual(["good"]);
  expect([...one.lines, ...other.lines]).toContainEqual(expect.objectContaining({ alarm: "rollback", entries: 2 }));
});

test("a Redis restored from an older copy is brought up to date, and revokes nothing less", async () => {
  const [one, other] = [await opened(), await opened()];
  await one.state.write("token", "revoked", 1);
  await one.state.write("token", "changed", 1);
  const backup = await newFolder();
  await redis.kill();
  await cp(join(redis.folder, "appendonlydir"), backup, { recursive: true });
  await redis.restart();
  await eventually(() => one.state.write("token", "new", 1));
  await one.state.write("token", "revoked", null);
  await one.state.write("token", "changed", 2);
  await soon(() => expect(namesOf(other)).toEqual(["changed", "new"]));
  const newest = await stored();

  await redis.kill();
  await rm(join(redis.folder, "appendonlydir"), { recursive: true });
  await cp(backup, join(redis.folder, "appendonlydir"), { recursive: true });
  await redis.restart();
  await eventually(async () => expect(await stored()).toEqual(newest));
  for (const each of [one, other, await opened()]) {
    expect(namesOf(each)).toEqual(["changed", "new"]);
    expect(each.state.entries("token").get("changed")).toBe(2);
  }
});

test("a process that was away during a rollback brings the newer copy back from its disk", async () => {
  const one = await opened();
  await one.state.write("token", "revoked", 1);
  const older = await stored();
  await one.state.write("token", "revoked", null);
  await one.state[Symbol.asyncDispose]();
  await redis.call("FLUSHALL");
  for (const [field, line] of older) await redis.call("HSET", LINES, field, line);
  // Nobody who has seen the revocation is up: this is all that a stranger can know.
  expect(namesOf(await opened())).toEqual(["revoked"]);
  expect(namesOf(await opened(one.data))).toEqual([]);
  expect(namesOf(await opened())).toEqual([]);
});

test("a forged entry, and one under another name, is ignored, told and replaced", async () => {
  const one = await opened();
  await one.state.write("token", "a", { tier: "REGISTERED" });
  await one.state.write("token", "revoked", 1);
  const good = (await stored()).get(fieldOf("a"))!;
  await one.state.write("token", "revoked", null);
  const before = await stored();
  const spoilt: readonly (readonly [string, string])[] = [
    [fieldOf("a"), good.replace("REGISTERED", "OPERATOR")],
    [fieldOf("revoked"), good],
    [fieldOf("revoked"), good.replace('"a"', '"revoked"')],
    [fieldOf("a"), "rubbish"],
    [fieldOf("a"), ""],
  ];
  for (const [field, line] of spoilt) {
    await redis.call("HSET", LINES, field, line);
    await redis.call("SET", "odan:{state}:turn", `${Math.random()}`);
    await soon(async () => expect(await stored()).toEqual(before));
    expect(namesOf(one)).toEqual(["a"]);
    expect(one.state.entries("token").get("a")).toEqual({ tier: "REGISTERED" });
  }
  expect(one.lines.filter(({ alarm }) => alarm === "forged")).toHaveLength(spoilt.length);
  // A new name that nobody wrote grants nothing, and does no harm.
  await redis.call("HSET", LINES, fieldOf("mine"), good.replace('"a"', '"mine"'));
  await soon(() => expect(one.lines.filter(({ alarm }) => alarm === "forged")).toHaveLength(spoilt.length + 1));
  expect(namesOf(one)).toEqual(["a"]);
  expect(namesOf(await opened())).toEqual(["a"]);
});

test("two writers at once lose no write, and agree on the last one of a name", async () => {
  const [one, other] = [await opened(), await opened()];
  const all = Array.from({ length: 15 }, (_, i) => i);
  await Promise.all([
    ...all.map((i) => one.state.write("token", `one-${i}`, i)),
    ...all.map((i) => other.state.write("token", `other-${i}`, i)),
    ...all.flatMap((i) => [one.state.write("token", "both", i), other.state.write("token", "both", -i)]),
  ]);
  await soon(() => expect(one.state.entries("token").size).toBe(31));
  await soon(() =>
    expect([...one.state.entries("token")].toSorted()).toEqual([...other.state.entries("token")].toSorted()),
  );
  expect((await stored()).get(fieldOf("both"))).toContain('["token","both",30,');
});

test("without Redis a start serves its last copy, and none where there is none", async () => {
  const one = await opened();
  await one.state.write("token", "a", 1);
  await one.state[Symbol.asyncDispose]();
  await redis.kill();
  const [started, stranger] = await Promise.all([opened(one.data), opened()]);
  expect([started.state.status().copy, namesOf(started)]).toEqual(["OLD", ["a"]]);
  expect([stranger.state.status().copy, namesOf(stranger)]).toEqual(["NONE", []]);
  expect(stranger.lines).toContainEqual(
    expect.objectContaining({ level: 50, msg: expect.stringContaining("is away") }),
  );
  await redis.restart();
  await eventually(() => {
    for (const { state } of [started, stranger]) expect(state.status().copy).toBe("CURRENT");
  });
  expect(namesOf(stranger)).toEqual(["a"]);
});

test("a state that was read and is empty is a copy too", async () => {
  const one = await opened();
  await one.state[Symbol.asyncDispose]();
  await redis.kill();
  expect((await opened(one.data)).state.status().copy).toBe("OLD");
  await redis.restart();
});

test("while Redis is away a revocation holds where it was made and is passed on later; a grant is refused", async () => {
  const [one, far] = [await opened(), await opened()];
  const beside = await opened(one.data);
  await one.state.write("token", "a", 1);
  await redis.kill();
  await soon(() => expect(one.state.status().copy).toBe("OLD"));
  await expect(one.state.write("token", "b", 1)).rejects.toMatchObject({ name: "StateAway", keptHere: false });
  await expect(one.state.write("token", "unknown", null)).rejects.toMatchObject({ keptHere: false });
  const revoking = one.state.write("token", "a", null);
  await expect(revoking).rejects.toThrow(StateAway);
  await expect(revoking).rejects.toMatchObject({ keptHere: true });
  expect(namesOf(one)).toEqual([]);
  await soon(() => expect(namesOf(beside)).toEqual([]));
  expect(namesOf(far)).toEqual(["a"]);
  await redis.restart();
  await eventually(() => expect(namesOf(far)).toEqual([]));
  expect(namesOf(await opened())).toEqual([]);
});

test("a process killed while it writes has lost nothing that it said was written", async () => {
  const data = await newFolder();
  const script = `import { openState } from "./gateway/state/state.ts";
    const log = { info() {}, warn() {}, error() {} };
    const at = { data: ${JSON.stringify(data)}, stateUrl: ${JSON.stringify(servers.url)} };
    const state = await openState(at, [Buffer.alloc(32, 1)], log);
    for (let i = 0; ; i += 1) {
      await state.write("token", \`\${i}\`, i);
      process.stdout.write(\`\${i}\\n\`);
    }`;
  const args = ["--import", "tsx", "--input-type=module", "-e", script];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => said.push(line));
  await vi.waitFor(() => expect(said.length).toBeGreaterThan(20), { timeout: 60_000, interval: 5 });
  child.kill("SIGKILL");
  await once(child, "close");
  expect(namesOf(await opened())).toEqual(expect.arrayContaining(said));
});

test("after all processes have started with a newer key first the older one can go", async () => {
  const [[older], newer] = [KEYS, Buffer.alloc(32, 2)];
  const before = await opened();
  await before.state.write("token", "a", 1);
  await before.state.write("token", "b", 1);
  await before.state.write("token", "b", null);
  await before.state[Symbol.asyncDispose]();
  const data = await newFolder();
  const both = await openedAt(servers.url, data, [newer, older]);
  expect(namesOf(both)).toEqual(["a"]);
  for (const folder of [data, undefined]) {
    const { state, lines } = await openedAt(servers.url, folder, [newer]);
    expect([...state.entries("token").keys()]).toEqual(["a"]);
    expect(lines).toEqual([]);
  }
});

test("an entry goes a day after it is of no more use, removed ones too", async () => {
  const day = 24 * 60 * 60 * 1000;
  const [one, other] = [await opened(), await opened()];
  const options = (days: number) => ({ until: new Date(Date.now() + days * day) });
  await one.state.write("token", "valid", 1, options(1));
  await one.state.write("token", "just over", 1, options(-0.9));
  await one.state.write("token", "removed", 1, options(1));
  await one.state.write("token", "removed", null);
  await one.state.write("token", "over", 1, options(-1.1));
  await soon(async () => expect([...(await stored()).keys()]).not.toContain(fieldOf("over")));
  expect([...(await stored()).keys()].toSorted()).toEqual(["just over", "removed", "valid"].map(fieldOf));
  for (const each of [one, other]) expect(namesOf(each)).toEqual(["just over", "valid"]);
});

test("a Redis that may lose state is refused with what to set", async () => {
  const { url, servers: others } = await startSingle();
  const [server] = others as readonly [Server];
  onTestFinished(() => server[Symbol.asyncDispose]());
  await server.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
  const at = `127.0.0.1:${server.port}`;
  const refusal = (got: string, set: string) =>
    new ConfigError(
      `ODAN_STATE_URL: wanted a Redis that evicts nothing and writes every change to its disk, got ${got} at ${at}. Set ${set} in its redis.conf. A cache that may evict belongs into another Redis: ODAN_REDIS_URL.`,
    );
  await expect(openedAt(url)).rejects.toThrow(
    refusal("maxmemory-policy allkeys-lru, appendonly no", '"maxmemory-policy noeviction" and "appendonly yes"'),
  );
  await server.call("CONFIG", "SET", "maxmemory-policy", "noeviction");
  await expect(openedAt(url)).rejects.toThrow(refusal("appendonly no", '"appendonly yes"'));
  await server.call("CONFIG", "SET", "appendonly", "yes");
  await eventually(() => openedAt(url));
});

test("a Redis that forbids CONFIG is known by INFO, and one that forbids both is warned of", async () => {
  const { url, servers: others } = await startSingle(LASTING);
  const [server] = others as readonly [Server];
  onTestFinished(() => server[Symbol.asyncDispose]());
  const asUser = url.replace("//", "//state:hush@");
  await server.call("ACL", "SETUSER", "state", "on", ">hush", "~odan:*", "+@all", "-config");
  expect((await openedAt(asUser)).lines).toEqual([]);
  await server.call("ACL", "SETUSER", "state", "-info");
  const { state, lines } = await openedAt(asUser);
  await state.write("token", "a", 1);
  expect(lines).toMatchObject([
    {
      level: 40,
      msg: `ODAN_STATE_URL: wanted to read maxmemory-policy, appendonly of 127.0.0.1:${server.port}, got no permission. Make sure of "maxmemory-policy noeviction" and "appendonly yes" in its redis.conf.`,
    },
  ]);
});

test("a URL that is none is refused, and a wrong password told, without the password", async () => {
  await expect(openedAt("http://u:hush@a")).rejects.toThrow(/^ODAN_STATE_URL: Redis URL: wanted .*\/\/\*\*\*@a"$/);
  const { state, lines } = await openedAt(servers.url.replace("//", "//u:hush@"));
  expect(state.status().copy).toBe("NONE");
  expect(JSON.stringify(lines)).toContain("WRONGPASS");
  expect(JSON.stringify(lines)).not.toContain("hush");
});
