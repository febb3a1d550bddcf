import { describe, expect, test } from "vitest";
import type { LocalQuestion } from "../../adapters/local.ts";
import { json, serve } from "../loopback.ts";
import { beaconDataOf, openBeacon, startBeacon } from "./beacon-bank.ts";
import { evaluateLocal } from "./evaluate.ts";
import { CODES, FIXTURE, TREES } from "./fixture.ts";
import { code, EVERY, has, is, question, range, sample } from "./questions.ts";
import { saneBeacon } from "./sane-beacon.ts";
import { COUNT, type Reply, scriptedBeacon } from "./scripted-beacon.ts";

const NEVER = new AbortController().signal;
const ALL: LocalQuestion = { ...question([]), only: "DONORS" };
const { FEMALE, DNA, PLASMA, E11, C34 } = CODES;
const NOBODY = beaconDataOf([]);
/** A question as a beacon gets it, as far as it is read here. */
type Sent = { readonly query: { readonly filters: readonly object[] } };
const SECOND = { number: "2", date: "2026-07-01" };

/** The outcome of one question put to a beacon that gives these replies. */
const outcome = async (replies: readonly Reply[], asked = ALL, options: object = {}) => {
  const { url } = await scriptedBeacon(replies, [{ id: FEMALE, type: "ontologyTerm", scopes: ["individual"] }]);
  const adapter = await openBeacon(url, options);
  const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
  return got;
};
const summary = (responseSummary: object, more: object = {}) => ({ ...COUNT, responseSummary, ...more });
const meta = (more: object) => ({ ...COUNT, meta: { ...COUNT.meta, ...more } });
const failed = (status: number, message: string, headers = {}) =>
  json(status, { meta: {}, error: { errorCode: status, errorMessage: message } }, headers);

