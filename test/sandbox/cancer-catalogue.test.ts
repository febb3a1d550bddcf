import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { cancerDocuments, type Documents } from "../../sandbox/cancer/documents.ts";
import { type CatalogueServer, catalogueServer } from "../../sandbox/cancer/server.ts";
import { population, recorded } from "../../sandbox/population.ts";

const donors = Array.from(population("cancer", { size: 0.05 }), (donor) => recorded("cancer", donor));
const samples = donors.flatMap((donor) => donor.samples);

let server: CatalogueServer;
let url: string;
beforeAll(async () => {
  server = catalogueServer(cancerDocuments(donors), { release: { release: "2026.1", date: "2026-04-01" } });
  url = await server.listen(0);
});
afterAll(() => server.close());

type Answer = {
  data?: Record<string, Record<string, Record<string, unknown>> | null> | null;
  errors?: { message: string; path?: string[]; extensions: { code: string } }[];
};
const post = (body: string, headers = { "content-type": "application/json" }): Promise<Response> =>
  fetch(url, { method: "POST", headers, body });
const ask = async (query: string, sqon: unknown = null): Promise<{ status: number } & Answer> => {
  const response = await post(JSON.stringify({ query, variables: { sqon } }));
  return { status: response.status, ...((await response.json()) as Answer) };
};
const total = async (name: string, sqon: unknown): Promise<unknown> => {
  const answer = await ask(`query($sqon: JSON) { ${name} { hits(filters: $sqon, first: 0) { total } } }`, sqon);
  expect(answer.errors).toBeUndefined();
  return answer.data?.[name]?.["hits"]?.["total"];
};
const leaf = (op: string, fieldName: string, value: unknown) => ({ op, content: { fieldName, value } });
const group = (op: string, content: readonly unknown[], pivot?: string) => ({ op, content, ...(pivot && { pivot }) });
const plasma = leaf("in", "samples.specimen_type", ["Plasma"]);
const ofTumour = leaf("in", "samples.tumour_normal", "Tumour");
const countDonors = (passes: (donor: (typeof donors)[number]) => boolean): number => donors.filter(passes).length;
const isPlasma = ({ type }: (typeof samples)[number]) => type === "PLASMA";
const isOfTumour = ({ origin }: (typeof samples)[number]) => origin === "TUMOUR";

