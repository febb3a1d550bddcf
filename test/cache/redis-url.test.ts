import { expect, test } from "vitest";
import { redisAddress } from "../../cache/redis-url.ts";

test.each([
  ["redis://cache:6380", { kind: "single", node: { host: "cache", port: 6380 }, tls: false, db: 0, credentials: {} }],
  ["redis://cache", { kind: "single", node: { host: "cache", port: 6379 }, tls: false, db: 0, credentials: {} }],
  ["redis://cache/", { kind: "single", node: { host: "cache", port: 6379 }, tls: false, db: 0, credentials: {} }],
  ["redis://[::1]:1/3", { kind: "single", node: { host: "::1", port: 1 }, tls: false, db: 3, credentials: {} }],
  [
    "rediss://me:p%40ss%2F%3A@10.0.0.1:6380/2",
    {
      kind: "single",
      node: { host: "10.0.0.1", port: 6380 },
      tls: true,
      db: 2,
      credentials: { username: "me", password: "p@ss/:" },
    },
  ],
  [
    "redis://:secret@h:1",
    { kind: "single", node: { host: "h", port: 1 }, tls: false, db: 0, credentials: { password: "secret" } },
  ],
  [
    "redis+sentinel://u:p@a:1,b:2,c/my%20master/4",
    {
      kind: "sentinel",
      sentinels: [
        { host: "a", port: 1 },
        { host: "b", port: 2 },
        { host: "c", port: 26379 },
      ],
      master: "my master",
      db: 4,
      credentials: { username: "u", password: "p" },
    },
  ],
  [
    "redis+cluster://a:1,[::2]:2",
    {
      kind: "cluster",
      nodes: [
        { host: "a", port: 1 },
        { host: "::2", port: 2 },
      ],
      credentials: {},
    },
  ],
])("reads %s", (url, address) => {
  expect(redisAddress(url)).toEqual(address);
});

const SINGLE = "redis://[user:password@]host:port[/db]";
const SENTINEL = "redis+sentinel://[user:password@]host:port,host:port/master name[/db]";
const CLUSTER = "redis+cluster://[user:password@]host:port,host:port";
const ANY = [SINGLE, SINGLE.replace("redis", "rediss"), SENTINEL, CLUSTER].join(" or ");

test.each([
  ["", ANY, ""],
  ["localhost:6379", ANY, "localhost:6379"],
  ["http://cache:80", ANY, "http://cache:80"],
  ["constructor://cache:80", ANY, "constructor://cache:80"],
  ["redis://", ANY, "redis://"],
  ["redis://a:1?x=y", ANY, "redis://a:1?x=y"],
  ["redis://a:0", SINGLE, "redis://a:0"],
  ["redis://a:65536", SINGLE, "redis://a:65536"],
  ["redis://a:port", SINGLE, "redis://a:port"],
  ["redis://a:1/x", SINGLE, "redis://a:1/x"],
  ["redis://a:1/1/2", SINGLE, "redis://a:1/1/2"],
  ["redis://a:1,b:2", SINGLE, "redis://a:1,b:2"],
  ["redis://u:hush@a:1,b:2", SINGLE, "redis://***@a:1,b:2"],
  ["redis://hush@a:1", SINGLE, "redis://***@a:1"],
  ["redis://u:hush%ff@a:1", SINGLE, "redis://***@a:1"],
  ["http://u:hu@sh@a:1", ANY, "http://***@a:1"],
  ["redis+sentinel://a:1,b:2", SENTINEL, "redis+sentinel://a:1,b:2"],
  ["redis+sentinel://a:1,,b:2/m", SENTINEL, "redis+sentinel://a:1,,b:2/m"],
  ["redis+sentinel://a:1/m%ff", SENTINEL, "redis+sentinel://a:1/m%ff"],
  ["redis+cluster://a:1/3", CLUSTER, "redis+cluster://a:1/3"],
])("refuses %s in one line, without its credentials", (url, wanted, got) => {
  expect(() => redisAddress(url)).toThrow(new Error(`Redis URL: wanted ${wanted}, got ${JSON.stringify(got)}`));
});