describe("a beacon's answer that gives no count is an error", () => {
  test.each<[string, Reply, string, RegExp]>([
    ["no number", summary({ exists: true }), "BANK_BROKEN", /numTotalResults: wanted an integer >= 0, got none/],
    ["a negative number", summary({ exists: true, numTotalResults: -1 }), "BANK_BROKEN", /got a negative number/],
    ["a fraction", summary({ exists: true, numTotalResults: 1.5 }), "BANK_BROKEN", /got a fraction/],
    ["a text", summary({ exists: true, numTotalResults: "7" }), "BANK_BROKEN", /got a string/],
    ["no summary", { meta: COUNT.meta }, "BANK_BROKEN", /responseSummary, got none/],
    ["exists against the number", summary({ exists: false, numTotalResults: 7 }), "BANK_BROKEN", /agree/],
    [
      "nothing of an entity that is not named",
      { meta: { ...COUNT.meta, returnedSchemas: [] }, responseSummary: { exists: false, numTotalResults: 0 } },
      "BANK_BROKEN",
      /the entity was not understood/,
    ],
    ["test data", meta({ testMode: true }), "BANK_BROKEN", /one of test data/],
    [
      "another entity",
      meta({ returnedSchemas: [{ entityType: "biosample" }] }),
      "BANK_BROKEN",
      /wanted an answer about individual/,
    ],
    [
      "another entity that was asked",
      meta({ receivedRequestSummary: { requestedSchemas: [{ entityType: "biosample" }] } }),
      "BANK_BROKEN",
      /wanted an answer about individual/,
    ],
    [
      "a word that a filter was ignored",
      summary(COUNT.responseSummary, { info: { messages: [{ text: "Filter NCIT:C16576 was ignored" }] } }),
      "BANK_BROKEN",
      /every filter taken/,
    ],
    [
      "a member that names filters that were not supported",
      summary(COUNT.responseSummary, { info: { unsupportedFilters: ["NCIT:C16576"] } }),
      "BANK_BROKEN",
      /every filter taken/,
    ],
    [
      "sets without a match",
      meta({ receivedRequestSummary: { includeResultsetResponses: "MISS" } }),
      "BANK_BROKEN",
      /an answer about matches/,
    ],
    [
      "a later page",
      meta({ receivedRequestSummary: { pagination: { skip: 2, limit: 10 } } }),
      "BANK_BROKEN",
      /wanted the first page/,
    ],
    [
      "a warning",
      summary(COUNT.responseSummary, { info: { warnings: ["filter ignored"] } }),
      "BANK_BROKEN",
      /filter ignored/,
    ],
    ["an error under 200", { error: { errorCode: 500, errorMessage: "no" } }, "BANK_BROKEN", /an error under HTTP 200/],
    ["a page", (r) => r.writeHead(200, { "content-type": "text/html" }).end("<p>"), "BANK_BROKEN", /text\/html/],
    [
      "broken JSON",
      (r) => r.writeHead(200, { "content-type": "application/json" }).end("{"),
      "BANK_BROKEN",
      /JSON object/,
    ],
    ["another status", failed(500, "boom"), "BANK_BROKEN", /HTTP 500: boom$/],
    ["a redirect", (r) => r.writeHead(302, { location: "/elsewhere" }).end(), "BANK_BROKEN", /HTTP 302$/],
    ["400", failed(400, `Unknown\u0000filter ${"x".repeat(300)}`), "BANK_UNSUPPORTED", /Unknown filter x{185}$/],
    ["401", failed(401, "no"), "BANK_REFUSED", /HTTP 401/],
    ["403", failed(403, "no"), "BANK_REFUSED", /HTTP 403/],
    ["a broken connection", (r) => r.socket?.destroy(), "BANK_UNREACHABLE", /UND_ERR_SOCKET|ECONNRESET/],
    [
      "too much",
      (r) => r.writeHead(200, { "content-type": "application/json" }).end(Buffer.alloc(9e6)),
      "BANK_BROKEN",
      /at most 8388608 bytes/,
    ],
  ])("%s", async (_, reply, errorCode, message) => {
    expect(await outcome([reply])).toMatchObject({ code: errorCode, message: expect.stringMatching(message) });
  });

  test("fewer filters received than sent", async () => {
    const reply = meta({ receivedRequestSummary: { filters: [] } });
    const got = await outcome([reply], { ...question([has("SEX", code(FEMALE))]), only: "DONORS" });
    expect(got).toMatchObject({ code: "BANK_BROKEN", message: expect.stringContaining("the others were ignored") });
  });

  test.each<[string, readonly unknown[]]>([
    ["another filter", ["NCIT:C20197"]],
    ["another filter as an object", [{ id: "NCIT:C20197" }]],
    ["more filters", [FEMALE, "NCIT:C20197"]],
    ["a filter that takes descendants", [{ id: FEMALE, includeDescendantTerms: true }]],
    ["a filter of another scope", [{ id: FEMALE, scope: "biosamples" }]],
  ])("%s received than sent, which is the answer to another question", async (_, filters) => {
    const reply = meta({ receivedRequestSummary: { filters } });
    const got = await outcome([reply], { ...question([has("SEX", code(FEMALE))]), only: "DONORS" });
    expect(got).toMatchObject({ code: "BANK_BROKEN", message: expect.stringContaining("another question's answer") });
  });

  test("a filter with another value received than sent", async () => {
    const replyOf = (value: unknown) =>
      summary(
        { exists: true, numTotalResults: 7 },
        {
          meta: {
            returnedGranularity: "count",
            returnedSchemas: [{ entityType: "biosample" }],
            receivedRequestSummary: { filters: [{ id: "year", operator: "=", value }] },
          },
        },
      );
    const asked = { ...question([], is("COLLECTED_YEAR", range(2015, 2015))), only: "SAMPLES" as const };
    const ask = async (value: unknown) => {
      const terms = [{ id: "year", type: "alphanumeric", scopes: ["biosample"] }];
      const { url } = await scriptedBeacon([replyOf(value)], terms);
      const adapter = await openBeacon(url, { filters: { year: { id: "year" } } });
      const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
      return got;
    };
    expect(await ask("2016")).toMatchObject({ code: "BANK_BROKEN" });
    expect(await ask(2015)).toMatchObject({ samples: { min: 7, max: 7 } });
  });

  test("busy, with the time to wait", async () => {
    expect(await outcome([failed(429, "later", { "retry-after": "3" })])).toMatchObject({
      code: "BANK_BUSY",
      retryAfterMs: 3000,
    });
    expect(await outcome([failed(503, "later")])).toMatchObject({ code: "BANK_BUSY", retryAfterMs: undefined });
  });

  test("no answer in time", async () => {
    expect(await outcome(["silent"], ALL, { timeoutMs: 200 })).toMatchObject({ code: "BANK_TIMEOUT" });
  });
});

