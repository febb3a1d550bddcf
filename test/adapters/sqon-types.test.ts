import { describe, expect, test } from "vitest";
import type { MappedCodes, MappedField } from "../../adapters/adapter.ts";
import type { LocalPredicate, LocalQuestion } from "../../adapters/local.ts";
import type { Documents } from "../../sandbox/cancer/documents.ts";
import { catalogueServer } from "../../sandbox/cancer/server.ts";
import { started } from "./kit-bank.ts";
import { code, has, is, question, range, sample } from "./questions.ts";
import { openSqon } from "./sqon-bank.ts";

/** Indices of other people, which each gave an exact wrong number once. */
const NEVER = new AbortController().signal;
const mapped = (codes: readonly string[], complete = false, absent: readonly string[] = []): MappedField => ({
  codes,
  absent,
  complete,
});
const MAPPING: MappedCodes = {
  SEX: mapped(["F", "M"]),
  COHORT: mapped(["Patient", "Resident"], true),
  USE: mapped(["AC", "OV", "CO"], true),
  SAMPLE_TYPE: mapped(["DNA", "Plasma"]),
  STORAGE: mapped(["Room", "LN2"]),
  AGE_AT_COLLECTION: mapped([]),
  COLLECTED_YEAR: mapped([]),
};

/** Opens an adapter on documents of donors, and counts those who meet each predicate; undefined where it cannot. */
const opened = async (
  fields: Documents["fields"],
  documents: readonly object[],
  donors: { readonly samples?: string; readonly fields: Readonly<Record<string, string>> },
  { nested = [], mapping = MAPPING }: { nested?: readonly string[]; mapping?: MappedCodes } = {},
) => {
  const index = { name: "donor", fields, nested, documents: documents as Documents["documents"] };
  const { url, server } = await started(catalogueServer([index]));
  const adapter = await openSqon(url, { donors: { index: "donor", ...donors }, samples: undefined }, mapping);
  const counted = async (...asked: readonly LocalPredicate[]) => {
    const questions = asked.map((one): LocalQuestion => ({ ...question([one]), only: "DONORS" }));
    const got = await adapter.count(questions, await adapter.release(NEVER), NEVER);
    return got.map((one) => ("donors" in one ? one.donors.max : undefined));
  };
  return { adapter, fields: adapter.capabilities.fields, counted, server };
};

