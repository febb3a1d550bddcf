import { describe, expect, test } from "vitest";
import type { MappedCodes } from "../../adapters/adapter.ts";
import type { CodeTest, LocalQuestion, LocalSelector } from "../../adapters/local.ts";
import { json } from "../loopback.ts";
import { evaluateLocal, type LocalDonor } from "./evaluate.ts";
import { CODES, FIXTURE, MAPPING } from "./fixture.ts";
import { code, EVERY, has, is, question, range, sample } from "./questions.ts";
import type { Reply } from "./scripted-beacon.ts";
import { documentsOf, OPTIONS, openSqon, scriptedCatalogue, startCatalogue } from "./sqon-bank.ts";

const NEVER = new AbortController().signal;
const { FEMALE, MALE, DNA, PLASMA, E11, C34 } = CODES;
/** The mapping without the warrant that every value is mapped and none is missing, which the fixture does not keep. */
const incomplete = (): MappedCodes =>
  Object.fromEntries(Object.entries(MAPPING).map(([field, mapped]) => [field, { ...mapped, complete: false }]));
const ALL: LocalQuestion = { ...question([]), only: "DONORS" };

const RELEASE = { release: "1", date: "2026-01-01" };
/** The number of all documents of donors, which every request states. */
const hits = { total: FIXTURE.length };
const answered = (donor: object | null, more: object = {}) => ({
  data: { catalogue: RELEASE, donor: donor === null ? null : { hits, ...donor } },
  ...more,
});
/** A good answer to every request: counts and releases. */
const GOOD = answered({ q0: { total: 7 }, q1: { total: 7 } });
const failing = (extensions: object, path: readonly string[] | undefined, donor: object | null = { q0: null }) =>
  answered(donor, { errors: [{ message: "Not like that.\u0000", path, extensions }] });
const OPAQUE = { code: "INTERNAL_SERVER_ERROR" };
const engineSays = (message: string) => {
  const errors = ["hits", "q0"].map((alias) => ({ message, path: ["donor", alias], extensions: OPAQUE }));
  return answered({ hits: null, q0: null }, { errors });
};

/** The outcome of questions put to a catalogue that gives these replies once it has been opened. */
const outcomes = async (replies: readonly Reply[], asked: readonly LocalQuestion[] = [ALL], options: object = {}) => {
  const { url, received, script } = await scriptedCatalogue(FIXTURE);
  const adapter = await openSqon(url, options);
  script(replies);
  const got = await adapter.count(asked, { id: "bank@1", date: "", kind: "ANNOUNCED" }, NEVER);
  return { got, sent: received as readonly Sent[] };
};
type Sent = { readonly query: string; readonly variables: Readonly<Record<string, unknown>> };