test("a beacon that is not there cannot be opened", async () => {
  const { url, close } = await scriptedBeacon([]);
  await close();
  await expect(openBeacon(url)).rejects.toMatchObject({
    code: "BANK_UNREACHABLE",
    message: expect.stringContaining("ECONNREFUSED"),
  });
});

describe("counts that a beacon blurs are intervals", () => {
  test.each<[unknown, object, object]>([
    [{ floor: 10 }, { exists: false, numTotalResults: 10 }, { min: 0, max: 0 }],
    [{ floor: 10 }, { exists: true, numTotalResults: 10 }, { min: 1, max: 10 }],
    [{ floor: 10 }, { numTotalResults: 10 }, { min: 0, max: 10 }],
    [{ floor: 10 }, { exists: true, numTotalResults: 11 }, { min: 11, max: 11 }],
    [{ round: 10 }, { exists: true, numTotalResults: 20 }, { min: 15, max: 25 }],
    [{ round: 10 }, { exists: true, numTotalResults: 0 }, { min: 1, max: 5 }],
    [{ roundUp: 100 }, { exists: true, numTotalResults: 300 }, { min: 201, max: 300 }],
    [{ roundUp: 10 }, { exists: false, numTotalResults: 0 }, { min: 0, max: 0 }],
    [{ below: 5 }, { exists: false, numTotalResults: 0 }, { min: 0, max: 4 }],
    [{ below: 5 }, { exists: false }, { min: 0, max: 4 }],
    [{ below: 5 }, { exists: true, numTotalResults: 0 }, { min: 1, max: 4 }],
    [{ below: 5 }, { exists: true, numTotalResults: 5 }, { min: 5, max: 5 }],
    // The answer says itself that it was adjusted.
    [
      "exact",
      { exists: true, numTotalResults: 5, countPrecision: "imprecise", countAdjustedTo: [5] },
      { min: 1, max: 5 },
    ],
    [
      "exact",
      { exists: true, numTotalResults: 6, countPrecision: "imprecise", countAdjustedTo: [5] },
      { min: 6, max: 6 },
    ],
    [
      "exact",
      { exists: false, numTotalResults: 5, countPrecision: "imprecise", countAdjustedTo: [5] },
      { min: 0, max: 0 },
    ],
    [
      "exact",
      { exists: true, numTotalResults: 30, countPrecision: "rounded", countAdjustedTo: ["immediate ten"] },
      { min: 21, max: 30 },
    ],
    [
      "exact",
      { exists: true, numTotalResults: 30, countPrecision: "rounded", countAdjustedTo: ["closest ten"] },
      { min: 25, max: 35 },
    ],
    ["exact", { exists: true, numTotalResults: 30, countPrecision: "rounded" }, { min: 1, max: null }],
    ["exact", { exists: true, numTotalResults: 30, countPrecision: "noised" }, { min: 1, max: null }],
    ["exact", { exists: true, numTotalResults: 30, countPrecision: "exact" }, { min: 30, max: 30 }],
    ["exact", { exists: false }, { min: 0, max: 0 }],
    ["exact", { exists: false, numTotalResults: null }, { min: 0, max: 0 }],
    ["exact", { exists: true, numTotalResults: 30, countAdjustedTo: ["immediate ten"] }, { min: 1, max: null }],
    [
      "exact",
      {
        exists: true,
        numTotalResults: 30,
        countPrecision: "rounded",
        countAdjustedTo: ["immediate ten", "closest ten"],
      },
      { min: 1, max: null },
    ],
    [
      { floor: 10 },
      { exists: true, numTotalResults: 30, countPrecision: "rounded", countAdjustedTo: ["immediate ten"] },
      { min: 21, max: 30 },
    ],
    [
      { below: 5 },
      { exists: false, numTotalResults: 0, countPrecision: "imprecise", countAdjustedTo: [5] },
      { min: 0, max: 4 },
    ],
  ])("%j of %j", async (counts, responseSummary, donors) => {
    expect(await outcome([summary(responseSummary)], ALL, { counts })).toMatchObject({ donors });
  });

  test("a beacon that says only whether there are any", async () => {
    const only = (exists: boolean) => ({ ...meta({ returnedGranularity: "boolean" }), responseSummary: { exists } });
    expect(await outcome([only(true)])).toMatchObject({ donors: { min: 1, max: null } });
    expect(await outcome([only(false)])).toMatchObject({ donors: { min: 0, max: 0 } });
  });
});

