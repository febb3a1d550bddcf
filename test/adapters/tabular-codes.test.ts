import { describe, expect, test } from "vitest";
import { fold, foldIcd10, lookup } from "../../adapters/tabular/fold.ts";
import { contradictions } from "../../subgraphs/mapping/contradictions.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { newFolder, writeFiles } from "../folder.ts";
import { code, is, question } from "./questions.ts";
import { openTabular } from "./tabular-bank.ts";

const NEVER = new AbortController().signal;

/** Samples, one for each text of its storage, that have this local code. */
const stored = async (texts: readonly string[], codes: readonly string[], asked: string): Promise<number | null> => {
  const folder = await newFolder();
  await writeFiles(folder, {
    "donors.csv": "id\n1\n",
    "samples.csv": [["id", "at"], ...texts.map((text) => [1, text])],
  });
  const options = {
    kind: "tabular",
    donors: { file: "donors.csv", id: "id" },
    samples: { file: "samples.csv", donor: "id", storage: "at" },
  };
  const adapter = await openTabular(folder, options, { STORAGE: { codes, absent: ["－"], complete: false } });
  const [got] = await adapter.count([question([], is("STORAGE", code(asked)))], await adapter.release(NEVER), NEVER);
  if (got === undefined || got instanceof Error) throw got;
  return got.samples.max;
};

// cp932 has no U+2212, so that a code of bank.yaml with one met nothing: exactly 0.
test("a code means every text that looks the same", async () => {
  expect(await stored(["－80℃", "-80°C", "‐80℃", "ー80℃", "−80 ℃", "−20℃"], ["−80℃"], "−80℃")).toBe(4);
  expect(await stored(["〜1", "～1", "~1"], ["~1"], "~1")).toBe(3);
  expect(await stored(["Ａ１", " A1 ", "A1\u00a0", "A\u200b1", "a1"], ["A1"], "A1")).toBe(4);
  expect(await stored(["ｶﾞﾝ", "ガン"], ["ガン"], "ガン")).toBe(2);
  // What the tables of cp932 make of one character differs from maker to maker.
  expect(await stored(["a‖b", "a∥b", "a||b"], ["a∥b"], "a∥b")).toBe(3);
  expect(await stored(["血清·1", "血清・1", "血清･1"], ["血清・1"], "血清・1")).toBe(3);
  expect(await stored(["1¥2", "1￥2", "1\\2"], ["1\\2"], "1\\2")).toBe(3);
});

test("two codes that look the same are told apart exactly", async () => {
  expect(await stored(["1", "１", "①"], ["1", "１"], "１")).toBe(1);
});

test("a mark of no value means every text that looks the same", async () => {
  expect(await stored(["-", "−", "－"], ["-"], "-")).toBe(0);
});

test("a text that folds twice stays as it is, and texts that are none find nothing", () => {
  for (const text of ["－80℃", "〜", "ｶﾞﾝ", " a\u3000b "]) expect(fold(fold(text))).toBe(fold(text));
  const find = lookup(["a", "b b"]);
  expect(["a", "ｂ　ｂ", "c", ""].map((text) => find(text))).toEqual(["a", "b b", undefined, undefined]);
});

describe("ICD-10 in any spelling", () => {
  const find = lookup(["E11", "E11.9", "I10", "G63.2"], foldIcd10);

  test.for([
    ["E119", "E11.9"],
    ["E11.-", "E11"],
    ["E11-", "E11"],
    ["E11.", "E11"],
    ["e11.9", "E11.9"],
    ["Ｅ１１．９", "E11.9"],
    ["E11.9†", "E11.9"],
    ["G63.2*", "G63.2"],
    ["E11.9\u00a0", "E11.9"],
    ["ICD10:E11.9", "E11.9"],
    ["Ｉ１０", "I10"],
    ["E11.90", undefined],
    ["M4796", undefined],
    ["E11.9;I10", undefined],
    ["E11.9疑い", undefined],
    ["E1", undefined],
    ["", undefined],
  ] as const)("%s", ([text, means]) => expect(find(text)).toBe(means));

  test("is what a bank of files says, and no other", () => {
    const yaml = (kind: string, system = "ICD10") =>
      parseMapping(
        `{ id: b, name: B, contact: { name: O, email: o@b.example }, size: { donors: 1 }, disclosure: { off: true }, adapter: { kind: ${kind} }, disease: { system: ${system}, spelling: any } }`,
        "bank.yaml",
        {},
      ).yaml;
    const named = { fields: ["DISEASE"], codes: [] } as const;
    expect(contradictions(yaml("tabular"), { ...named, readsAnySpelling: true })).toEqual([]);
    expect(contradictions(yaml("omop"), named)).toMatchObject([{ path: ["disease", "spelling"] }]);
    expect(contradictions(yaml("tabular", "ORPHA"), { ...named, readsAnySpelling: true })).toHaveLength(1);
  });
});