describe("SQON", () => {
  test("finds all where there is no filter", async () => {
    expect(await total("donor", null)).toBe(donors.length);
    expect(await total("donor", group("and", []))).toBe(donors.length);
    expect(await total("sample", group("or", []))).toBe(samples.length);
  });

  test("joins nested conditions on one object only under a pivot", async () => {
    const apart = countDonors((donor) => donor.samples.some(isPlasma) && donor.samples.some(isOfTumour));
    expect(await total("donor", group("and", [plasma, ofTumour]))).toBe(apart);
    expect(apart).toBeGreaterThan(0);
    const together = countDonors((donor) => donor.samples.some((sample) => isPlasma(sample) && isOfTumour(sample)));
    expect(await total("donor", group("and", [plasma, ofTumour], "samples"))).toBe(together);
    expect(together).toBe(0);
  });

  test("negates a pivot as a whole, and without one each condition", async () => {
    expect(await total("donor", group("not", [plasma, ofTumour], "samples"))).toBe(donors.length);
    const none = countDonors((donor) => !donor.samples.some(isPlasma) && !donor.samples.some(isOfTumour));
    expect(await total("donor", group("not", [plasma, ofTumour]))).toBe(none);
    const either = countDonors(({ samples: own }) => own.some((sample) => isPlasma(sample) || isOfTumour(sample)));
    expect(await total("donor", group("or", [plasma, ofTumour], "samples"))).toBe(either);
  });

  test("asks with not-in for some nested object, with some-not-in for all of them", async () => {
    const field = "samples.specimen_type";
    expect(await total("donor", leaf("not-in", field, ["Plasma"]))).toBe(
      countDonors((donor) => donor.samples.some((sample) => !isPlasma(sample))),
    );
    expect(await total("donor", leaf("some-not-in", field, ["Plasma"]))).toBe(
      countDonors((donor) => !donor.samples.some(isPlasma)),
    );
  });

  test.each<[object, (donor: (typeof donors)[number]) => boolean]>([
    [leaf("in", "sex", ["__missing__"]), ({ sex }) => sex === null],
    [leaf("=", "oncotree_codes", "LUAD"), ({ diagnoses }) => diagnoses.includes("ONCOTREE:LUAD")],
    [
      leaf("in", "oncotree_codes", ["LU*"]),
      ({ diagnoses }) => diagnoses.some((code) => code.startsWith("ONCOTREE:LU")),
    ],
    [leaf("in", "oncotree_codes", []), () => false],
    [leaf("not-in", "oncotree_codes", []), () => true],
    [leaf("all", "analyses", ["WGS", "RNA-Seq"]), ({ data }) => data.includes("TRANSCRIPTOME")],
    [
      leaf("between", "samples.age_at_collection", [40, 59]),
      ({ samples: own }) => own.some(({ age }) => age! >= 40 && age! <= 59),
    ],
    [leaf("gt", "samples.age_at_collection", 80), ({ samples: own }) => own.some(({ age }) => age! > 80)],
    [leaf("<=", "samples.age_at_collection", "19"), ({ samples: own }) => own.some(({ age }) => age! <= 19)],
    [
      { op: "filter", content: { fieldNames: ["programmes"], value: "*fy202?" } },
      ({ programmes }) => programmes.includes("PROGRAMME:CANCER_WGS_FY2021"),
    ],
  ])("%j", async (sqon, passes) => {
    expect(await total("donor", sqon)).toBe(countDonors(passes));
  });

  test("finds samples by their donor's fields", async () => {
    const wanted = donors.filter(({ sex }) => sex === "MALE").flatMap((donor) => donor.samples.filter(isPlasma)).length;
    const male = leaf("in", "donor.sex", ["Male"]);
    expect(await total("sample", group("and", [male, leaf("in", "specimen_type", ["Plasma"])]))).toBe(wanted);
  });

  test.each<[string, unknown, (donor: (typeof donors)[number]) => boolean]>([
    [
      "a not in a not as one",
      group("not", [group("not", [leaf("in", "sex", ["Male"])])]),
      (donor) => donor.sex !== "MALE",
    ],
    ["not-in with no value among others as anything", leaf("not-in", "sex", ["Female", "__missing__"]), () => true],
    ["not-in with a pattern among others as anything", leaf("not-in", "sex", ["Fem*", "Male"]), () => true],
    ["not-in of no value alone as any value", leaf("not-in", "sex", ["__missing__"]), ({ sex }) => sex !== null],
    ["a field that it does not have as never met", leaf("in", "gender", ["Male"]), () => false],
    ["numbers as texts where the field holds texts", leaf("gte", "sex", 3), ({ sex }) => sex !== null],
    [
      "half a range as one number",
      leaf("between", "samples.age_at_collection", [40]),
      ({ samples: own }) => own.some(({ age }) => age === 40),
    ],
    [
      "an or under a pivot as met by any object",
      group("and", [ofTumour, group("or", [plasma, leaf("in", "samples.storage", ["Room"])])], "samples"),
      ({ samples: own }) => own.some(isOfTumour) && own.some((one) => isPlasma(one) || one.storage === "ROOM"),
    ],
  ])("reads %s", async (_, sqon, passes) => {
    expect(await total("donor", sqon)).toBe(countDonors(passes));
  });

  test.each<[string, unknown]>([
    ["a list", []],
    ["an unknown operator", leaf("near", "sex", ["Male"])],
    ["an operator of a later version", { op: "wildcard", content: { fieldNames: ["sex"], value: "*" } }],
    ["the key of Arranger 2", { op: "in", content: { field: "sex", value: ["Male"] } }],
    ["a group without a list", { op: "and", content: {} }],
    ["a text for a number", leaf("gte", "samples.age_at_collection", "old")],
    ["an empty text for a number", leaf("in", "samples.age_at_collection", [""])],
    ["a pivot that is not nested", group("and", [plasma], "sex")],
    ["a saved set", leaf("in", "donor_id", ["set_id:1"])],
  ])("refuses %s as a fault of its own and answers the rest", async (_, sqon) => {
    const query =
      "query($sqon: JSON) { catalogue { release } donor { a: hits { total } b: hits(filters: $sqon) { total } } }";
    const { status, data, errors } = await ask(query, sqon);
    expect(status).toBe(200);
    expect(data).toEqual({ catalogue: { release: "2026.1" }, donor: { a: { total: donors.length }, b: null } });
    expect(errors).toMatchObject([{ path: ["donor", "b"], extensions: { code: "INTERNAL_SERVER_ERROR" } }]);
  });
});