test.each([
  ["info", { info: { countPrecision: "imprecise", countAdjustedTo: [7] } }],
  ["meta.info", { meta: { ...COUNT.meta, info: { countPrecision: "imprecise", countAdjustedTo: [7] } } }],
])("an adjustment that is said in %s", async (_, more) => {
  expect(await outcome([{ ...COUNT, ...more }])).toMatchObject({ donors: { min: 1, max: 7 } });
});

test.each<[string, object, object]>([
  [
    "two datasets whose sum is the total",
    {
      response: {
        resultSets: [
          { exists: true, resultsCount: 5 },
          { exists: true, resultsCount: 2 },
        ],
      },
    },
    { min: 5, max: 7 },
  ],
  [
    "two datasets, and a total of distinct individuals",
    {
      resultSets: [
        { exists: true, resultsCount: 5 },
        { exists: true, resultsCount: 4 },
      ],
    },
    { min: 7, max: 7 },
  ],
  [
    "one dataset that has some",
    {
      response: {
        resultSets: [
          { exists: true, resultsCount: 7 },
          { exists: false, resultsCount: 0 },
        ],
      },
    },
    { min: 7, max: 7 },
  ],
  ["datasets that do not say how many", { resultSets: [{ exists: true }, { exists: true }] }, { min: 1, max: 7 }],
  [
    "as many as the page that it was cut to",
    meta({ receivedRequestSummary: { pagination: { skip: 0, limit: 7 } } }),
    { min: 7, max: null },
  ],
  ["fewer than the page", meta({ receivedRequestSummary: { pagination: { skip: 0, limit: 10 } } }), { min: 7, max: 7 }],
  [
    "records without a total",
    { ...meta({ returnedGranularity: "record" }), responseSummary: { exists: true } },
    { min: 1, max: null },
  ],
  [
    "handovers",
    { beaconHandovers: [{ note: "Ask the office for access.", url: "https://x.example" }] },
    { min: 7, max: 7 },
  ],
])("%s", async (_, more, donors) => {
  expect(await outcome([{ ...COUNT, ...more }])).toMatchObject({ donors });
});

test("an answer whose schemas are not named is no fault by itself", async () => {
  expect(await outcome([meta({ returnedSchemas: [] })])).toMatchObject({ donors: { min: 7, max: 7 } });
});

describe("filtering terms come page by page", () => {
  const LISTED = Array.from({ length: 2500 }, (_, i) => ({
    id: `T:${i}`,
    type: "ontologyTerm",
    scopes: ["individual"],
  }));
  /** A server whose pages hold at most so many terms, and whose `skip` counts pages or terms. */
  const listing = async (largest: number, skips: "pages" | "terms"): Promise<[codes: number, requests: number]> => {
    let requests = 0;
    const sane = saneBeacon(LISTED, "any");
    const { url } = await serve((message, text, response) => {
      const { pathname, searchParams } = new URL(message.url ?? "/", "http://beacon");
      const size = Math.min(largest, Number(searchParams.get("limit")));
      const skip = Number(searchParams.get("skip")) * (skips === "pages" ? size : 1);
      if (pathname === "/filtering_terms") requests += 1;
      const bodies: { readonly [path: string]: object } = {
        "/info": { response: { id: "b", version: "1", updateDateTime: "2026-04-01T00:00:00Z" } },
        "/map": { response: {} },
        "/filtering_terms": { response: { filteringTerms: LISTED.slice(skip, skip + size) } },
      };
      json(200, bodies[pathname] ?? sane(JSON.parse(text)))(response);
    });
    const mapping = { SEX: { codes: LISTED.map(({ id }) => id), absent: [], complete: false } };
    const adapter = await openBeacon(`${url}/`, {}, mapping);
    return [adapter.capabilities.fields.SEX?.codes?.size ?? 0, requests];
  };

  test.each([
    [1000, "pages", 4],
    [100, "pages", 26],
    [1000, "terms", 5],
    [100, "terms", 27],
    [5000, "terms", 5],
  ] as const)("of %i, where skip counts %s", async (largest, skips, most) => {
    const [codes, requests] = await listing(largest, skips);
    expect(codes).toBe(2500);
    expect(requests).toBeLessThanOrEqual(most);
  });
});

