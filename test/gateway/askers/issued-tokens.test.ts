import { expect, test } from "vitest";
import {
  findToken,
  issuedTokens,
  issueToken,
  revokeTokens,
  type TokenStore,
} from "../../../gateway/askers/issued-tokens.ts";
import { digestOf } from "../../../gateway/askers/token-text.ts";
import { storeInMemory } from "./token-store.ts";

const NOW = new Date("2026-10-01T09:00:00Z");
const DAY_MS = 86_400_000;

test("a token is found by its digest, with whose it is and until when; the store never has the token", async () => {
  const store = storeInMemory();
  const { text, token } = await issueToken(store, { tier: "REGISTERED", name: "佐藤 花子", days: 30 }, NOW);
  expect(token).toEqual({
    id: digestOf(text).slice(0, 12),
    tier: "REGISTERED",
    name: "佐藤 花子",
    issued: NOW,
    expires: new Date("2026-10-31T09:00:00Z"),
  });
  expect(findToken(store, digestOf(text))).toEqual(token);
  expect(findToken(store, digestOf(`${text}0`))).toBeNull();
  for (let from = 0; from + 8 <= text.length - 5; from++)
    expect(store.text()).not.toContain(text.slice(5 + from, 13 + from));
});

test("a token lasts 90 days where nothing else is said", async () => {
  const { token } = await issueToken(storeInMemory(), { tier: "OPERATOR", name: "bbj" }, NOW);
  expect(token.expires.getTime() - NOW.getTime()).toBe(90 * DAY_MS);
});

test("a revoked token is gone, and no other is", async () => {
  const store = storeInMemory();
  const [one, other] = [
    await issueToken(store, { tier: "OPERATOR", name: "bbj" }, NOW),
    await issueToken(store, { tier: "OPERATOR", name: "bbj" }, new Date(NOW.getTime() + 1)),
  ];
  expect(issuedTokens(store)).toEqual([other.token, one.token]);
  await revokeTokens(store, [one.token.id]);
  expect(findToken(store, digestOf(one.text))).toBeNull();
  expect(issuedTokens(store)).toEqual([other.token]);
});

// The first failure ended the revocation of all tokens of a name.
test("all tokens are revoked although the store is away for one of them, and the failure is told", async () => {
  const store = storeInMemory();
  const issued = [];
  for (let i = 0; i < 3; i += 1) issued.push((await issueToken(store, { tier: "OPERATOR", name: "bbj" }, NOW)).token);
  const failing: TokenStore = {
    ...store,
    async write(kind, name, value) {
      await store.write(kind, name, value);
      throw new Error("away");
    },
  };
  const ids = issued.map(({ id }) => id);
  await expect(revokeTokens(failing, ids)).rejects.toThrow("away");
  expect(issuedTokens(store)).toEqual([]);
});

test("an expired token is kept for 90 days, so that its holder hears that it expired", async () => {
  const store = storeInMemory();
  const { token } = await issueToken(store, { tier: "REGISTERED", name: "old", days: 1 }, NOW);
  expect(store.until().map((date) => date.getTime())).toEqual([token.expires.getTime() + 90 * DAY_MS]);
});

test("what is no entry of a token is none, and what a later version adds is left out", async () => {
  const store = storeInMemory();
  const entry = { tier: "REGISTERED", name: "x", issued: NOW.toISOString(), expires: NOW.toISOString() };
  await store.write("tokens", "a", { ...entry, later: true });
  expect(findToken(store, "a")).toMatchObject({ id: "a", tier: "REGISTERED" });
  for (const wrong of [{ ...entry, tier: "ADMIN" }, { ...entry, expires: "soon" }, { ...entry, name: 1 }, "x", 1]) {
    await store.write("tokens", "b", wrong);
    expect(findToken(store, "b"), JSON.stringify(wrong)).toBeNull();
  }
  expect(issuedTokens(store)).toHaveLength(1);
});
