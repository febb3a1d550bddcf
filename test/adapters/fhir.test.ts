import { describe, expect, test } from "vitest";
import { fhir } from "../../adapters/fhir.ts";
import type { LocalQuestion, Range } from "../../adapters/local.ts";
import type { FhirServerOptions } from "../../sandbox/rare/server.ts";
import { BankError } from "../../schema/bank-error.ts";
import { json } from "../loopback.ts";
import { evaluateLocal } from "./evaluate.ts";
import { fhirDonorsOf, OPTIONS, openFhir, startFhir } from "./fhir-bank.ts";
import { fhirProxy } from "./fhir-proxy.ts";
import { CODES, FIXTURE, MAPPING } from "./fixture.ts";
import { code, EVERY, has, is, question, range, sample } from "./questions.ts";
import type { Reply } from "./scripted-beacon.ts";

const NEVER = new AbortController().signal;
const ALL: LocalQuestion = { ...question([]), only: "DONORS" };
const { FEMALE, MALE, DNA, PLASMA, E11, E112, C34, C341 } = CODES;
/** The server warrants that it takes the entries of a batch in their order. */
const LAST = { ...OPTIONS.release, told: "last" };

const countOne = async (adapter: Awaited<ReturnType<typeof openFhir>>, asked: LocalQuestion) =>
  (await adapter.count([asked], await adapter.release(NEVER), NEVER))[0];

/** What the adapter declares, a line for each field: the counts, `several` and `rest`. */
const declared = async (options: FhirServerOptions) => {
  const { server, url } = await startFhir(FIXTURE, options);
  const adapter = await openFhir(url);
  const { fields } = adapter.capabilities;
  const lines = Object.entries(fields).map(([field, { on, several, rest }]) =>
    [field, ...on, ...(several ? ["several"] : []), ...(rest ? ["rest"] : [])].join(" "),
  );
  return { server, adapter, lines };
};
const holds = ({ min, max }: Range, count: number): boolean => min <= count && (max === null || count <= max);
/** Every question is right, or an error: never a wrong number. */
const neverWrong = async (adapter: Awaited<ReturnType<typeof openFhir>>) => {
  const asked: readonly LocalQuestion[] = [
    question([has("SEX", code(FEMALE))]),
    question([has("DISEASE", code(E11, C34)), has("SEX", code(MALE))]),
    question([sample(is("SAMPLE_TYPE", code(DNA))), sample(is("SAMPLE_TYPE", code(PLASMA)))]),
    question([has("COHORT", { codes: ["cohort:patient"], negate: true, missing: true })]),
    question([], is("STORAGE", { codes: ["storage:ln2"], negate: false, missing: true })),
    question([], is("AGE_AT_COLLECTION", { from: 40, to: 59, missing: true })),
  ];
  const release = await adapter.release(NEVER);
  for (const only of ["DONORS", "SAMPLES"] as const) {
    const unit = only === "DONORS" ? "donors" : "samples";
    const got = await adapter.count(
      asked.map((one) => ({ ...one, only })),
      release,
      NEVER,
    );
    got.forEach((outcome, at) => {
      if (outcome instanceof BankError) expect(outcome.code).toBe("BANK_UNSUPPORTED");
      else
        expect(holds(outcome[unit], evaluateLocal(FIXTURE, asked[at]!)[unit].min), JSON.stringify(asked[at])).toBe(
          true,
        );
    });
  }
};

const STRONG = [
  "DISEASE DONORS SAMPLES several",
  "SEX DONORS SAMPLES several rest",
  "COHORT DONORS SAMPLES several rest",
  "DATA DONORS SAMPLES several",
];
const OF_SAMPLES = [
  "SAMPLE_TYPE SAMPLES several rest",
  "AGE_AT_COLLECTION SAMPLES several rest",
  "COLLECTED_YEAR SAMPLES several rest",
  "STORAGE SAMPLES several rest",
];