describe("what is asked", () => {
  test("a code that is not listed is no capability and is never sent", async () => {
    const { url } = await startBeacon(FIXTURE);
    const adapter = await openBeacon(url);
    expect(adapter.capabilities.fields.COHORT?.codes).toEqual(new Set(["cohort:community", "cohort:patient"]));
    const asked = question([has("COHORT", code("cohort:of-nobody"))]);
    const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
    expect(got).toMatchObject({ code: "BANK_UNSUPPORTED", message: expect.stringContaining("COHORT") });
  });

  test.each([
    ["scopes as paths", { type: "ontologyTerm", scopes: ["individuals", "biosamples"] }, ["DONORS", "SAMPLES"]],
    ["one scope, as version 2.0 lists it", { ftType: "ontologyTerm", scope: "individual" }, ["DONORS"]],
    ["no scope", { type: "ontologyTerm" }, ["DONORS"]],
    ["another entity's scope", { type: "ontologyTerm", scopes: ["run"] }, undefined],
  ])("a term that is listed with %s", async (_, listed, units) => {
    const { url } = await scriptedBeacon([COUNT], [{ id: FEMALE, ...listed }]);
    const adapter = await openBeacon(url);
    expect(adapter.capabilities.fields.SEX?.on).toEqual(units);
  });

  test("a disease with all below it", async () => {
    const { url } = await startBeacon(FIXTURE);
    const adapter = await openBeacon(url);
    const asked = question([
      has("DISEASE", { ...code(E11), below: true }),
      has("DISEASE", { ...code(C34), below: true }),
    ]);
    const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
    expect(got).toEqual(evaluateLocal(FIXTURE, asked, TREES));
  });

  test("filters that can be used on their own entry type only", async () => {
    const { url } = await startBeacon(FIXTURE, "own");
    const adapter = await openBeacon(url, { sampleAnd: "same" });
    expect(adapter.capabilities.fields).toMatchObject({
      SEX: { on: ["DONORS"] },
      AGE_AT_COLLECTION: { on: ["SAMPLES"] },
    });
    const asked = [question([has("SEX", code(FEMALE))]), question([sample(is("SAMPLE_TYPE", code(DNA)))])];
    const got = await adapter.count(asked, await adapter.release(NEVER), NEVER);
    expect(got).toMatchObject([{ code: "BANK_UNSUPPORTED" }, { code: "BANK_UNSUPPORTED" }]);
  });

  test.each([
    ["same", { min: 1, max: 1 }, { min: 1, max: null }],
    ["any", { min: 0, max: 1 }, { min: 1, max: 1 }],
    ["unknown", { min: 0, max: 1 }, { min: 1, max: null }],
  ] as const)("where AND is met by %s sample, the other meaning is a bound", async (sampleAnd, together, apart) => {
    const { url } = await scriptedBeacon(
      [summary({ exists: true, numTotalResults: 1 })],
      [DNA, PLASMA].map((id) => ({ id, type: "ontologyTerm", scopes: ["biosample", "individual"] })),
      sampleAnd === "same" ? "same" : "any",
    );
    const adapter = await openBeacon(url, { sampleAnd });
    const dna = is("SAMPLE_TYPE", code(DNA));
    const plasma = is("SAMPLE_TYPE", code(PLASMA));
    const donors = [question([sample(dna, plasma)]), question([sample(dna), sample(plasma)])];
    const asked = donors.map((one) => ({ ...one, only: "DONORS" as const }));
    const got = await adapter.count(asked, await adapter.release(NEVER), NEVER);
    expect(got).toMatchObject([{ donors: together }, { donors: apart }]);
  });

  test("a condition on other samples than those counted is refused", async () => {
    const { url } = await startBeacon(FIXTURE);
    const adapter = await openBeacon(url);
    const asked = {
      ...question([sample(is("SAMPLE_TYPE", code(DNA)))], is("SAMPLE_TYPE", code(PLASMA))),
      only: "SAMPLES",
    } as const;
    const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
    expect(got).toMatchObject({ code: "BANK_UNSUPPORTED", message: expect.stringContaining("other samples") });
  });

  test.each([
    ["any of", { op: "any", of: [has("SEX", code(FEMALE))] }],
    ["not", { op: "not", of: has("SEX", code(FEMALE)) }],
    ["missing", has("SEX", { codes: [FEMALE], negate: false, missing: true })],
    ["several codes", has("DISEASE", code(E11, C34))],
  ] as const)("%s is refused", async (_, donors) => {
    const { url } = await startBeacon(FIXTURE);
    const adapter = await openBeacon(url);
    const [got] = await adapter.count([{ donors, samples: EVERY }], await adapter.release(NEVER), NEVER);
    expect(got).toMatchObject({ code: "BANK_UNSUPPORTED" });
  });

  test("ages are completed years, years of collection whole numbers", async () => {
    const terms = ["age", "year"].map((id) => ({ id, type: "alphanumeric", scopes: ["biosample"] }));
    const { url, received } = await scriptedBeacon([COUNT], terms);
    const adapter = await openBeacon(url);
    const tests = [is("AGE_AT_COLLECTION", range(40, 59)), is("COLLECTED_YEAR", range(2014, 2014))];
    const asked = { ...question([], { op: "all", of: tests }), only: "SAMPLES" } as const;
    await adapter.count([asked, asked], await adapter.release(NEVER), NEVER);
    const scope = "biosample";
    expect(received.flatMap(({ body }) => (body === undefined ? [] : [(body as Sent).query.filters]))).toEqual([
      [
        { id: "age", operator: ">=", value: "P40Y", scope },
        { id: "age", operator: "<", value: "P60Y", scope },
        { id: "year", operator: "=", value: "2014", scope },
      ],
    ]);
  });

  test("a map that leads to another host is not followed, and the same request is sent once", async () => {
    const { url, received } = await scriptedBeacon([COUNT]);
    const adapter = await openBeacon(url);
    await adapter.count([ALL, ALL], await adapter.release(NEVER), NEVER);
    const paths = received.map(({ path }) => path);
    expect(paths.filter((path) => path === "/individuals")).toEqual(["/individuals"]);
  });
});

