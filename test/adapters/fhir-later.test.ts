import { describe, expect, test } from "vitest";
import type { LocalQuestion } from "../../adapters/local.ts";
import { json } from "../loopback.ts";
import { evaluateLocal } from "./evaluate.ts";
import { openFhir, startFhir } from "./fhir-bank.ts";
import { fhirProxy } from "./fhir-proxy.ts";
import { CODES, FIXTURE } from "./fixture.ts";
import { code, has, question } from "./questions.ts";

const NEVER = new AbortController().signal;
const ILL: LocalQuestion = { ...question([has("DISEASE", code(CODES.E11))]), only: "DONORS" };
const TWO: LocalQuestion = {
  ...question([has("DISEASE", code(CODES.E11)), has("DISEASE", code(CODES.C341))]),
  only: "DONORS",
};

type Total = { total?: number };
type Entry = { resource: Total & { link?: readonly { url: string }[] }; response: object };

const openedBehind = async (options: object = {}) => {
  const { url } = await startFhir(FIXTURE);
  const { url: front, state } = await fhirProxy(url);
  const adapter = await openFhir(front, options);
  const release = await adapter.release(NEVER);
  return { state, count: async (asked: LocalQuestion) => (await adapter.count([asked], release, NEVER))[0] };
};

describe("a server that answers otherwise after it was opened gives no exact wrong number", () => {
  test.each<[string, (entry: Entry) => Entry]>([
    [
      "totals are rounded",
      ({ resource, ...entry }) => ({ ...entry, resource: { ...resource, total: round(resource) } }),
    ],
    ["totals are capped", ({ resource, ...entry }) => ({ ...entry, resource: { ...resource, total: cap(resource) } })],
    ["a total is missing", ({ resource: { total: _, ...resource }, ...entry }) => ({ ...entry, resource })],
  ])("%s", async (_, spoiled) => {
    const { state, count } = await openedBehind();
    expect(await count(ILL)).toMatchObject({ donors: evaluateLocal(FIXTURE, ILL).donors });
    state.intercept = async (path, answer) => {
      if (path !== "") return undefined;
      const bundle = await answer();
      return { ...bundle, entry: (bundle.entry as Entry[]).map(spoiled) };
    };
    expect(await count(ILL)).toMatchObject({ code: "BANK_BROKEN" });
  });

  test("a parameter is ignored, and the self link does not tell", async () => {
    const { state, count } = await openedBehind();
    state.intercept = async (path, answer) => {
      if (path !== "") return undefined;
      const bundle = await answer();
      const entry = (bundle.entry as Entry[]).map((each) =>
        /_has/.test(decodeURIComponent(each.resource.link?.[0]?.url ?? ""))
          ? { ...each, resource: { ...each.resource, total: FIXTURE.length } }
          : each,
      );
      return { ...bundle, entry };
    };
    expect(await count(ILL)).toMatchObject({ code: "BANK_BROKEN" });
  });
});

const round = ({ total = 0 }: Total): number => Math.round(total / 10) * 10;
const cap = ({ total = 0 }: Total): number => Math.min(total, 2);

describe("bundles shrink to what the server takes", () => {
  test.each([
    ["413", json(413, {})],
    ["400", json(400, {})],
    ["500", json(500, {})],
  ])("%s for more than four searches", async (_, refused) => {
    const { url } = await startFhir(FIXTURE);
    const { url: front, state } = await fhirProxy(url);
    state.intercept = async (path, answer) => {
      if (path !== "") return undefined;
      return (await answer()).entry.length > 4 ? refused : undefined;
    };
    const adapter = await openFhir(front);
    const plain = await openFhir(url);
    expect(adapter.capabilities).toEqual(plain.capabilities);
    const [found] = await adapter.count([ILL], await adapter.release(NEVER), NEVER);
    expect(found).toMatchObject({ donors: evaluateLocal(FIXTURE, ILL).donors });
  });
});

describe("what a server takes too long to join is bounded by its parts", () => {
  test("one answer that never comes leaves the others as they are", async () => {
    const { state, count } = await openedBehind({ timeoutMs: 3000 });
    expect(await count(TWO)).toMatchObject({ donors: evaluateLocal(FIXTURE, TWO).donors });
    let silent = 0;
    state.intercept = async (path, answer) => {
      if (path !== "") return undefined;
      const { entry } = await answer();
      const urls = (entry as Entry[]).map(({ resource }) => decodeURIComponent(resource.link?.[0]?.url ?? ""));
      if (urls.every((url) => url.split("_has:Condition").length < 3)) return undefined;
      silent += 1;
      return "silent";
    };
    const each = [CODES.E11, CODES.C341].map((one) => evaluateLocal(FIXTURE, question([has("DISEASE", code(one))])));
    const max = Math.min(...each.map(({ donors }) => donors.max!));
    expect(await count(TWO)).toMatchObject({ donors: { min: 0, max } });
    expect(await count(TWO)).toMatchObject({ donors: { min: 0, max } });
    expect(silent).toBe(1);
  });
});