describe("what a server does not support is found out when it is opened, and not declared", () => {
  test("a server that does all that it may", async () => {
    const { lines, adapter } = await declared({});
    expect(adapter.capabilities.donors).toEqual({ logic: "and", sampleAnd: "any" });
    expect(lines).toEqual([
      ...STRONG,
      "SAMPLE_TYPE DONORS SAMPLES several",
      "AGE_AT_COLLECTION DONORS SAMPLES several rest",
      "COLLECTED_YEAR DONORS SAMPLES several rest",
      "STORAGE DONORS SAMPLES several rest",
    ]);
    await neverWrong(adapter);
  });

  test.each(["zero", "ignore", "refuse"] as const)("no `_has`, answered by: %s", async (lack) => {
    const { lines, adapter } = await declared({ weak: { has: lack }, handling: "lenient", self: "asked" });
    expect(lines).toEqual([...STRONG.slice(1), ...OF_SAMPLES]);
    await neverWrong(adapter);
  });

  test.each(["zero", "ignore", "refuse"] as const)("no chaining, answered by: %s", async (lack) => {
    const { lines, adapter } = await declared({ weak: { chain: lack }, handling: "lenient", self: "asked" });
    expect(lines.slice(0, 4)).toEqual(STRONG.map((line) => line.replace(" SAMPLES", "")));
    await neverWrong(adapter);
  });

  test.each(["zero", "ignore", "refuse"] as const)("no `:missing` and `:not`, answered by: %s", async (lack) => {
    const { lines, adapter } = await declared({ weak: { modifiers: lack }, handling: "lenient", self: "asked" });
    expect(lines).toHaveLength(8);
    expect(lines.filter((line) => line.includes("rest"))).toEqual([]);
    await neverWrong(adapter);
  });

  test("only the last of several alternatives counts", async () => {
    const { lines, adapter } = await declared({ weak: { comma: "last" } });
    expect(lines).toHaveLength(8);
    expect(lines.filter((line) => line.includes("several")).map((line) => line.replace(/ .*/, ""))).toEqual([
      "AGE_AT_COLLECTION",
      "COLLECTED_YEAR",
    ]);
    await neverWrong(adapter);
  });

  test("two `_has` have to be met by one resource: two conditions are not asked together", async () => {
    const { lines, adapter } = await declared({ weak: { joined: true } });
    expect(lines).toHaveLength(8);
    expect(adapter.capabilities.donors).toEqual({ logic: "and", sampleAnd: "unknown" });
    await neverWrong(adapter);
    const two = question([has("DISEASE", code(E11)), has("DISEASE", code(CODES.C341))]);
    const each = [E11, CODES.C341].map((one) => evaluateLocal(FIXTURE, question([has("DISEASE", code(one))])));
    const most = (unit: "donors" | "samples") => Math.min(...each.map((one) => one[unit].max!));
    expect(await countOne(adapter, two)).toMatchObject({
      donors: { min: 0, max: most("donors") },
      samples: { min: 0, max: most("samples") },
    });
  });

  test("only the last of several parameters of one name counts", async () => {
    const { lines, adapter } = await declared({ weak: { repeat: "last" } });
    expect(lines).toEqual([]);
    await neverWrong(adapter);
  });

  test.each<[string, FhirServerOptions]>([
    ["no strict handling", { handling: "lenient" }],
    ["no self link", { self: "none" }],
    ["a total with `_total` only", { totals: "total" }],
    ["a total with `_summary` only", { totals: "summary" }],
    ["no batch", { batch: false }],
    ["no total at all: its pages are counted", { totals: "never" }],
  ])("%s: nothing is lost", { timeout: 20_000 }, async (_, options) => {
    const { lines, adapter } = await declared(options);
    expect(lines).toHaveLength(8);
    await neverWrong(adapter);
  });

  test("a field that nobody has a value of cannot be proven", async () => {
    const { url } = await startFhir(FIXTURE.map((donor) => ({ ...donor, values: { ...donor.values, DATA: [] } })));
    const adapter = await openFhir(url);
    expect(adapter.capabilities.fields.DATA).toBeUndefined();
    expect(await countOne(adapter, question([has("DATA", code("data:WGS"))]))).toMatchObject({
      code: "BANK_UNSUPPORTED",
      message: expect.stringContaining("DATA"),
    });
  });
});