test("a release that changes while it counts is gone", async () => {
  const { server, url } = await startBeacon(FIXTURE);
  const adapter = await openBeacon(url);
  const release = await adapter.release(NEVER);
  expect(release).toEqual({ id: "bank@1", date: "2026-01-01", kind: "ANNOUNCED" });
  server.faults.wrongCount = (found) => {
    server.publish(NOBODY, SECOND);
    return found;
  };
  const got = await adapter.count([ALL, question([])], release, NEVER);
  expect(got).toMatchObject([{ code: "BANK_GONE" }, { code: "BANK_GONE" }]);
});

describe("a release that every answer states", () => {
  const told = { release: { info: "release" } };
  const asked = [question([]), question([has("SEX", code(FEMALE))])];

  test("is not read once more", async () => {
    const { server, url } = await startBeacon(FIXTURE);
    const adapter = await openBeacon(url, told);
    const release = await adapter.release(NEVER);
    const before = server.asked.individual + server.asked.biosample;
    server.faults.wrongCount = (found) => {
      if (server.asked.individual + server.asked.biosample === before + 4) server.publish(NOBODY, SECOND);
      return found;
    };
    // The last count is the first release's, and says so: what is served behind it does not matter.
    expect(await adapter.count(asked, release, NEVER)).toEqual(asked.map((one) => evaluateLocal(FIXTURE, one)));
    expect((await adapter.release(NEVER)).id).toBe("bank@2");
  });

  test("is gone where it changes between two counts", async () => {
    const { server, url } = await startBeacon(FIXTURE);
    const adapter = await openBeacon(url, told);
    const release = await adapter.release(NEVER);
    server.faults.wrongCount = (found) => {
      server.publish(NOBODY, SECOND);
      return found;
    };
    expect(await adapter.count(asked, release, NEVER)).toMatchObject([{ code: "BANK_GONE" }, { code: "BANK_GONE" }]);
  });

  test("is missing: there are no counts", async () => {
    const { url } = await startBeacon(FIXTURE);
    const adapter = await openBeacon(url, { release: { info: "edition" } });
    const [got] = await adapter.count([ALL], await adapter.release(NEVER), NEVER);
    expect(got).toMatchObject({ code: "BANK_BROKEN", message: expect.stringContaining("info.edition: wanted") });
  });

  test("needs a version in /info that it can be compared with", async () => {
    const { server, url } = await startBeacon(FIXTURE);
    server.publish(beaconDataOf(FIXTURE), { number: "", date: "2026-01-01" });
    await expect(openBeacon(url, told)).rejects.toThrow(/wanted `version`/);
  });
});
