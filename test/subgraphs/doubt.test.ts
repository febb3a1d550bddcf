import { expect, test } from "vitest";
import type { Capabilities, FieldCapability, LocalQuestion, Range } from "../../adapters/local.ts";
import { canonical } from "../../schema/canonical.ts";
import { parseWhere } from "../../schema/parse.ts";
import { countedBy } from "../../subgraphs/count/outcomes.ts";
import { Raw } from "../../subgraphs/count/raw.ts";
import { mappingOf } from "../../subgraphs/mapping/mapping.ts";
import { exactNode } from "../../subgraphs/plan/tree.ts";
import { understand } from "../../subgraphs/understand/inner-and-outer.ts";
import { interpreterOf } from "../../subgraphs/understand/interpret.ts";
import { bankYaml } from "../bank-yaml.ts";

const mapping = mappingOf(
  bankYaml({
    complete: ["disease", "sex", "age"],
    disease: { a: ["ICD10:E11"] },
    sex: { f: ["FEMALE"], m: ["MALE"] },
    sampleType: { d: ["DNA"] },
    age: { off: [0, 0] },
  }),
);
const field: FieldCapability = { on: ["DONORS", "SAMPLES"], rest: true, several: true };
const api = (more: Partial<Capabilities>): Capabilities => ({
  counts: ["DONORS", "SAMPLES"],
  donors: { logic: "boolean" },
  samples: { logic: "boolean" },
  facets: [],
  ...more,
  fields: { DISEASE: field, SEX: field, SAMPLE_TYPE: field, AGE_AT_COLLECTION: field, ...more.fields },
});
const inDoubt = (...doubt: NonNullable<FieldCapability["doubt"]>): FieldCapability => ({ ...field, doubt });

test("what may pass passes the outer test alone", () => {
  const interpreter = interpreterOf(mapping, api({ fields: { DISEASE: inDoubt("NOT_UNDERSTOOD") } }));
  expect(interpreter.values("DISEASE", ["ICD10:E11"], true)).toMatchObject({
    inner: { codes: ["a"], negate: false, missing: false },
    outer: { codes: ["a"], negate: false, missing: false, doubt: true },
    verdict: "NARROWER",
    because: ["NOT_UNDERSTOOD"],
  });
  // No record means this, in doubt or not.
  expect(interpreter.values("DISEASE", ["ICD10:C34"], true)).toMatchObject({ verdict: "NOT_COLLECTED", because: [] });
});

test("an attribute that may not count may be any", () => {
  const interpreter = interpreterOf(mapping, api({ fields: { SEX: inDoubt("NOT_UNDERSTOOD") } }));
  expect(interpreter.values("SEX", ["FEMALE"], true).outer).toEqual({
    codes: ["m"],
    negate: true,
    missing: true,
    doubt: true,
  });
});

test("a number that is known to an interval is recorded less precisely", () => {
  const interpreter = interpreterOf(mapping, api({ fields: { AGE_AT_COLLECTION: inDoubt("PRECISION") } }));
  expect(interpreter.range("AGE_AT_COLLECTION", 40, 49)).toMatchObject({
    inner: { from: 40, to: 49, missing: false },
    outer: { from: 40, to: 49, missing: false, doubt: true },
    verdict: "BROADER",
    because: ["PRECISION"],
  });
});

test("whether nothing is recorded is in doubt where a value is", () => {
  const interpreter = interpreterOf(mapping, api({ fields: { DISEASE: inDoubt("NOT_UNDERSTOOD") } }));
  const { inner, outer, because } = interpreter.value("DISEASE", "NOT_RECORDED");
  expect(inner).toEqual({ codes: [], negate: false, missing: true });
  expect(outer).toEqual({ codes: [], negate: false, missing: true, doubt: true });
  expect(because).toEqual(["NOT_UNDERSTOOD"]);
});

test("a field that declares no doubt is asked as before", () => {
  const interpreter = interpreterOf(mapping, api({}));
  const { inner, outer } = interpreter.values("DISEASE", ["ICD10:E11"], true);
  expect(outer).toEqual(inner);
});

test("samples in doubt count in the upper end alone, and only where samples are spoken of", () => {
  const interpreter = interpreterOf(mapping, api({ doubtfulSamples: true }));
  const read = (where: object, unit: "DONORS" | "SAMPLES") =>
    understand({ ...canonical(parseWhere(where)), criteria: [] }, interpreter, unit);
  const everybody = read({}, "DONORS");
  expect(everybody.donors.inner).toEqual(everybody.donors.outer);
  expect([...everybody.because]).toEqual([]);
  expect(read({}, "SAMPLES")).toMatchObject({ samples: { inner: { op: "sure" }, outer: { op: "all", of: [] } } });
  expect([...read({}, "SAMPLES").because]).toEqual(["NOT_UNDERSTOOD"]);
  const dna = read({ not: { sample: { type: ["DNA"] } } }, "DONORS");
  expect(JSON.stringify(dna.donors.inner)).not.toContain("sure");
  expect(JSON.stringify(dna.donors.outer)).toContain("sure");
});

test("donors in doubt count in the upper end alone, whatever is asked", () => {
  const interpreter = interpreterOf(mapping, api({ doubtfulDonors: true }));
  const { donors, because } = understand(
    { ...canonical(parseWhere({ not: { sex: ["MALE"] } })), criteria: [] },
    interpreter,
    "DONORS",
  );
  expect(JSON.stringify(donors.inner)).toContain('{"op":"sure"}');
  expect(JSON.stringify(donors.outer)).not.toContain("sure");
  expect([...because]).toEqual(["NOT_UNDERSTOOD"]);
});

test("a local API that counts an interval may say why", () => {
  const question: LocalQuestion = { donors: { op: "all", of: [] }, samples: { op: "all", of: [] } };
  const reasonsOf = (donors: Range) => {
    const outcome = Raw.compute(() => ({ donors, samples: { min: 0, max: 0 } }));
    const counted = countedBy([question], [outcome], { donors: null, samples: null });
    const node = exactNode("DONORS", [{ times: 1, question }], () => question);
    return Raw.reveal(counted(node)).because;
  };
  expect(reasonsOf({ min: 3, max: 5 })).toEqual(["LOCAL_ROUNDING"]);
  expect(reasonsOf({ min: 3, max: 5, why: ["NOT_UNDERSTOOD"] })).toEqual(["NOT_UNDERSTOOD"]);
  expect(reasonsOf({ min: 3, max: null, why: ["NOT_UNDERSTOOD"] })).toEqual(["NOT_COUNTED", "NOT_UNDERSTOOD"]);
  expect(reasonsOf({ min: 4, max: 4, why: ["NOT_UNDERSTOOD"] })).toEqual([]);
});
