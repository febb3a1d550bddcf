import { describe, expect, test } from "vitest";
import type { LocalQuestion } from "../../adapters/local.ts";
import { fhirServer } from "../../sandbox/rare/server.ts";
import { json } from "../loopback.ts";
import { fhirDonorsOf, openFhir, startFhir } from "./fhir-bank.ts";
import { fhirProxy } from "./fhir-proxy.ts";
import { CODES, FIXTURE, MAPPING } from "./fixture.ts";
import { started } from "./kit-bank.ts";
import { code, has, question } from "./questions.ts";

const NEVER = new AbortController().signal;
const { E11, C34 } = CODES;
const STATEMENT = {
  resourceType: "CapabilityStatement",
  fhirVersion: "4.0.1",
  software: { name: "HAPI FHIR Server", version: "8.8.0" },
};

describe("a release watches the data, since a server's description does not change with them", () => {
  test("resources that come", async () => {
    const { server, url } = await startFhir(FIXTURE.slice(0, 5));
    const proxy = await fhirProxy(url);
    proxy.state.intercept = (path) => (path.startsWith("metadata") ? STATEMENT : undefined);
    const adapter = await openFhir(proxy.url, { release: "metadata" });
    const first = await adapter.release(NEVER);
    expect(await adapter.release(NEVER)).toEqual(first);
    server.publish(fhirDonorsOf(FIXTURE), { number: "1", date: "2026-01-01" });
    expect((await adapter.release(NEVER)).id).not.toBe(first.id);
    expect(await adapter.count([question([])], first, NEVER)).toMatchObject([{ code: "BANK_GONE" }]);
  });

  test("a resource that is changed", async () => {
    const { url } = await startFhir(FIXTURE.slice(0, 5));
    const proxy = await fhirProxy(url);
    let updated = "2026-07-01T10:00:00Z";
    proxy.state.intercept = (path) => {
      if (path.startsWith("metadata")) return STATEMENT;
      if (!path.startsWith("Specimen?_sort=")) return undefined;
      const entry = [{ resource: { resourceType: "Specimen", id: "S1", meta: { lastUpdated: updated } } }];
      return { resourceType: "Bundle", type: "searchset", entry };
    };
    const adapter = await openFhir(proxy.url, { release: "metadata" });
    const first = await adapter.release(NEVER);
    expect(first).toMatchObject({ date: "2026-07-01", kind: "WATCHED" });
    updated = "2026-07-01T10:00:01Z";
    expect((await adapter.release(NEVER)).id).not.toBe(first.id);
  });
});

test("searches go past a server's cache, its description does not", async () => {
  const { url } = await startFhir(FIXTURE);
  const proxy = await fhirProxy(url);
  await openFhir(proxy.url, { release: "metadata" });
  expect(proxy.state.caching.get("metadata")).toEqual(new Set([undefined]));
  expect(proxy.state.caching.get("search")).toEqual(new Set(["no-cache"]));
});

describe("a Condition in no mapped code may be any disease, also where the mapping is warranted to be complete", () => {
  const asked: LocalQuestion = question([has("DISEASE", code(E11))]);
  const withOdd = (odd: readonly { readonly system: string | null; readonly code: string }[]) =>
    fhirDonorsOf(FIXTURE).map((donor, at) => (at === 4 || at === 5 ? { ...donor, diagnoses: [odd] } : donor));
  const { tree: _tree, ...named } = MAPPING.DISEASE!;

  test.each([
    ["without a system", [{ system: null, code: E11 }]],
    ["in another system", [{ system: "http://fhir.de/CodeSystem/bfarm/icd-10-gm", code: E11 }]],
    ["with a sign behind it", [{ system: "https://codes.example", code: `${E11}*` }]],
    ["without any code", []],
  ])("%s", async (_, odd) => {
    const { url } = await started(fhirServer(withOdd(odd)));
    for (const mapping of [MAPPING, { ...MAPPING, DISEASE: named }]) {
      const adapter = await openFhir(url, {}, mapping);
      const release = await adapter.release(NEVER);
      const [donors, samples] = await adapter.count(
        [
          { ...asked, only: "DONORS" },
          { ...asked, only: "SAMPLES" },
        ],
        release,
        NEVER,
      );
      expect(donors).toMatchObject({ donors: { min: 4, max: 6 } });
      expect(samples).toMatchObject({ samples: { max: null } });
    }
  });

  test("where all are mapped the count is exact", async () => {
    const { url } = await started(fhirServer(withOdd([{ system: "https://codes.example", code: C34 }])));
    const adapter = await openFhir(url);
    const [donors] = await adapter.count([{ ...asked, only: "DONORS" }], await adapter.release(NEVER), NEVER);
    expect(donors).toMatchObject({ donors: { min: 4, max: 4 } });
  });
});

test.each([
  ["500", { status: 500, headers: {} }],
  ["429", { status: 429, headers: { "retry-after": "0" } }],
])("a proof that is met by %s is tried again", async (_, { status, headers }) => {
  const { url } = await startFhir(FIXTURE);
  const calm = (await openFhir(url)).capabilities.fields;
  const proxy = await fhirProxy(url);
  let posts = 0;
  proxy.state.intercept = (path) => {
    if (path !== "") return undefined;
    posts += 1;
    const outcome = { resourceType: "OperationOutcome", issue: [{ severity: "error", diagnostics: "later" }] };
    return posts > 2 && posts % 5 === 0 ? json(status, outcome, headers) : undefined;
  };
  const adapter = await openFhir(proxy.url);
  expect(adapter.capabilities.fields).toEqual(calm);
});
