import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { codeSet } from "../../schema/codes/code-set.ts";
import { codeSystem, DISEASE_SYSTEMS } from "../../schema/codes/disease-code.ts";
import { icd10Categories } from "../../schema/codes/icd10.ts";
import { TABLE_FILES } from "../../schema/codes/rows.ts";
import { vocabularyDigest } from "../../schema/digest.ts";
import { FIELD_NAMES, FIELDS, isNumberField } from "../../schema/fields.ts";
import { valuesOf } from "../../schema/vocabulary.ts";

test("every file of tables is in the digest", () => {
  expect(readdirSync("schema/codes/data").sort()).toEqual(TABLE_FILES.map((file) => `${file}.json`));
});

test("the digest stays the same within a process, and is a SHA-256", () => {
  expect(vocabularyDigest()).toMatch(/^[0-9a-f]{64}$/);
  expect(vocabularyDigest()).toBe(vocabularyDigest());
});

/** What the code makes of every 29th code, alone and with all below it, and of every fixed value. */
const meanings = (): string => {
  const hash = createHash("sha256");
  const add = (...of: readonly unknown[]): void => {
    const plain = (_: string, value: unknown) => (value instanceof Set ? [...value] : value);
    hash.update(`${JSON.stringify(of, plain)}\n`);
  };
  for (const system of DISEASE_SYSTEMS) {
    const codes = system === "ICD10" ? icd10Categories : codeSystem(system).codes();
    codes.forEach((code, i) => {
      if (i % 29 !== 0) return;
      const value = `${system}:${code}`;
      add(value, codeSet("DISEASE", [value], true), codeSet("DISEASE", [value], false));
    });
  }
  for (const field of FIELD_NAMES) {
    if (isNumberField(field) || FIELDS[field].values !== "fixed") continue;
    for (const value of valuesOf(field)) add(field, value, codeSet(field, [value], true));
  }
  return hash.digest("hex").slice(0, 16);
};

// Tables are in the digest themselves. Code is not: where it makes something else of the same tables, editions have to
// change as well. So if this hash changes without a change of tables, count READING_VERSION up, then pin the new hash.
test("what the code makes of the tables is pinned beside READING_VERSION", () => {
  expect(meanings()).toBe("54f51e1e652a0aea");
});
