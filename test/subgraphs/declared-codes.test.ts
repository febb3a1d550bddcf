import { expect, test } from "vitest";
import type { FieldCapability } from "../../adapters/local.ts";
import { canonical } from "../../schema/canonical.ts";
import { parseWhere } from "../../schema/parse.ts";
import { parseQuestion } from "../../schema/wire/question.ts";
import { answer } from "../../subgraphs/answer/answer.ts";
import { counter } from "../../subgraphs/count/counter.ts";
import { disclosureOf } from "../../subgraphs/disclose/disclose.ts";
import { type Mapping, mappingOf } from "../../subgraphs/mapping/mapping.ts";
import { cardOf } from "../../subgraphs/serve/card.ts";
import { mappedCodes } from "../../subgraphs/serve/open.ts";
import { interpreterOf } from "../../subgraphs/understand/interpret.ts";
import { reading } from "../../subgraphs/understand/reading.ts";
import { openTabular } from "../adapters/tabular-bank.ts";
import { bankYaml } from "../bank-yaml.ts";
import { newFolder, writeFiles } from "../folder.ts";

const NEVER = new AbortController().signal;
const OPTIONS = {
  kind: "tabular",
  donors: { file: "donors.csv", id: "id" },
  diseases: { file: "dx.csv", donor: "id", code: "code" },
  samples: { file: "samples.csv", donor: "id", type: "kind" },
} as const;

/** A bank that codes in ICD-10 and holds three donors with I10 and so many with E11.9, G12.2 and C34.1. */
const bankWith = async (n: number, mapping: Mapping) => {
  const folder = await newFolder();
  const donors = Array.from({ length: 3 + n }, (_, id) => id);
  const codes = (id: number) => (id < 3 ? ["I10"] : ["E11.9", "G12.2", "C34.1"]);
  await writeFiles(folder, {
    "donors.csv": ["id", ...donors].join("\n"),
    "dx.csv": ["id,code", ...donors.flatMap((id) => codes(id).map((code) => `${id},ICD10:${code}`))].join("\n"),
    "samples.csv": ["id,kind", ...donors.map((id) => `${id},P`)].join("\n"),
  });
  return openTabular(folder, OPTIONS, mappedCodes(mapping));
};

const ASKED: readonly object[] = [
  { disease: { codes: ["ICD10:E11.9"] } },
  { disease: { codes: ["ICD10:E11"] } },
  { disease: { codes: ["ICD10:E11"], descendants: false } },
  { disease: { codes: ["ICD10:E10-E14", "ICD10:I10"] } },
  { disease: { codes: ["ORPHA:803"] } },
  { disease: { codes: ["ONCOTREE:LUAD"] } },
  { not: { disease: { codes: ["BBJ:47", "ICD10:I10"] } } },
];
const questionOf = (where: object) => ({ v: 1, where: canonical(parseWhere(where)).where, facets: [] });

test.for([true, false])(
  "whether anybody has a declared code is told by counts alone (complete: %s)",
  async (complete) => {
    const mapping = mappingOf(
      bankYaml({
        complete: complete ? ["disease"] : [],
        disease: { system: "ICD10", spelling: "curie" },
        sampleType: { P: ["PLASMA"] },
      }),
    );
    const told = async (n: number) => {
      const adapter = await bankWith(n, mapping);
      const interpreter = interpreterOf(mapping, adapter.capabilities);
      const parts = { interpreter, count: counter(adapter), disclosure: disclosureOf({ off: true }) };
      const release = await adapter.release(NEVER);
      const answers = await Promise.all(ASKED.map((where) => answer(questionOf(where), parts, release, NEVER)));
      const found = answers.map((each) => {
        if ("failure" in each) throw new Error(each.failure.message);
        return each;
      });
      return {
        donors: found.map(({ donors: { min, max } }) => [min, max]),
        words: JSON.stringify([
          ASKED.map((where) => reading(parseQuestion(questionOf(where)), interpreter)),
          found.map(({ understanding }) => understanding),
          cardOf(interpreter, null),
        ]),
      };
    };
    const [none, one, nine] = await Promise.all([told(0), told(1), told(9)]);
    expect(one.words).toBe(none.words);
    expect(nine.words).toBe(none.words);
    expect(nine.words).toContain("G12.2");
    expect([none, one, nine].map(({ donors: [, e11] }) => e11)).toEqual([
      [0, 0],
      [1, 1],
      [9, 9],
    ]);
  },
);

const field: FieldCapability = { on: ["DONORS", "SAMPLES"], rest: true, several: true };
const OWN = mappingOf(
  bankYaml({
    complete: ["disease"],
    disease: { a: ["ICD10:E11"], b: { is: ["ICD10:E10-E14"], relation: "broader" }, c: ["ICD10:C34"] },
  }),
);
const listing = (codes: readonly string[], more: Partial<FieldCapability> = {}) =>
  interpreterOf(OWN, {
    counts: ["DONORS", "SAMPLES"],
    donors: { logic: "boolean" },
    samples: { logic: "boolean" },
    facets: [],
    fields: { DISEASE: { ...field, codes: new Set(codes), ...more } },
  }).values("DISEASE", ["ICD10:E11"], true);

test("a list of all that is held leaves counts exact, and one of what can be asked makes them wide", () => {
  expect(listing(["a", "c"], { exhaustive: true })).toMatchObject({
    inner: { codes: ["a"], negate: false },
    outer: { codes: ["a"], negate: false },
    verdict: "BROADER",
    local: [{ code: "a" }, { code: "b" }],
  });
  // Somebody may hold b, which cannot be asked for.
  expect(listing(["a", "c"])).toMatchObject({ outer: { codes: ["c"], negate: true }, verdict: "BROADER" });
  expect(listing(["a", "b"])).toMatchObject({ outer: { codes: ["a", "b"], negate: false }, verdict: "BROADER" });
  expect(listing([]).local).toHaveLength(2);
});