describe("fields of other types", () => {
  const index = (documents: readonly object[], more: Partial<Documents> = {}): Documents => ({
    name: "donor",
    fields: { cohort: "text", alive: "boolean", weight: "float", born: "date" },
    documents: documents as Documents["documents"],
    ...more,
  });
  const served = async (documents: Documents) => {
    const own = catalogueServer([documents]);
    const at = await own.listen(0);
    onTestFinished(() => own.close());
    const asked = async (body: object) => {
      const headers = { "content-type": "application/json" };
      return (await fetch(at, { method: "POST", headers, body: JSON.stringify(body) })).json();
    };
    const query = "query($f: JSON) { donor { hits(filters: $f) { total } } }";
    const total = async (f: object) => (await asked({ query, variables: { f } })).data.donor.hits?.total;
    return { asked, total };
  };

  test("texts are found by their words, and have no buckets", async () => {
    const { asked, total } = await served(index([{ cohort: "Patient, at home" }, { cohort: "Resident" }]));
    expect(await total(leaf("in", "cohort", ["Patient, at home"]))).toBe(0);
    expect(await total(leaf("in", "cohort", ["patient"]))).toBe(1);
    const buckets = await asked({ query: "{ donor { aggregations { cohort { buckets(max: 1) { key } } } } }" });
    expect(buckets.errors).toMatchObject([{ extensions: { code: "INTERNAL_SERVER_ERROR" } }]);
    expect((await asked({ query: "{ donor { aggregations { cohort { __typename } } } }" })).errors).toBeUndefined();
  });

  test("a date ends with its day, and a year with its first day", async () => {
    const { total } = await served(index([{ born: "2020-06-01" }, { born: "2020-01-01" }, { born: "2019-12-31" }]));
    expect(await total(leaf("between", "born", [2020, 2020]))).toBe(1);
    expect(await total(leaf("between", "born", ["2020-01-01", "2020-06-01"]))).toBe(2);
    expect(await total(leaf("between", "born", ["2020-01-01", "soon"]))).toBeUndefined();
  });

  test("booleans are true or false, and their keys 1 or 0", async () => {
    const { asked, total } = await served(index([{ alive: true }, { alive: false }, { alive: true }, {}]));
    expect(await total(leaf("in", "alive", ["true"]))).toBe(2);
    expect(await total(leaf("in", "alive", ["1"]))).toBeUndefined();
    const { data } = await asked({ query: "{ donor { aggregations { alive { buckets { key doc_count } } } } }" });
    expect(data.donor.aggregations.alive.buckets[0]).toEqual({ key: "1", doc_count: 2 });
  });

  test("a pivot is compared with the outermost nested field", async () => {
    const { total } = await served(
      index([{ s: [{ t: [{ a: "1", b: "1" }] }, { t: [{ a: "2", b: "2" }] }] }, { s: [{ t: [{ a: "1", b: "2" }] }] }], {
        fields: { "s.t.a": "keyword", "s.t.b": "keyword" },
        nested: ["s", "s.t"],
      }),
    );
    const both = [leaf("in", "s.t.a", ["1"]), leaf("in", "s.t.b", ["2"])];
    expect(await total(group("and", both, "s.t"))).toBe(2);
    expect(await total(group("and", both, "s"))).toBe(1);
  });
});