describe("of a whole code system the codes that the release holds are listed", () => {
  const fewer = FIXTURE.slice(0, 3);

  test("in the words of the mapping, for the release that it was opened on", async () => {
    const { server, url } = await startFhir(fewer);
    const first = await openFhir(url);
    expect(first.capabilities.fields.DISEASE?.codes).toEqual(new Set([E11, E112, C341]));
    expect(first.opened).toEqual(await first.release(NEVER));
    server.publish(fhirDonorsOf(FIXTURE), { number: "2", date: "2026-07-01" });
    const second = await openFhir(url);
    expect(second.capabilities.fields.DISEASE?.codes).toEqual(new Set([E11, E112, C341, C34]));
    expect(second.opened?.id).toBe("bank@2");
  });

  test("but not where the mapping names single codes", async () => {
    const { url } = await startFhir(fewer);
    const { tree: _tree, ...disease } = MAPPING.DISEASE!;
    const named = await openFhir(url, {}, { ...MAPPING, DISEASE: disease });
    expect(named.capabilities.fields.DISEASE).toEqual({ on: ["DONORS", "SAMPLES"], rest: false, several: true });
    expect(named.opened?.id).toBe("bank@1");
  });

  test("nor where fewer Conditions come than there are", async () => {
    const { url } = await startFhir(fewer);
    const proxy = await fhirProxy(url);
    proxy.state.intercept = async (path, answer) => {
      if (path !== "Condition?_count=1000") return undefined;
      const page = await answer();
      return { ...page, entry: page.entry.slice(1) };
    };
    const adapter = await openFhir(proxy.url);
    expect(adapter.capabilities.fields.DISEASE?.codes).toBeUndefined();
  });

  test("nor is a release opened that changes meanwhile", async () => {
    const { server, url } = await startFhir(fewer);
    const proxy = await fhirProxy(url);
    proxy.state.intercept = (path) => {
      if (path.startsWith("Condition?")) server.publish(fhirDonorsOf(fewer), { number: "2", date: "2026-07-01" });
      return undefined;
    };
    await expect(openFhir(proxy.url)).rejects.toMatchObject({ code: "BANK_GONE" });
  });
});

