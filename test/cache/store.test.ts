import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { redisStore } from "../../cache/redis.ts";
import { DIGEST_BYTES, type Store, type StoreKey } from "../../cache/store.ts";
import { realClock } from "../../net/clock.ts";
import { eventually, type Servers, startCluster, startSentinel, startSingle } from "../redis.ts";
import { memoryStore } from "./memory-store.ts";

const LONG = 60_000;
const NAMES = [Buffer.alloc(32, 2)] as const;

const key = (question: string, edition = "v1", group = "bbmri-eric:ID:CZ_MMCI"): StoreKey => ({
  group,
  question,
  edition,
});

/** A value with this body; `nonce`: what differs between two values of one body. */
const value = (body: string, nonce = 7): Uint8Array => {
  const digest = createHash("sha256").update(body).digest().subarray(0, DIGEST_BYTES);
  return Buffer.concat([digest, Buffer.from([nonce]), Buffer.from(body)]);
};

const bodyOf = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString("utf8", DIGEST_BYTES + 1);

describe.each<[string, (() => Promise<Servers>) | null]>([
  ["memory", null],
  ["one Redis", startSingle],
  ["Sentinel", startSentinel],
  ["Cluster", startCluster],
])("a store in %s", (_, start) => {
  let servers: Servers | undefined;
  let store: Store;

  beforeAll(async () => {
    servers = await start?.();
    store =
      servers === undefined
        ? memoryStore(1e6, realClock)
        : redisStore({ url: servers.url, names: NAMES, report: () => undefined, timeoutMs: LONG });
    // Commands are refused before there is a connection.
    await eventually(() => store.read(key("connected")));
  });
  afterAll(async () => {
    await store?.[Symbol.asyncDispose]();
    await servers?.[Symbol.asyncDispose]();
  });

  test("lets one token fill, and the others wait for at most as long as it holds", async () => {
    const at = key("begin");
    expect(await store.readOrLock(at, "a", LONG)).toEqual({ locked: true });
    const other = await store.readOrLock(at, "b", LONG);
    expect(other).toEqual({ wait: expect.any(Number) });
    expect("wait" in other && other.wait).toBeGreaterThan(0);
    expect("wait" in other && other.wait).toBeLessThanOrEqual(LONG);
  });

  test("gives the value to whoever asks, once it is there", async () => {
    const at = key("commit");
    await store.readOrLock(at, "a", LONG);
    expect(await store.read(at)).toBeNull();
    expect(await store.commit(at, "a", value("肺がん 12"))).toBe("stored");
    for (const token of ["a", "b"]) {
      const begun = await store.readOrLock(at, token, LONG);
      expect("value" in begun && Buffer.compare(begun.value, value("肺がん 12"))).toBe(0);
    }
    expect(Buffer.compare((await store.read(at))!, value("肺がん 12"))).toBe(0);
  });

  test("keeps bytes of any kind as they are", async () => {
    const bytes = Uint8Array.from({ length: 3000 }, (_, index) => (index * 7) % 256);
    await store.commit(key("bytes"), "a", bytes);
    expect(Buffer.compare((await store.read(key("bytes")))!, bytes)).toBe(0);
    const large = value("é".repeat(500_000 / 2 - DIGEST_BYTES));
    await store.commit(key("large"), "a", large);
    expect(Buffer.compare((await store.read(key("large")))!, large)).toBe(0);
    const empty = value("");
    await store.commit(key("empty"), "a", empty);
    expect(Buffer.compare((await store.read(key("empty")))!, empty)).toBe(0);
  });

  test("lets a token that asks again hold on for longer", async () => {
    const at = key("renew");
    await store.readOrLock(at, "a", 200);
    expect(await store.readOrLock(at, "a", LONG)).toEqual({ locked: true });
    const other = await store.readOrLock(at, "b", LONG);
    expect("wait" in other && other.wait).toBeGreaterThan(200);
  });

  test("lets another take over when a hold runs out", async () => {
    const at = key("takeover");
    await store.readOrLock(at, "a", 300);
    await eventually(async () => expect(await store.readOrLock(at, "b", LONG)).toEqual({ locked: true }));
    expect(await store.readOrLock(at, "a", LONG)).toEqual({ wait: expect.any(Number) });
  });

  test("lets another fill at once where the first one gives up, and nobody give up for him", async () => {
    const at = key("unlock");
    await store.readOrLock(at, "a", LONG);
    await store.unlock(at, "b");
    expect(await store.readOrLock(at, "b", LONG)).toEqual({ wait: expect.any(Number) });
    await store.unlock(at, "a");
    expect(await store.readOrLock(at, "b", LONG)).toEqual({ locked: true });
  });

  test("lets nobody wait for one who has committed, and leaves the hold of another alone", async () => {
    const at = key("committed");
    await store.readOrLock(at, "a", LONG);
    await store.commit(at, "late", value("1"));
    await store.remove(at);
    expect(await store.readOrLock(at, "b", LONG)).toEqual({ wait: expect.any(Number) });
    await store.commit(at, "a", value("1"));
    await store.remove(at);
    expect(await store.readOrLock(at, "b", LONG)).toEqual({ locked: true });
  });

  test("keeps the first body and says so; the same body sealed again is no conflict", async () => {
    const at = key("conflict");
    expect(await store.commit(at, "a", value("12", 1))).toBe("stored");
    expect(await store.commit(at, "b", value("12", 2))).toBe("stored");
    expect(await store.commit(at, "c", value("13", 1))).toBe("conflict");
    expect(await store.commit(at, "c", value("123", 1))).toBe("conflict");
    expect(await store.commit(at, "c", value("", 1))).toBe("conflict");
    expect(bodyOf(await store.read(at))).toBe("12");
  });

  test("tells keys apart by every part, whatever characters are in it", async () => {
    const keys = [
      key("q", "e", "g"),
      key("q", "e2", "g"),
      key("q2", "e", "g"),
      key("q", "e", "g2"),
      key("b.c", "e", "a"),
      key("c", "e", "a.b"),
      key("q", "e}:e:f", "}{"),
      key("q", "f", "}"),
      key("q", "", ""),
      key("日本", "%0041", "{*}"),
      key("日本", "A", "?"),
    ];
    for (const [index, at] of keys.entries()) {
      await store.readOrLock(at, "a", LONG);
      expect(await store.commit(at, "a", value(String(index)))).toBe("stored");
    }
    for (const [index, at] of keys.entries()) expect(bodyOf(await store.read(at))).toBe(String(index));
  });

  test("drops what is to be removed, and nothing else", async () => {
    await store.commit(key("removed"), "a", value("1"));
    await store.commit(key("removed", "v2"), "a", value("2"));
    await store.remove(key("removed"));
    await store.remove(key("never there"));
    expect(await store.read(key("removed"))).toBeNull();
    expect(bodyOf(await store.read(key("removed", "v2")))).toBe("2");
  });

  test("sweeps a group's editions that are not to be kept, wherever they are", async () => {
    const questions = Array.from({ length: 700 }, (_, index) => `question-${index}`);
    for (const question of questions) {
      await store.commit(key(question, "r1.0", "sw*ept"), "a", value("old"));
      await store.commit(key(question, "r1.1", "sw*ept"), "a", value("new"));
      await store.commit(key(question, "r1.0", "sw*eptnot"), "a", value("other"));
      await store.commit(key(question, "r1.0", "sweept"), "a", value("other"));
    }
    await store.sweep("sw*ept", (edition) => edition === "r1.1");
    for (const question of questions) {
      expect(await store.read(key(question, "r1.0", "sw*ept"))).toBeNull();
      expect(bodyOf(await store.read(key(question, "r1.1", "sw*ept")))).toBe("new");
      expect(bodyOf(await store.read(key(question, "r1.0", "sw*eptnot")))).toBe("other");
      expect(bodyOf(await store.read(key(question, "r1.0", "sweept")))).toBe("other");
    }
  });
});
