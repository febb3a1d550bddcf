import { expect, onTestFinished, test } from "vitest";
import { eventually, LASTING, type Server, startCluster, startSentinel } from "../redis.ts";
import { namesOf, openedAt, soon } from "./state-stores.ts";

const closing = <T extends AsyncDisposable>(one: T): T => {
  onTestFinished(() => one[Symbol.asyncDispose]());
  return one;
};

/** What a server holds. Two servers give the same fields in different orders. */
const storedIn = async (server: Server): Promise<string> =>
  ((await server.call("HGETALL", "odan:{state}:lines")) as readonly string[]).toSorted().join();

test("a stale replica that Sentinels promote is brought up to date, and brings no revoked token back", async () => {
  const sentinel = closing(await startSentinel(LASTING));
  const [primary, replica] = sentinel.servers as readonly [Server, Server];
  const [one, other] = [await openedAt(sentinel.url), await openedAt(sentinel.url)];
  await one.state.write("token", "revoked", 1);
  await one.state.write("token", "good", 1);
  await eventually(async () => expect(await storedIn(replica)).toBe(await storedIn(primary)));
  await sentinel.cutReplica();
  await one.state.write("token", "revoked", null);
  await other.state.write("token", "new", 1);
  const newest = await storedIn(primary);
  await primary.kill();
  await sentinel.promote();
  const seen = new Set<string>();
  await eventually(async () => {
    for (const each of [one, other]) seen.add(namesOf(each).join());
    expect((await storedIn(replica)).split(",").toSorted()).toEqual(newest.split(",").toSorted());
  });
  expect([...seen]).toEqual(["good,new"]);
  await eventually(() => one.state.write("token", "later", 1));
  await soon(() => expect(namesOf(other)).toEqual(["good", "later", "new"]));
  expect(namesOf(await openedAt(sentinel.url))).toEqual(["good", "later", "new"]);
});

test("a primary that dies costs no acknowledged write, and the next one takes writes", async () => {
  const sentinel = closing(await startSentinel(LASTING));
  const [one, other] = [await openedAt(sentinel.url), await openedAt(sentinel.url)];
  await one.state.write("token", "a", 1);
  await one.state.write("token", "revoked", 1);
  await one.state.write("token", "revoked", null);
  const before = await sentinel.primary();
  await before.kill();
  await eventually(async () => expect(await sentinel.primary()).not.toBe(before));
  await eventually(() => other.state.write("token", "b", 1));
  await soon(() => expect(namesOf(one)).toEqual(["a", "b"]));
  expect(namesOf(await openedAt(sentinel.url))).toEqual(["a", "b"]);
});

test("a Cluster keeps the state in one node; where that has lost it, or is away, the copies serve", async () => {
  const cluster = closing(await startCluster(LASTING));
  const [one, other] = [await openedAt(cluster.url), await openedAt(cluster.url)];
  await eventually(() => one.state.write("token", "a", 1));
  await one.state.write("token", "revoked", 1);
  await other.state.write("token", "revoked", null);
  expect(namesOf(one)).toEqual(["a"]);
  const lengths = await Promise.all(cluster.servers.map((server) => server.call("DBSIZE")));
  expect(lengths.filter((length) => length === 3)).toHaveLength(1);
  const holder = cluster.servers[lengths.indexOf(3)]!;
  await holder.call("FLUSHALL");
  await soon(async () => expect(await storedIn(holder)).toContain("revoked"));
  await holder.kill();
  await eventually(() => expect(one.state.status().copy).toBe("OLD"));
  expect([namesOf(one), namesOf(other)]).toEqual([["a"], ["a"]]);
  await expect(one.state.write("token", "b", 1)).rejects.toMatchObject({ name: "StateAway" });
  await holder.restart();
  await eventually(() => one.state.write("token", "b", 1));
  await soon(() => expect(namesOf(other)).toEqual(["a", "b"]));
});