describe("what is asked", () => {
  test("a set of counts is one HTTP call, with strict handling, between two looks at the release", async () => {
    const { server, url } = await startFhir(FIXTURE);
    const proxy = await fhirProxy(url);
    const adapter = await openFhir(proxy.url);
    const before = server.requests.length;
    const release = await adapter.release(NEVER);
    const asked = [question([]), question([has("SEX", code(FEMALE))]), question([], is("SAMPLE_TYPE", code(DNA)))];
    const got = await adapter.count(asked, release, NEVER);
    expect(got).toEqual(asked.map((one) => evaluateLocal(FIXTURE, one)));
    expect(server.requests.slice(before)).toEqual([
      "GET /fhir/Library/release",
      "POST /fhir/",
      "GET /fhir/Library/release",
    ]);
    expect(proxy.state.prefers).toEqual(new Set(["handling=strict"]));
  });

  test("two conditions on one sample are a bound for donors and exact for samples", async () => {
    const { url } = await startFhir(FIXTURE);
    const adapter = await openFhir(url);
    const tests = [is("SAMPLE_TYPE", code(PLASMA)), is("COLLECTED_YEAR", range(2013, 2013))];
    const asked = question([sample(...tests)], { op: "all", of: tests });
    const bySeveral = evaluateLocal(
      FIXTURE,
      question([...tests.slice(0, 1), is("COLLECTED_YEAR", range(null, 2013))].map((one) => sample(one))),
    );
    const got = await countOne(adapter, asked);
    expect(got).toMatchObject({ donors: { min: 0 }, samples: evaluateLocal(FIXTURE, asked).samples });
    expect((got as typeof bySeveral).donors.max).toBe(bySeveral.donors.max);
  });

  test.each([
    ["any of", { op: "any", of: [has("SEX", code(FEMALE))] }],
    ["not", { op: "not", of: has("SEX", code(FEMALE)) }],
    ["below", has("DISEASE", { ...code(E11), below: true })],
    ["records other than", has("DISEASE", { ...code(E11), negate: true })],
  ] as const)("%s is refused", async (_, donors) => {
    const { url } = await startFhir(FIXTURE);
    expect(await countOne(await openFhir(url), { donors, samples: EVERY })).toMatchObject({ code: "BANK_UNSUPPORTED" });
  });

  test("a release that changes while it counts is gone", async () => {
    const { server, url } = await startFhir(FIXTURE);
    const adapter = await openFhir(url);
    const release = await adapter.release(NEVER);
    expect(release).toEqual({ id: "bank@1", date: "2026-01-01", kind: "ANNOUNCED" });
    server.faults.wrongCount = (found) => {
      server.publish([], { number: "2", date: "2026-07-01" });
      return found;
    };
    expect(await adapter.count([ALL], release, NEVER)).toMatchObject([{ code: "BANK_GONE" }]);
  });

  test("a set of counts and the release behind them are one HTTP call where batches are taken in order", async () => {
    const { server, url } = await startFhir(FIXTURE);
    const adapter = await openFhir(url, { batch: 3, release: LAST });
    const release = await adapter.release(NEVER);
    const before = server.requests.length;
    const asked = [question([]), question([has("SEX", code(FEMALE))])];
    expect(await adapter.count(asked, release, NEVER)).toEqual(asked.map((one) => evaluateLocal(FIXTURE, one)));
    // Four searches, two and the release in each bundle.
    expect(server.requests.slice(before)).toEqual(["POST /fhir/", "POST /fhir/"]);
  });

  test("a release that changes between two entries of a batch is gone", async () => {
    const { server, url } = await startFhir(FIXTURE);
    const adapter = await openFhir(url, { release: LAST });
    const release = await adapter.release(NEVER);
    const asked = [question([]), question([has("SEX", code(FEMALE))])];
    expect(await adapter.count(asked, release, NEVER)).toEqual(asked.map((one) => evaluateLocal(FIXTURE, one)));
    let counted = 0;
    server.faults.wrongCount = (found) => {
      counted += 1;
      if (counted === 1) server.publish(fhirDonorsOf(FIXTURE.slice(0, 9)), { number: "2", date: "2026-07-01" });
      return found;
    };
    expect(await adapter.count(asked, release, NEVER)).toMatchObject([{ code: "BANK_GONE" }, { code: "BANK_GONE" }]);
    expect(counted).toBeGreaterThanOrEqual(4);
  });

  test("a batch whose last entry tells no release gives no counts", async () => {
    const { url } = await startFhir(FIXTURE);
    const proxy = await fhirProxy(url);
    const adapter = await openFhir(proxy.url, { release: LAST });
    const release = await adapter.release(NEVER);
    const last = (entry: object) => {
      proxy.state.intercept = async (path, answer) => {
        if (path !== "") return undefined;
        const bundle = await answer();
        return { ...bundle, entry: [...bundle.entry.slice(0, -1), entry] };
      };
    };
    last({ response: { status: "404" } });
    expect(await adapter.count([ALL], release, NEVER)).toMatchObject([{ code: "BANK_UNSUPPORTED" }]);
    last({ resource: { resourceType: "Patient" }, response: { status: "200" } });
    expect(await adapter.count([ALL], release, NEVER)).toMatchObject([{ code: "BANK_BROKEN" }]);
  });

  test("where no batch is sent the release is read behind the counts all the same", async () => {
    const { server, url } = await startFhir(FIXTURE);
    const adapter = await openFhir(url, { batch: 0, release: LAST });
    const release = await adapter.release(NEVER);
    server.faults.wrongCount = (found) => {
      server.publish([], { number: "2", date: "2026-07-01" });
      return found;
    };
    expect(await adapter.count([ALL], release, NEVER)).toMatchObject([{ code: "BANK_GONE" }]);
  });

  test("a release may be told by the server's description", async () => {
    const { server, url } = await startFhir(FIXTURE);
    const adapter = await openFhir(url, { release: "metadata" });
    const release = await adapter.release(NEVER);
    expect(release).toMatchObject({ id: expect.stringMatching(/^bank@[0-9a-f]{16}$/), kind: "WATCHED" });
    server.publish(fhirDonorsOf(FIXTURE), { number: "2", date: "2026-07-01" });
    expect((await adapter.release(NEVER)).id).not.toBe(release.id);
  });
});

