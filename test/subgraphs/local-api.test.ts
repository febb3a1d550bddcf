import { expect, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import { exactCapabilities } from "../../adapters/kit/exact-counts.ts";
import { BankError, type BankErrorCode } from "../../schema/bank-error.ts";
import { localApi } from "../../subgraphs/count/local-api.ts";

const NEVER = new AbortController().signal;
const release = (id: string) => ({ id, date: "2026-04-01", kind: "ANNOUNCED" }) as const;
const adapterOf = (id: string): Adapter => ({
  capabilities: exactCapabilities([]),
  opened: release(id),
  release: async () => release(id),
  count: async () => [],
  [Symbol.asyncDispose]: async () => undefined,
});

/** A local API whose attempts to be opened end as the test says, and a clock that the test sets. */
const opening = (...ends: (BankErrorCode | string)[]) => {
  const tried: string[] = [];
  let now = 0;
  let stamp = "before";
  const open = async (): Promise<Adapter> => {
    const end = ends[tried.length] ?? ends.at(-1)!;
    tried.push(end);
    if (end.startsWith("BANK_")) throw new BankError(end as BankErrorCode, "bank", "wanted something else");
    return adapterOf(end);
  };
  const api = localApi(Object.assign(open, { stamp: async () => stamp }), () => now);
  const code = () =>
    api.open(NEVER).then(
      ({ adapter }) => adapter.opened?.id,
      (error: BankError) => error.code,
    );
  const change = (): void => {
    stamp += "!";
  };
  return { api, tried, code, change, pass: (ms: number) => (now += ms) };
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("what is broken stays broken for a minute, however many ask", async () => {
  const { tried, code, pass } = opening("BANK_BROKEN", "one");
  for (let i = 0; i < 20; i++) {
    expect(await code()).toBe("BANK_BROKEN");
    pass(2900);
  }
  expect(tried).toHaveLength(1);
});

test("it is looked at again after a minute, and nobody waits for that", async () => {
  const { tried, code, pass } = opening("BANK_BROKEN", "BANK_BROKEN", "one");
  expect(await code()).toBe("BANK_BROKEN");
  pass(60_000);
  expect(await code()).toBe("BANK_BROKEN");
  await settled();
  expect(tried).toHaveLength(2);
  expect(await code()).toBe("BANK_BROKEN");
  pass(60_000);
  expect(await code()).toBe("BANK_BROKEN");
  await settled();
  expect(await code()).toBe("one");
  expect(tried).toHaveLength(3);
});

test("it is looked at as soon as the source has changed", async () => {
  const { tried, code, change } = opening("BANK_BROKEN", "BANK_BROKEN", "one");
  expect([await code(), await code()]).toEqual(["BANK_BROKEN", "BANK_BROKEN"]);
  change();
  expect([await code(), await code()]).toEqual(["BANK_BROKEN", "BANK_BROKEN"]);
  expect(tried).toHaveLength(2);
  change();
  expect(await code()).toBe("one");
});

test("a look that does not come through does not make it away", async () => {
  const { tried, code, pass } = opening("BANK_BROKEN", "BANK_TIMEOUT", "one");
  expect(await code()).toBe("BANK_BROKEN");
  pass(60_000);
  expect(await code()).toBe("BANK_BROKEN");
  await settled();
  for (let i = 0; i < 5; i++) expect(await code()).toBe("BANK_BROKEN");
  expect(tried).toHaveLength(2);
  pass(60_000);
  expect(await code()).toBe("BANK_BROKEN");
  await settled();
  expect(await code()).toBe("one");
});

test("what is away is tried with every call", async () => {
  const { tried, code } = opening("BANK_UNREACHABLE", "BANK_TIMEOUT", "one");
  expect([await code(), await code(), await code()]).toEqual(["BANK_UNREACHABLE", "BANK_TIMEOUT", "one"]);
  expect(tried).toHaveLength(3);
});

test("the operator has it looked at at once", async () => {
  const { api, code } = opening("BANK_BROKEN", "one");
  expect(await code()).toBe("BANK_BROKEN");
  api.forgetBroken();
  expect(await code()).toBe("one");
});

test("a new release that is broken is not loaded again and again, and the old one goes on", async () => {
  const { api, tried, code, pass } = opening("one", "BANK_BROKEN", "BANK_BROKEN", "two");
  expect(await code()).toBe("one");
  const openFor = () =>
    api.openFor(release("two"), NEVER).then(
      ({ adapter }) => adapter.opened?.id,
      (error: BankError) => error.code,
    );
  for (let i = 0; i < 5; i++) expect(await openFor()).toBe("BANK_BROKEN");
  expect(tried).toHaveLength(2);
  expect(await code()).toBe("one");
  pass(60_000);
  expect(await openFor()).toBe("BANK_BROKEN");
  pass(60_000);
  expect(await openFor()).toBe("two");
});