describe("an answer that gives no count is an error", () => {
  test.each<[string, Reply, string, RegExp]>([
    ["no total", answered({ q0: {} }), "BANK_BROKEN", /donor\.hits\.total: wanted an integer >= 0, got none/],
    ["a negative total", answered({ q0: { total: -1 } }), "BANK_BROKEN", /got a negative number/],
    ["a fraction", answered({ q0: { total: 1.5 } }), "BANK_BROKEN", /got a fraction/],
    ["a text", answered({ q0: { total: "7" } }), "BANK_BROKEN", /got a string/],
    ["null without a reason", answered({ q0: null }), "BANK_BROKEN", /got none/],
    ["no data", { data: null }, "BANK_BROKEN", /catalogue\.date: wanted a text, got none/],
    ["errors that are no list", answered({}, { errors: "boom" }), "BANK_BROKEN", /errors: wanted a list/],
    [
      "a refused filter",
      failing({ code: "BAD_USER_INPUT" }, ["donor", "q0"]),
      "BANK_UNSUPPORTED",
      /got Not like that\.$/,
    ],
    ["no rights", failing({ code: "FORBIDDEN" }, ["donor"], null), "BANK_REFUSED", /Not like that/],
    ["no credentials", failing({ code: "UNAUTHENTICATED" }, undefined, null), "BANK_REFUSED", /Not like that/],
    ["too many requests", failing({ code: "RATE_LIMITED" }, undefined), "BANK_BUSY", /Not like that/],
    ["a filter that its engine refuses", failing(OPAQUE, ["donor", "q0"]), "BANK_UNSUPPORTED", /Not like that/],
    ["an engine that is down", engineSays("connect ECONNREFUSED 127.0.0.1:9200"), "BANK_UNREACHABLE", /ECONNREFUSED/],
    ["an engine without shards", engineSays("search_phase_execution_exception"), "BANK_UNREACHABLE", /search_phase/],
    ["an engine with too much to do", engineSays("opensearch_rejected_execution_exception"), "BANK_BUSY", /rejected/],
    ["an index that is gone", engineSays("index_not_found_exception"), "BANK_BROKEN", /index_not_found/],
    ["a shard that is down", answered({ hits: { total: 13 }, q0: { total: 7 } }), "BANK_UNREACHABLE", /got fewer/],
    ["more documents", answered({ hits: { total: 15 }, q0: { total: 7 } }), "BANK_BROKEN", /under one release/],
    [
      "an error that says nothing",
      answered({ q0: { total: 7 } }, { errors: [7] }),
      "BANK_BROKEN",
      /an error without a message/,
    ],
    ["a total beside an error", failing({}, undefined, { q0: { total: 7 } }), "BANK_BROKEN", /Not like that/],
    ["an old date", { data: { catalogue: { release: "1", date: "soon" } } }, "BANK_BROKEN", /wanted a date, got soon/],
    ["a page", (r) => r.writeHead(200, { "content-type": "text/html" }).end("<p>"), "BANK_BROKEN", /text\/html/],
    ["400", json(400, { errors: [{ message: "Cannot query" }] }), "BANK_BROKEN", /HTTP 400: Cannot query$/],
    ["401", json(401, { errors: [] }), "BANK_REFUSED", /HTTP 401$/],
    ["503", json(503, {}, { "retry-after": "3" }), "BANK_BUSY", /HTTP 503$/],
    ["a broken connection", (r) => r.socket?.destroy(), "BANK_UNREACHABLE", /UND_ERR_SOCKET|ECONNRESET/],
  ])("%s", async (_, reply, errorCode, message) => {
    const { got } = await outcomes([reply, GOOD]);
    expect(got).toMatchObject([{ code: errorCode, message: expect.stringMatching(message) }]);
  });

  test("no answer in time", async () => {
    const { got } = await outcomes(["silent"], [ALL], { timeoutMs: 200 });
    expect(got).toMatchObject([{ code: "BANK_TIMEOUT" }]);
  });

  test("one bad slot leaves the good ones standing", async () => {
    const one = { ...question([has("SEX", code(FEMALE))]), only: "DONORS" } as const;
    const reply = failing(OPAQUE, ["donor", "q1"], { q0: { total: 7 }, q1: null });
    const { got } = await outcomes([reply, GOOD], [ALL, one, ALL]);
    const seven = { donors: { min: 7, max: 7 }, samples: { min: 0, max: null } };
    expect(got).toMatchObject([seven, { code: "BANK_UNSUPPORTED" }, seven]);
  });

  test.each([
    ["before", [answered({ q0: { total: 7 } }, { data: { catalogue: { ...RELEASE, release: "2" } } }), GOOD]],
    ["behind", [GOOD, { data: { catalogue: { ...RELEASE, release: "2" } } }]],
  ])("another release %s the counts", async (_, replies) => {
    const { got } = await outcomes(replies);
    expect(got).toMatchObject([{ code: "BANK_GONE", message: "[bank] wanted release bank@1, got bank@2" }]);
  });
});

describe("opening", () => {
  test("declares no field that the server does not have, nor one without values that it does not tell of", async () => {
    const { url } = await startCatalogue(FIXTURE);
    const donors = { ...OPTIONS.donors, fields: { ...OPTIONS.donors.fields, sex: "gender", cohort: "cohort__x" } };
    const samples = { ...OPTIONS.samples, fields: { ...OPTIONS.samples.fields, sex: "donor__sex" } };
    const { capabilities } = await openSqon(url, { donors, samples }, incomplete());
    expect(capabilities.fields.SEX).toBeUndefined();
    expect(capabilities.fields.COHORT).toMatchObject({ on: ["SAMPLES"] });
    expect(capabilities.fields.DISEASE).toMatchObject({ on: ["DONORS", "SAMPLES"] });
  });

  test("declares no field of samples below a nested field that is none", async () => {
    const [documents, samples] = documentsOf(FIXTURE);
    const { server, url } = await startCatalogue(FIXTURE);
    const { nested: _, ...flat } = documents!;
    server.publish([{ ...flat }, samples!], { release: "1", date: "2026-01-01" });
    const { capabilities } = await openSqon(url, {}, incomplete());
    expect(capabilities.fields.SAMPLE_TYPE).toMatchObject({ on: ["SAMPLES"] });
    expect(capabilities.donors).toEqual({ logic: "boolean", sampleAnd: "unknown" });
  });

  test("needs the nested field where fields of samples are named", () => {
    const donors = { index: "donor", fields: { sex: "sex", age: "age" } };
    return expect(openSqon("http://127.0.0.1:1/graphql", { donors })).rejects.toThrow(/wanted `samples`/);
  });
});