describe("a field is declared only where the data prove it", () => {
  test("a text that is searched by its words is not", async () => {
    const documents = ["Patient", "Patient", "Resident"].map((cohort) => ({ cohort }));
    const { adapter, fields, counted } = await opened({ cohort: "text" }, documents, { fields: { cohort: "cohort" } });
    expect(fields.COHORT).toBeUndefined();
    expect(adapter.findings?.()).toMatchObject([
      { id: "sqon.unproven", level: "WARNING", field: "COHORT", got: expect.stringContaining("cohort.keyword") },
    ]);
    expect(await counted(has("COHORT", code("Patient")))).toEqual([undefined]);
    const good = await opened({ cohort: "keyword" }, documents, { fields: { cohort: "cohort" } });
    expect(await good.counted(has("COHORT", code("Patient")))).toEqual([2]);
  });

  test.each(["person__sex", "person.gender", "sex"])("a path that the index does not have is not: %s", async (path) => {
    const documents = ["F", "F", "M"].map((sex) => ({ person: { sex } }));
    const { fields } = await opened({ "person.sex": "keyword" }, documents, { fields: { sex: path } });
    expect(fields.SEX).toBeUndefined();
    const good = await opened({ "person.sex": "keyword" }, documents, { fields: { sex: "person.sex" } });
    expect(await good.counted(has("SEX", code("F")))).toEqual([2]);
  });

  test("a boolean is asked for true and false alone", async () => {
    const documents = [{ sex: true }, { sex: true }, { sex: false }, {}];
    const mapping = { SEX: mapped(["true", "false", "1"]) };
    const { fields, counted } = await opened({ sex: "boolean" }, documents, { fields: { sex: "sex" } }, { mapping });
    expect(fields.SEX).toMatchObject({ codes: new Set(["true", "false"]) });
    const missing = { codes: [], negate: false, missing: true };
    expect(await counted(has("SEX", code("true")), has("SEX", missing), has("SEX", code("1")))).toEqual([2, 1, 0]);
  });

  test("codes that are whole numbers are asked without an empty text", async () => {
    const documents = [{ sex: 1 }, { sex: 2 }, { sex: 9 }, {}];
    const mapping = { SEX: mapped(["1", "2"], false, ["9", "unknown"]) };
    const { counted } = await opened({ sex: "integer" }, documents, { fields: { sex: "sex" } }, { mapping });
    const missing = { codes: ["1"], negate: false, missing: true };
    expect(await counted(has("SEX", code("1")), has("SEX", missing))).toEqual([1, 3]);
  });

  test("a warrant that the data do not keep takes the field away", async () => {
    const field = { cohort: "keyword" } as const;
    const at = { fields: { cohort: "cohort" } };
    for (const other of [{ cohort: "Family" }, { cohort: "" }, {}]) {
      const documents = [{ cohort: "Patient" }, { cohort: "Resident" }, other];
      const { adapter, fields } = await opened(field, documents, at);
      expect(fields.COHORT).toBeUndefined();
      expect(adapter.findings?.()).toMatchObject([{ id: "sqon.warrant", field: "COHORT" }]);
    }
    expect((await opened(field, [{ cohort: "Patient" }], at)).fields.COHORT).toBeDefined();
  });

  test("a warrant of a field of several values is compared with each of them", async () => {
    const field = { use: "keyword" } as const;
    const at = { fields: { use: "use" } };
    expect((await opened(field, [{ use: ["AC"] }, {}], at)).fields.USE).toMatchObject({ rest: true });
    expect((await opened(field, [{ use: ["AC", "other"] }], at)).fields.USE).toBeUndefined();
  });

  test("several values of a field that a donor has one of are not negated", async () => {
    const documents = [{ sex: ["F", "M"] }, { sex: "F" }];
    const { fields, counted } = await opened({ sex: "keyword" }, documents, { fields: { sex: "sex" } });
    expect(fields.SEX).toMatchObject({ rest: false });
    expect(await counted(has("SEX", code("F")), has("SEX", { ...code("F"), negate: true }))).toEqual([2, undefined]);
  });
});

const year = (from: number, to: number) => sample(is("COLLECTED_YEAR", range(from, to)));
const age = (from: number, to: number) => sample(is("AGE_AT_COLLECTION", range(from, to)));
const AT = { samples: "s", fields: { year: "year", age: "age" } };

