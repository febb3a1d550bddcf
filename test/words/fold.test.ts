import { expect, test } from "vitest";
import { foldName, wordsOf } from "../../schema/words/fold.ts";
import { tokensOf } from "../../schema/words/tokens.ts";

test.each([
  ["letter width", "ＣＯＰＤ", "copd"],
  ["half-width kana", "ｱﾄﾋﾟｰ", "アトピー"],
  ["kana", "ぜんそく", "ゼンソク"],
  ["kanji that people write in kana", "喘息", "ぜん息"],
  ["kanji that people write in kana, one by one", "骨粗鬆症", "骨粗しょう症"],
  ["words for cancer", "肺の悪性新生物", "肺がん"],
  ["organs", "肝臓がん", "肝癌"],
  ["Roman numbers of types", "Ⅱ型糖尿病", "2型糖尿病"],
  ["Japanese numbers of types", "二型糖尿病", "２型糖尿病"],
  ["long vowels", "アルツハイマー", "アルツハイマ"],
  ["dots between names", "シャルコー・マリー・トゥース病", "シャルコーマリートゥース病"],
  ["British spelling", "oesophageal tumour", "esophageal tumor"],
  ["British haemorrhage", "haemorrhage", "hemorrhage"],
  ["plurals", "gallstones", "gallstone"],
  ["a genitive", "Crohn's disease", "crohns disease"],
  ["dots of abbreviations", "C.O.P.D.", "COPD"],
  ["accents", "Sjögren", "Sjogren"],
  ["a type that stands at an abbreviation", "DM2型", "DM 2型"],
  ["an everyday word for an organ", "脳みそのがん", "脳のがん"],
  ["kana for an organ", "ひ臓の腫れ", "脾臓が腫れている"],
  ["organs in Latin", "renal cancer", "kidney carcinoma"],
])("%s makes no difference: %s is %s", (_, one, other) => {
  const plain = (text: string): readonly string[] => tokensOf(foldName(text)).filter((token) => token !== "s");
  expect(plain(one)).toEqual(plain(other));
});

test("Latin words, numbers with 型 and runs of Japanese stand apart", () => {
  expect(wordsOf(foldName("IgA腎症 2型糖尿病"))).toEqual(["iga", "腎しょう", "2型", "糖尿病"]);
  expect(wordsOf(foldName("  "))).toEqual([]);
});