describe("what is asked", () => {
  test("a batch is one request with each filter once, as a variable, and the release behind it is one more", async () => {
    const { server, url } = await startCatalogue(FIXTURE);
    const adapter = await openSqon(url);
    const before = server.asked.requests;
    const asked = [question([has("SEX", code(FEMALE))]), question([]), question([has("SEX", code(FEMALE))])];
    await adapter.count(asked, { id: "bank@1", date: "", kind: "ANNOUNCED" }, NEVER);
    expect(server.asked.requests - before).toBe(2);
    const { sent } = await outcomes(
      [GOOD],
      asked.map((one) => ({ ...one, only: "DONORS" as const })),
    );
    expect(sent[0]).toEqual({
      query:
        "query($q0: JSON, $q1: JSON) { catalogue { release date } " +
        "donor { hits(first: 0) { total } q0: hits(filters: $q0, first: 0) { total } q1: hits(filters: $q1, first: 0) { total } } }",
      variables: {
        q0: { op: "in", content: { fieldName: "sex", value: [FEMALE] } },
        q1: { op: "and", content: [] },
      },
    });
  });

  test("a server that takes few aliases is asked several times", async () => {
    const { server, url } = await startCatalogue(FIXTURE, { maxAliases: 15 });
    const adapter = await openSqon(url, { aliases: 15 });
    const asked = Array.from({ length: 20 }, (_, age) => question([], is("AGE_AT_COLLECTION", range(age, age + 40))));
    const before = server.asked.requests;
    const got = await adapter.count(asked, await adapter.release(NEVER), NEVER);
    expect(got).toEqual(asked.map((one) => evaluateLocal(FIXTURE, one)));
    // 21 different counts, one request for the release first and one behind.
    expect(server.asked.requests - before).toBe(2 + 2);
  });

  test("a release that changes between two requests is gone", async () => {
    const { server, url } = await startCatalogue(FIXTURE);
    const adapter = await openSqon(url, { aliases: 1, atOnce: 1 });
    const release = await adapter.release(NEVER);
    let counted = 0;
    server.faults.wrongCount = (found) => {
      counted += 1;
      if (counted === 1) server.publish(documentsOf([]), { release: "2", date: "2026-07-01" });
      return found;
    };
    const asked = [ALL, { ...question([has("SEX", code(FEMALE))]), only: "DONORS" as const }];
    expect(await adapter.count(asked, release, NEVER)).toMatchObject([{ code: "BANK_GONE" }, { code: "BANK_GONE" }]);
    expect(counted).toBeGreaterThan(2);
  });

  test("several tests on one sample share a pivot, tests on two samples do not", async () => {
    const dna = is("SAMPLE_TYPE", code(DNA));
    const cold = is("STORAGE", code("storage:ln2"));
    const leaf = (name: string, value: string) => ({
      op: "in",
      content: { fieldName: `samples.${name}`, value: [value] },
    });
    const pivot = (...content: readonly object[]) => ({ op: "and", pivot: "samples", content });
    const donors = [question([sample(dna, cold)]), question([sample(dna), sample(cold)])];
    const { sent } = await outcomes(
      [GOOD],
      donors.map((one) => ({ ...one, only: "DONORS" as const })),
    );
    expect(sent[0]?.variables).toEqual({
      q0: pivot(leaf("sampleType", DNA), leaf("storage", "storage:ln2")),
      q1: { op: "and", content: [pivot(leaf("sampleType", DNA)), pivot(leaf("storage", "storage:ln2"))] },
    });
  });

  test("what nobody meets is not asked", async () => {
    const { got, sent } = await outcomes([GOOD], [{ ...question([has("SEX", code())]), only: "DONORS" }]);
    expect(got).toMatchObject([{ donors: { min: 0, max: 0 } }]);
    expect(sent.map(({ query }) => query)).toEqual(["query { catalogue { release date } }"]);
  });

  test.each<[string, LocalQuestion, RegExp]>([
    ["a facet", { ...ALL, by: [{ field: "SEX", cells: [code(FEMALE)] }] }, /without facets/],
    ["a code with all below it", question([has("DISEASE", { ...code(E11), below: true })]), /every code by name/],
    ["a code that is a pattern", question([has("SEX", code("F*"))]), /without a meaning in SQON, got F\*/],
    ["too many alternatives", question([sample(...Array.from({ length: 7 }, maybe))]), /at most 64 alternatives/],
  ])("%s is refused", async (_, asked, message) => {
    const { got } = await outcomes([GOOD], [{ ...asked, only: "DONORS" }]);
    expect(got).toMatchObject([{ code: "BANK_UNSUPPORTED", message: expect.stringMatching(message) }]);
  });

  test("samples by other samples of their donor are refused, their donors are counted all the same", async () => {
    const { url } = await startCatalogue(FIXTURE);
    const adapter = await openSqon(url);
    const asked = question([sample(is("SAMPLE_TYPE", code(DNA)))], is("SAMPLE_TYPE", code(PLASMA)));
    const [both, samples] = await adapter.count(
      [asked, { ...asked, only: "SAMPLES" }],
      await adapter.release(NEVER),
      NEVER,
    );
    expect(both).toEqual({ donors: evaluateLocal(FIXTURE, asked).donors, samples: { min: 0, max: null } });
    expect(samples).toMatchObject({ code: "BANK_UNSUPPORTED", message: expect.stringContaining("other samples") });
  });
});