describe("numbers", () => {
  test("of a date are its years", async () => {
    const documents = ["2020-06-01", "2015-01-01", "2014-12-31"].map((each) => ({ s: [{ year: each }] }));
    const { counted } = await opened(
      { "s.year": "date" },
      documents,
      { ...AT, fields: { year: "year" } },
      { nested: ["s"] },
    );
    expect(await counted(year(2015, 2020), year(2014, 2014), year(2016, 2019))).toEqual([2, 1, 0]);
  });

  test("of a time near New Year are in two years, so that it is not declared", async () => {
    const documents = ["2035-01-01T00:30:00+09:00", "2015-03-01"].map((each) => ({ s: [{ year: each }] }));
    const { fields } = await opened(
      { "s.year": "date" },
      documents,
      { ...AT, fields: { year: "year" } },
      { nested: ["s"] },
    );
    expect(fields.COLLECTED_YEAR).toBeUndefined();
  });

  test("with a fraction count to the whole one below", async () => {
    const documents = [49.5, 40, 39.9, 50].map((each) => ({ s: [{ age: each }] }));
    const { counted } = await opened(
      { "s.age": "float" },
      documents,
      { ...AT, fields: { age: "age" } },
      { nested: ["s"] },
    );
    expect(await counted(age(40, 49), age(39, 39), age(50, 50))).toEqual([2, 1, 1]);
  });

  test("that are kept as texts are asked for by name, and others not at all", async () => {
    const at = { ...AT, fields: { age: "age" } };
    const documents = ["49", "5", "100"].map((each) => ({ s: [{ age: each }] }));
    const { counted } = await opened({ "s.age": "keyword" }, documents, at, { nested: ["s"] });
    expect(await counted(age(40, 49), age(0, 99))).toEqual([1, 2]);
    const spelled = [...documents, { s: [{ age: "049" }] }];
    expect(
      (await opened({ "s.age": "keyword" }, spelled, at, { nested: ["s"] })).fields.AGE_AT_COLLECTION,
    ).toBeUndefined();
  });

  test.each([-1, 999])("that no sample has stand for something else: %d", async (odd) => {
    const documents = [30, odd].map((each) => ({ s: [{ age: each }] }));
    const { fields } = await opened(
      { "s.age": "integer" },
      documents,
      { ...AT, fields: { age: "age" } },
      { nested: ["s"] },
    );
    expect(fields.AGE_AT_COLLECTION).toBeUndefined();
  });
});

describe("one and the same sample", () => {
  const FIELDS = { "specimens.samples.type": "keyword", "specimens.samples.storage": "keyword" } as const;
  const AT_SAMPLES = { samples: "specimens.samples", fields: { sampleType: "type", storage: "storage" } };
  const one = (type: string, storage: string) => ({ samples: [{ type, storage }] });
  const dnaInNitrogen = sample(is("SAMPLE_TYPE", code("DNA")), is("STORAGE", code("LN2")));

  test("is found in two levels of nesting", async () => {
    const documents = [
      { specimens: [one("DNA", "Room"), one("Plasma", "LN2")] },
      { specimens: [one("DNA", "LN2")] },
      { specimens: [{ samples: [...one("DNA", "Room").samples, ...one("Plasma", "LN2").samples] }] },
    ];
    const nested = ["specimens", "specimens.samples"];
    const { counted, adapter } = await opened(FIELDS, documents, AT_SAMPLES, { nested });
    expect(adapter.capabilities.donors).toEqual({ logic: "boolean" });
    expect(await counted(dnaInNitrogen)).toEqual([1]);
  });

  test("is not asked for where no pivot finds it", async () => {
    const documents = [{ specimens: one("DNA", "Room") }, { specimens: { samples: [] } }];
    const { counted, fields } = await opened(FIELDS, documents, AT_SAMPLES);
    expect(fields.SAMPLE_TYPE).toBeUndefined();
    expect(await counted(dnaInNitrogen)).toEqual([undefined]);
  });
});

test("a condition that is negated twice is asked as it stands", async () => {
  const documents = [{ use: ["AC"] }, { use: "" }, {}];
  const { counted } = await opened({ use: "keyword" }, documents, { fields: { use: "use" } });
  const commercialOrNone = { codes: ["CO"], negate: false, missing: true };
  const not = { op: "not", of: has("USE", commercialOrNone) } as const;
  expect(await counted(not, { op: "not", of: not }, has("USE", commercialOrNone))).toEqual([1, 2, 2]);
});

test("a new release is proven anew", async () => {
  const { adapter, server } = await opened({ sex: "keyword" }, [{ sex: "F" }], { fields: { sex: "sex" } });
  expect(adapter.opened).toMatchObject({ id: "bank@1" });
  server.publish([{ name: "donor", fields: { sex: "text" }, documents: [{ sex: "F" }] }], {
    release: "2",
    date: "2026-07-01",
  });
  expect(await adapter.release(NEVER)).not.toEqual(adapter.opened);
});