describe("aggregations", () => {
  const buckets = async (field: string, args = "", sqon: unknown = null) => {
    const answer = await ask(
      `query($sqon: JSON) { donor { aggregations(filters: $sqon${args}) { ${field} { buckets { key doc_count } } } } }`,
      sqon,
    );
    const found = answer.data?.["donor"]?.["aggregations"]?.[field] as {
      buckets: { key: string; doc_count: number }[];
    };
    return Object.fromEntries(found.buckets.map(({ key, doc_count }) => [key, doc_count]));
  };

  test("count documents, and those without a value unless told otherwise", async () => {
    const [female, male, missing] = (["FEMALE", "MALE", null] as const).map((sex) => countDonors((d) => d.sex === sex));
    expect(await buckets("sex")).toMatchObject({ Female: female, Male: male, __missing__: missing });
    expect(await buckets("sex", ", include_missing: false")).not.toHaveProperty("__missing__");
    expect(await buckets("samples__specimen_type")).toMatchObject({
      Plasma: countDonors((donor) => donor.samples.some(isPlasma)),
    });
  });

  test("heed the filter, but not a field's own conditions unless told to", async () => {
    const male = group("and", [leaf("in", "sex", ["Male"])]);
    expect(Object.keys(await buckets("sex", ", aggregations_filter_themselves: true", male))).toEqual(["Male"]);
    expect(await buckets("sex", "", male)).toEqual(await buckets("sex"));
    expect(await buckets("programmes", "", male)).toMatchObject({ CANCER_WGS: countDonors((d) => d.sex === "MALE") });
  });

  test("of numbers are statistics", async () => {
    const { data } = await ask("{ donor { aggregations { samples__age_at_collection { stats { count min max } } } } }");
    const ages = samples.map(({ age }) => age!);
    const stats = { count: samples.length, min: Math.min(...ages), max: Math.max(...ages) };
    expect(data).toEqual({ donor: { aggregations: { samples__age_at_collection: { stats } } } });
  });
});

describe("HTTP", () => {
  test.each<[string, string, RegExp]>([
    ["no GraphQL", "{ donor {", /Syntax Error/],
    ["an unknown field", "{ donor { aggregations { gender { bucket_count } } } }", /Cannot query field "gender"/],
    ["introspection", "{ __schema { types { name } } }", /introspection/],
    [
      "more aliases than it takes",
      `{ donor { ${Array.from({ length: 16 }, (_, i) => `a${i}: hits { total }`).join(" ")} } }`,
      /Aliases limit of 15 exceeded, found 16/,
    ],
  ])("answers 400 to %s", async (_, query, message) => {
    const { status, data, errors } = await ask(query);
    expect([status, data]).toEqual([400, undefined]);
    expect(errors?.[0]?.message).toMatch(message);
  });

  test("refuses what is no GraphQL request", async () => {
    expect((await fetch(url)).status).toBe(405);
    expect((await post("{}", { "content-type": "text/plain" })).status).toBe(415);
    expect((await post("{")).status).toBe(400);
    expect((await post('{"query":"{__typename}","variables":3}')).status).toBe(400);
    expect((await fetch(url.replace("/graphql", "/"), { method: "POST" })).status).toBe(404);
  });

  test("fails as it is told to", async () => {
    const query = "{ donor { hits { total } } }";
    server.faults.wrongCount = (count) => -count;
    expect((await ask(query)).data).toEqual({ donor: { hits: { total: -donors.length } } });
    delete server.faults.wrongCount;
    server.faults.busySeconds = 3;
    const busy = await post(JSON.stringify({ query }));
    expect([busy.status, busy.headers.get("retry-after")]).toEqual([503, "3"]);
    delete server.faults.busySeconds;
    server.faults.down = true;
    await expect(ask(query)).rejects.toThrow();
    delete server.faults.down;
    server.faults.garbage = "cut";
    await expect(ask(query)).rejects.toThrow();
    delete server.faults.garbage;
    expect((await ask(query)).data).toEqual({ donor: { hits: { total: donors.length } } });
  });
});

test("every programme has its published size", { timeout: 20_000 }, async () => {
  const all = Array.from(population("cancer"), (donor) => recorded("cancer", donor));
  const full = catalogueServer(cancerDocuments(all));
  const at = await full.listen(0);
  try {
    const query = "{ donor { aggregations { programmes { buckets { key doc_count } } } } }";
    const headers = { "content-type": "application/json" };
    const answer = await (await fetch(at, { method: "POST", headers, body: JSON.stringify({ query }) })).json();
    expect(answer).toEqual({
      data: {
        donor: {
          aggregations: {
            programmes: {
              buckets: [
                { key: "CANCER_WGS", doc_count: 13_650 },
                { key: "CANCER_WGS_FY2021", doc_count: 9_900 },
                { key: "CANCER_WGS_HEREDITARY", doc_count: 3_000 },
                { key: "CANCER_WGS_INTRACTABLE", doc_count: 750 },
              ],
            },
          },
        },
      },
    });
  } finally {
    await full.close();
  }
});
