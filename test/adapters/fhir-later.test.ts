import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { fhir } from "../../adapters/fhir.ts";
import type { LocalQuestion } from "../../adapters/local.ts";
import { json } from "../loopback.ts";
import { evaluateLocal } from "./evaluate.ts";
import { OPTIONS, openFhir, startFhir } from "./fhir-bank.ts";
import { fhirProxy } from "./fhir-proxy.ts";
import { CODES, FIXTURE, MAPPING } from "./fixture.ts";
import { openAdapter } from "./kit-bank.ts";
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

describe("what is proven of a server's version is remembered", () => {
  const folder = async (): Promise<string> => {
    const state = await mkdtemp(path.join(tmpdir(), "proofs-"));
    onTestFinished(() => rm(state, { recursive: true }));
    return state;
  };
  const server = async (state: string) => {
    const { url } = await startFhir(FIXTURE);
    const { url: front, state: proxy } = await fhirProxy(url);
    const told = { version: "8.8.0", searches: 0 };
    let spoil: (url: string) => number | undefined = () => undefined;
    proxy.intercept = async (asked, answer) => {
      if (asked.startsWith("metadata")) {
        const software = { name: "FHIR", version: told.version };
        return { resourceType: "CapabilityStatement", fhirVersion: "4.0.1", software };
      }
      if (asked !== "") return undefined;
      const bundle = await answer();
      told.searches += bundle.entry.length;
      const entry = (bundle.entry as Entry[]).map((each) => {
        const total = spoil(decodeURIComponent(each.resource.link?.[0]?.url ?? ""));
        return total === undefined ? each : { ...each, resource: { ...each.resource, total } };
      });
      return { ...bundle, entry };
    };
    const open = async () => {
      told.searches = 0;
      const options = { ...OPTIONS, url: front };
      const { capabilities } = await openAdapter({ kind: fhir, options, mapping: MAPPING, state });
      return { capabilities, searches: told.searches };
    };
    return { told, open, spoilBy: (by: typeof spoil) => (spoil = by) };
  };

  test("a second opening declares the same by far fewer searches, one of another version proves again", async () => {
    const { told, open } = await server(await folder());
    const first = await open();
    const second = await open();
    expect(second.capabilities).toEqual(first.capabilities);
    expect(second.searches).toBeLessThan(first.searches / 2);
    told.version = "8.9.0";
    expect(await open()).toEqual(first);
  });

  test("a file that is broken is as none", async () => {
    const state = await folder();
    const { open } = await server(state);
    const first = await open();
    await writeFile(path.join(state, "bank.proofs.json"), "{");
    expect(await open()).toEqual(first);
  });

  test("a parameter that finds everybody since then is declared no more", async () => {
    const { open, spoilBy } = await server(await folder());
    expect((await open()).capabilities.fields.COHORT).toBeDefined();
    spoilBy((url) => (/Patient\?.*\bcohort=/.test(url) ? FIXTURE.length : undefined));
    expect((await open()).capabilities.fields.COHORT?.on ?? []).not.toContain("DONORS");
  });
});
