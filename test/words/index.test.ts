import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { codeSystem, splitDisease } from "../../schema/codes/disease-code.ts";
import { icd10Children, icd10Groups, icd10Label, icd10Level, normalizeIcd10 } from "../../schema/codes/icd10.ts";
import { WORDS_FILE } from "../../schema/words/read-words.ts";
import { makeIndex, rowsOf, SOURCES } from "./make-index.ts";

test("the prepared index is what the data give", { timeout: 60_000 }, () => {
  const stands = brotliDecompressSync(readFileSync(WORDS_FILE));
  expect(stands.equals(makeIndex()), "wanted the index of these data: npm run words:index").toBe(true);
});

test.each(SOURCES)("every row of %s names a code in its normal form, a language, a kind and names", (file) => {
  const faulty = rowsOf(file).filter(({ code, lang, kind, names }) => {
    const [system, own] = splitDisease(code);
    const isKnown = codeSystem(system).normalize(own) === own;
    const hasKind = /^(lay|synonym|abbreviation|spelling|narrower)$/.test(kind);
    return !isKnown || !/^(en|ja)$/.test(lang) || !hasKind || names.some((name) => name.trim() !== name || name === "");
  });
  expect(faulty).toEqual([]);
});

test("our own names stand once for each code", () => {
  const names = rowsOf("lay").flatMap(({ code, names: of }) => of.map((name) => `${code} ${name.toLowerCase()}`));
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test("groups that people mean are ranges of categories with a name in both languages", () => {
  expect(icd10Groups.length).toBeGreaterThan(140);
  for (const group of icd10Groups) {
    expect(normalizeIcd10(group)).toBe(group);
    if (icd10Level(group) !== "RANGE") continue;
    expect(icd10Children(group).length, group).toBeGreaterThan(0);
    expect(icd10Label(group).en, group).not.toContain(" – ");
  }
});