/** Samples that were kept in some way, if it is known how. */
function maybe(_: unknown, index: number): LocalSelector {
  return is("STORAGE", { codes: [`storage:${index}`], negate: false, missing: true });
}

describe("capabilities", () => {
  test("say what SQON can", async () => {
    const { url } = await startCatalogue(FIXTURE);
    const { capabilities } = await openSqon(url, {}, { ...incomplete(), DATA: MAPPING.DATA! });
    expect(capabilities.donors).not.toHaveProperty("sampleAnd");
    expect(capabilities).toMatchObject({
      counts: ["DONORS", "SAMPLES"],
      donors: { logic: "boolean" },
      samples: { logic: "boolean", sampleAnd: "same" },
      facets: [],
    });
    expect(capabilities.fields).toMatchObject({
      SEX: { on: ["DONORS", "SAMPLES"], rest: true, several: true },
      DISEASE: { rest: false },
      DATA: { rest: true },
      AGE_AT_COLLECTION: { on: ["DONORS", "SAMPLES"], rest: true },
    });
    expect(capabilities.fields.SEX).not.toHaveProperty("codes");
  });

  test("leave out codes that SQON reads as patterns, and samples where there are no documents of them", async () => {
    const { url } = await startCatalogue(FIXTURE);
    const mapping = {
      ...MAPPING,
      SEX: { codes: ["*", "a set_id:x", "x__missing__", MALE], absent: [], complete: false },
    };
    const { capabilities } = await openSqon(url, { samples: undefined }, mapping);
    expect(capabilities.counts).toEqual(["DONORS"]);
    expect(capabilities.fields.SEX).toMatchObject({ on: ["DONORS"], codes: new Set([MALE]) });
  });
});

describe("marks that mean no value", () => {
  const DONORS: readonly LocalDonor[] = ["1", "9", "", null, "2"].map((sex) => ({
    values: { SEX: sex === null ? [] : [sex], DISEASE: sex === "1" ? ["9", C34] : [sex ?? ""].filter(Boolean) },
    samples: [{ values: { STORAGE: sex === null ? [] : [sex] }, age: null, year: null }],
  }));
  const TRUTH = DONORS.map(({ values, samples: [one] }) => {
    const real = (codes: readonly string[] = []) => codes.filter((each) => each !== "9" && each !== "");
    const own = { ...one!, values: { STORAGE: real(one!.values.STORAGE) } };
    return { values: { SEX: real(values.SEX), DISEASE: real(values.DISEASE) }, samples: [own] };
  });
  const field = (...codes: readonly string[]) => ({ codes, absent: ["9"], complete: true });
  const TESTS: readonly CodeTest[] = [true, false].flatMap((negate) =>
    [true, false].map((missing) => ({ codes: ["1", C34], negate, missing })),
  );

  test("count as missing, on donors and in their samples", async () => {
    const { url } = await startCatalogue(DONORS);
    const mapping = { SEX: field("1", "2"), DISEASE: field("1", "2", C34), STORAGE: field("1", "2") };
    const adapter = await openSqon(url, {}, mapping);
    const asked = TESTS.flatMap((each) => [
      question([has("SEX", each)]),
      question([has("DISEASE", each)]),
      question([sample(is("STORAGE", each))]),
      question([sample({ op: "not", of: is("STORAGE", each) })]),
      question([], is("STORAGE", each)),
    ]);
    const got = await adapter.count(
      asked.map((one) => (one.samples === EVERY ? { ...one, only: "DONORS" } : one)),
      await adapter.release(NEVER),
      NEVER,
    );
    expect(got.map((one) => ("donors" in one ? one.donors : one))).toEqual(
      asked.map((one) => evaluateLocal(TRUTH, one).donors),
    );
  });
});