describe("an answer that gives no count is an error", () => {
  const issue = (severity: string, diagnostics: string) => ({
    resourceType: "OperationOutcome",
    issue: [{ severity, diagnostics }],
  });
  const batch = (...entry: readonly object[]) => ({ resourceType: "Bundle", type: "batch-response", entry });
  const entry = (resource: object) => batch({ resource, response: { status: "200" } });
  const refused = (status: string, text: string) => batch({ response: { status, outcome: issue("error", text) } });
  const found = (more: object) => entry({ resourceType: "Bundle", type: "searchset", ...more });
  const self = (url: string) => [{ relation: "self", url }];
  const asked: LocalQuestion = { ...question([has("SEX", code(FEMALE))]), only: "DONORS" };

  const isOneEntry = (reply: Reply): reply is { entry: readonly object[] } =>
    typeof reply === "object" && "entry" in reply && (reply.entry as readonly object[]).length === 1;
  const outcome = async (reply: Reply, options: object = {}) => {
    const { url } = await startFhir(FIXTURE);
    const { url: front, state } = await fhirProxy(url);
    const adapter = await openFhir(front, options);
    state.intercept = async (path, answer) => {
      if (path !== "" || !isOneEntry(reply)) return path === "" ? reply : undefined;
      // Behind it come the controls.
      return { ...reply, entry: [...reply.entry, ...(await answer()).entry.slice(1)] };
    };
    return countOne(adapter, asked);
  };

  test.each<[string, Reply, string, RegExp]>([
    [
      "no total",
      found({ link: self("Patient?gender=x") }),
      "BANK_BROKEN",
      /Bundle\.total: wanted an integer >= 0, got none/,
    ],
    ["a negative total", found({ total: -1, link: self("Patient?gender=x") }), "BANK_BROKEN", /got a negative number/],
    ["a text", found({ total: "7", link: self("Patient?gender=x") }), "BANK_BROKEN", /got a string/],
    ["a parameter left out", found({ total: 7, link: self("Patient") }), "BANK_BROKEN", /without gender/],
    [
      "a warning beside a total",
      found({ total: 7, entry: [{ resource: issue("warning", "gender ignored"), search: { mode: "outcome" } }] }),
      "BANK_UNSUPPORTED",
      /gender ignored/,
    ],
    ["no searchset", entry({ resourceType: "Patient" }), "BANK_BROKEN", /wanted a searchset, got Patient/],
    ["fewer entries", batch(), "BANK_BROKEN", /wanted 1 entries of a batch-response, got 0/],
    ["another bundle", { resourceType: "Bundle", type: "searchset" }, "BANK_BROKEN", /got 0 of type searchset/],
    [
      "an entry refused",
      refused("400 Bad Request", "Unknown\u0000code"),
      "BANK_UNSUPPORTED",
      /HTTP 400: Unknown code$/,
    ],
    ["an entry forbidden", refused("403", "no"), "BANK_REFUSED", /HTTP 403: no$/],
    ["an entry too early", refused("429", "later"), "BANK_BUSY", /HTTP 429/],
    ["an entry failed", refused("500", "boom"), "BANK_BROKEN", /HTTP 500: boom$/],
    ["an outcome under 200", issue("error", "no"), "BANK_BROKEN", /wanted a FHIR resource, got no$/],
    ["a page", (r) => r.writeHead(200, { "content-type": "text/html" }).end("<p>"), "BANK_BROKEN", /text\/html/],
    [
      "broken JSON",
      (r) => r.writeHead(200, { "content-type": "application/fhir+json" }).end("{"),
      "BANK_BROKEN",
      /FHIR/,
    ],
    ["500", json(500, issue("error", "boom")), "BANK_BROKEN", /HTTP 500: boom$/],
    ["401", json(401, issue("error", "login")), "BANK_REFUSED", /HTTP 401: login$/],
    ["a redirect", (r) => r.writeHead(302, { location: "/elsewhere" }).end(), "BANK_BROKEN", /HTTP 302$/],
    ["a broken connection", (r) => r.socket?.destroy(), "BANK_UNREACHABLE", /UND_ERR_SOCKET|ECONNRESET/],
  ])("%s", async (_, reply, errorCode, message) => {
    expect(await outcome(reply)).toMatchObject({ code: errorCode, message: expect.stringMatching(message) });
  });

  test("busy, with the time to wait", async () => {
    const busy = json(503, issue("error", "later"), { "retry-after": "3" });
    expect(await outcome(busy)).toMatchObject({ code: "BANK_BUSY", retryAfterMs: 3000 });
  });

  test("no answer in time", async () => {
    expect(await outcome("silent", { timeoutMs: 1000 })).toMatchObject({ code: "BANK_TIMEOUT" });
  });

  test("a bad entry leaves the others as they are", async () => {
    const { url } = await startFhir(FIXTURE);
    const { url: front, state } = await fhirProxy(url);
    const adapter = await openFhir(front);
    state.intercept = async (path, answer) => {
      if (path !== "") return undefined;
      const { entry: entries, ...bundle } = await answer();
      return { ...bundle, entry: entries.map((one, at) => (at === 0 ? { response: { status: "500" } } : one)) };
    };
    const got = await adapter.count([ALL, asked], await adapter.release(NEVER), NEVER);
    expect(got).toMatchObject([{ code: "BANK_BROKEN" }, { donors: evaluateLocal(FIXTURE, asked).donors }]);
  });

  test("pages are read to their end, but none that leads elsewhere", async () => {
    const many = Array.from({ length: 80 }, () => FIXTURE).flat();
    const { url } = await startFhir(many, { totals: "never" });
    const few = { donors: {}, diseases: undefined, samples: undefined };
    const count = { min: many.length, max: many.length };
    expect(await countOne(await openFhir(url, few), ALL)).toMatchObject({ donors: count });
    // Behind the proxy the server's links name its own address.
    const { url: front } = await fhirProxy(url);
    await expect(openFhir(front, few)).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: expect.stringContaining("wanted an address below the bank's own, got another"),
    });
  });

  test("a server that is not there, or speaks another FHIR, cannot be opened", async () => {
    const { server, url } = await startFhir(FIXTURE);
    const { url: front, state } = await fhirProxy(url);
    state.intercept = () => ({ resourceType: "CapabilityStatement", fhirVersion: "3.0.2" });
    await expect(openFhir(front, { release: "metadata" })).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: expect.stringContaining("wanted FHIR R4 (4.0.1), got 3.0.2"),
    });
    await server.close();
    await expect(openFhir(url)).rejects.toMatchObject({ code: "BANK_UNREACHABLE" });
  });
});

test("an option that it does not know is refused", () => {
  const parse = (more: object) => fhir.options.safeParse({ ...OPTIONS, url: "http://127.0.0.1/fhir", ...more });
  expect(parse({}).success).toBe(true);
  expect(parse({ chained: true }).success).toBe(false);
  expect(parse({ release: { resource: "release" } }).success).toBe(false);
});
