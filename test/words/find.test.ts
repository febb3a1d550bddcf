import { expect, test } from "vitest";
import { findDiseases } from "../../schema/words/find-diseases.ts";

const first = (text: string): string | undefined => findDiseases(text, 3).hits[0]?.code;

test.each([
  ["a typo", "diabetis mellitus", "ICD10:E10-E14"],
  ["two letters swapped", "pnuemonia", "ICD10:J18"],
  ["a letter too much", "epillepsy", "ICD10:G40"],
  ["another order of words", "failure heart", "ICD10:I50"],
  ["a phrase", "cancer of the stomach", "ICD10:C16"],
  ["the other words for it", "malignant neoplasm of stomach", "ICD10:C16"],
  ["a word for the organ", "renal stones", "ICD10:N20"],
  ["words written apart", "head ache", "ICD10:R51"],
  ["words written together", "backpain", "ICD10:M54"],
  ["British spelling", "haemorrhoids", "ICD10:K64"],
  ["an abbreviation with dots", "U.T.I.", "ICD10:N39"],
  ["a beginning", "osteopor", "ICD10:M81"],
  ["full width", "ＣＯＰＤ", "ICD10:J44"],
  ["hiragana", "おやしらず", "ICD10:K01"],
  ["katakana", "ゼンソク", "ICD10:J45"],
  ["kanji for kana", "癲癇", "ICD10:G40"],
  ["kana for a part", "肺がん", "ICD10:C34"],
  ["organ, の and cancer", "胃の癌", "ICD10:C16"],
  ["kana for one kanji of a word", "糖にょう病", "ICD10:E10-E14"],
  ["kana for the first kanji", "へん頭痛", "ICD10:G43"],
  ["a whole name in kana", "せきずいそんしょう", "ICD10:S14"],
  ["a typo in a word of another form", "cervicle cancer", "ICD10:C53"],
  ["how ill somebody is", "newly diagnosed hypertension", "ICD10:I10"],
  ["what hurts", "腰が痛い", "ICD10:M54"],
  ["what hurts, as a verb", "my knees hurt", "ICD10:M25"],
  ["an abbreviation with its type", "ＤＭ２型", "ICD10:E11"],
  ["an everyday word for an organ", "脳みそのがん", "ICD10:C71"],
  ["a former name", "精神分裂病", "ICD10:F20"],
  ["what people say around it", "糖尿病の疑い", "ICD10:E10-E14"],
  ["a code in full width", "Ｅ１１", "ICD10:E11"],
  ["a code with its system in full width", "ＩＣＤ１０：Ｅ１１", "ICD10:E11"],
])("%s is no hindrance: %s", (_, text, code) => expect(first(text)).toBe(code));

test.each([
  ["heart attack", "SYNONYM"],
  ["COPD", "ABBREVIATION"],
  ["糖尿病", "NAME"],
  ["diabetis", "TYPO"],
  ["E11", "CODE"],
])("%s is met as %s", (text, kind) => expect(findDiseases(text, 1).hits[0]?.kind).toBe(kind));

test("what is no disease has no hit, but at most three names that are near", () => {
  const { hits, nearest } = findDiseases("xqzzk carburettor", 20);
  expect(hits).toEqual([]);
  expect(nearest.length).toBeLessThanOrEqual(3);
  expect(findDiseases("", 20)).toEqual({ hits: [], nearest: [] });
  expect(findDiseases("　", 20)).toEqual({ hits: [], nearest: [] });
});

test("one kanji, one letter and 200 letters are answered", () => {
  expect(first("癌")).toMatch(/^ICD10:C00-C/);
  expect(first("a")).toBeDefined();
  expect(() => findDiseases("糖尿".repeat(100), 20)).not.toThrow();
  expect(() => findDiseases("ab cd ".repeat(33), 20)).not.toThrow();
});

test("every hit comes once, and no more than asked for", () => {
  const { hits } = findDiseases("diabetes", 50);
  expect(new Set(hits.map(({ code }) => code)).size).toBe(hits.length);
  expect(findDiseases("diabetes", 5).hits).toEqual(hits.slice(0, 5));
});
