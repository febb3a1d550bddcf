import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { yamlFindings } from "./yaml-findings.ts";

const folder = mkdtempSync(join(tmpdir(), "odan-wrong-"));
afterAll(() => rmSync(folder, { recursive: true }));

const findings = (yaml: string | Uint8Array) => yamlFindings(folder, yaml);

const GOOD = `id: small
name: { en: Small Bank, ja: 小さなバンク }
contact: { name: Office, email: office@small.example }
size: { donors: 100, samples: 200 }
centres: [{ id: small/a, name: A }]
adapter:
  kind: tabular
  donors: { file: donors.csv, id: id, sex: sex, centre: site }
  diseases: { file: diseases.csv, donor: id, code: code, only: { sure: ["1"] } }
  samples: { file: samples.csv, donor: id, tubes: { dna: "01" }, year: year }
absent: { sex: ["9"] }
complete: [sex]
sex: { "1": MALE, "2": FEMALE }
centre: { "7": small/a }
sampleType: { "01": DNA }
disease: { "33": { is: ["ICD10:E10-E14"], relation: exact, label: { en: Diabetes } } }
disclosure: { off: true }
`;

test("the bank.yaml that the cases change is right", async () => expect(await findings(GOOD)).toEqual([]));

type Case = readonly [what: string, from: string | RegExp, to: string, message: string | RegExp];

/** Each was accepted, threw something else, or was told as `Invalid input`, without its line or without what to do. */
const CASES: readonly Case[] = [
  [
    "a number as a key",
    `{ "01": DNA }`,
    "{ 01: DNA }",
    /^line 15, 01: wanted quotes around a key that YAML reads as number 1, got none\. Write "01"\.$/,
  ],
  [
    "a key twice, once without quotes",
    `"2": FEMALE`,
    "1: FEMALE",
    /^line 13, 1: wanted each key once, got 1 again\. Remove one of them\.$/,
  ],
  ["a number with an exponent", `{ "01": DNA }`, "{ 1e3: DNA }", /^line 15, 1e3: wanted quotes .* number 1000/],
  ["a number in hexadecimal", `{ "01": DNA }`, "{ 0x1F: DNA }", /^line 15, 0x1F: wanted quotes .* number 31/],
  ["a decimal", `{ "01": DNA }`, "{ 1.0: DNA }", /^line 15, 1\.0: wanted quotes/],
  ["a truth value", `{ "1": MALE`, "{ True: MALE", /^line 13, True: wanted quotes .* boolean true/],
  ["nothing as a key", `{ "1": MALE`, "{ ~: MALE", /^line 13, ~: wanted quotes .* nothing/],
  ["a word for nothing as a key", `{ "1": MALE`, "{ null: MALE", /^line 13, null: wanted quotes .* nothing/],
  ["an empty local code", `{ "1": MALE`, `{ "": MALE`, /^line 13, : wanted a code or a name, got ""/],
  [
    "a local code with a blank at its end",
    `{ "1": MALE`,
    `{ "1 ": MALE`,
    /^line 13, 1 : wanted no blank or invisible character, got U\+0020\. Remove it\.$/,
  ],
  ["an ideographic space", `{ "1": MALE`, `{ "　1": MALE`, /got U\+3000/],
  ["a zero width space", `{ "1": MALE`, `{ "1\u200B": MALE`, /got U\+200B/],
  [
    "smart quotes around a key",
    `{ "1": MALE`,
    "{ “1”: MALE",
    /^line 13, “1”: wanted plain quotes, got “1”\. Write "1"\.$/,
  ],
  ["smart quotes around a value", `[sex]`, "[“sex”]", /^line 12: wanted plain quotes, got “sex”\./],
  [
    "a comma in a number",
    "donors: 100",
    "donors: 5,000",
    /^line 4, 000: wanted a number without commas, got the digits 000 after one\.$/,
  ],
  [
    "a merge key",
    "sex: {",
    "sex: { <<: { a: MALE },",
    /^line 13, <<: wanted settings, got a merge key\. Write the settings out\.$/,
  ],
  ["a list as a key", "sex: {", "sex: { [a]: MALE,", /wanted a text as the name of a setting/],
  [
    "a variable in small letters",
    "name: A",
    `name: "\${lower}"`,
    /^line 5: wanted a variable such as \$\{NAME\} or .*, in capitals, got \$\{lower\}\.$/,
  ],
  ["no donors", "donors: 100", "donors: 0", "line 4, size.donors: wanted at least 1, got 0"],
  [
    "fewer samples than donors",
    "samples: 200",
    "samples: 20",
    /^line 4, size\.samples: wanted at least as many samples as donors \(100\).*got 20$/,
  ],
  [
    "the ends of an interval exchanged",
    "disclosure:",
    "year: { off: [1, -1] }\ndisclosure:",
    "line 17, year.off: wanted the lower end first, got [1, -1]. Write [-1, 1].",
  ],
  [
    "a centre that is not declared",
    "small/a }\nsampleType",
    "small/b }\nsampleType",
    /^line 14, centre\.7: wanted one of centres, small\/a, got small\/b\. Declare it under centres\.$/,
  ],
  [
    "a centre that is there twice",
    "[{ id: small/a, name: A }]",
    "[{ id: small/a, name: A }, { id: small/a, name: B }]",
    /^line 5, centres\.1\.id: wanted each centre once, got small\/a again/,
  ],
  [
    "a warrant without its column",
    ", sex: sex",
    "",
    /^line 13, sex: wanted a place for it in adapter, got none\. Say there where sex stands, or remove the section\.$/,
  ],
  [
    "a warrant for a field that is not there",
    "[sex]",
    "[sex, age]",
    /^line 12, complete\.1: wanted fields that adapter has a place for, got age\./,
  ],
  [
    "a warrant without its section",
    "[sex]",
    "[sex, cohort]",
    /^line 12, complete\.1: wanted fields with a section of their own, got cohort\. Add the section cohort, or remove it here\.$/,
  ],
  [
    "a warrant that is there twice",
    "[sex]",
    "[sex, sex]",
    /^line 12, complete\.1: wanted each field once, got sex again/,
  ],
  [
    "a mark of absence that is mapped too",
    `sex: ["9"]`,
    `sex: ["2"]`,
    /^line 11, absent\.sex\.0: wanted marks that sex does not map, got "2"/,
  ],
  [
    "a tube of no sample type",
    `dna: "01"`,
    `dna: "02"`,
    /^line 10, adapter\.samples\.tubes\.dna: wanted a code of sampleType, one of 01, got 02\./,
  ],
  [
    "no tubes",
    `tubes: { dna: "01" }`,
    "tubes: {}",
    "line 10, adapter.samples.tubes: wanted columns that count samples, got none",
  ],
  [
    "no rows to keep",
    `only: { sure: ["1"] }`,
    "only: {}",
    "line 9, adapter.diseases.only: wanted columns and the texts to keep, got none",
  ],
  [
    "no local codes",
    `{ "1": MALE, "2": FEMALE }`,
    "{}",
    /^line 13, sex: wanted the bank's codes and what they mean, got none\./,
  ],
  [
    "no name",
    /name: \{ en: Small.*\n/,
    "",
    /^line 1, name: wanted a text or settings \(name: value\), got nothing\. Add it\.$/,
  ],
  ["a name in no language", /\{ en: Small.*\}/, "{}", "line 2, name: wanted a text in en, in ja or in both"],
  [
    "an unknown system",
    /disease: .*\n/,
    "disease: { system: ICD-10 }\n",
    /^line 16, disease\.system: wanted one of ICD10, .* or a list, got "ICD-10"/,
  ],
  [
    "an unknown relation",
    "relation: exact",
    "relation: same",
    `line 16, disease.33.relation: wanted one of exact, narrower, broader, got "same"`,
  ],
  ["a number as a code", `code: code`, "code: 5", "line 9, adapter.diseases.code: wanted a text or a list, got 5"],
  ["a number as a mark", `["9"]`, "[9]", "line 11, absent.sex.0: wanted a text, got 9. Put quotes around it."],
  [
    "an unknown format",
    "year: year",
    "year: { column: year, format: YYYY/MM/DD }",
    /^line 10, adapter\.samples\.year\.format: wanted one of yyyy, .*, got "YYYY\/MM\/DD"/,
  ],
  ["what is no e-mail address", "office@small.example", "office", /^line 3, contact\.email: wanted an e-mail address/],
  [
    "an address of a script",
    "disclosure:",
    "url: javascript:alert(1)\ndisclosure:",
    /^line 17, url: wanted a web address/,
  ],
  ["a federated code that does not exist", "E10-E14", "E10-E99", /^line 16, disease\.33: wanted a code of ICD-10/],
  [
    "a sex that does not exist",
    "MALE, ",
    "MAN, ",
    /^line 13, sex\.1: wanted one of FEMALE, MALE, OTHER, got "MAN"\. Did you mean MALE\?$/,
  ],
  ["two documents", "disclosure:", "---\ndisclosure:", /multiple documents/],
  ["a list", /[\s\S]*/, "- id: small\n", /^line 1: wanted settings such as `id: bbj`/],
  ["an empty file", /[\s\S]*/, "", /^line 1: wanted settings/],
  ["an unknown tag", "name: A", "name: !secret A", /Unresolved tag/],
];

describe("a wrong bank.yaml is refused with line, field, what was wanted and what to do", () => {
  test.for(CASES)("%s", async ([, from, to, message]) => {
    const yaml = GOOD.replace(from, to);
    expect(yaml, "the case changes the file").not.toBe(GOOD);
    const found = await findings(yaml);
    const [first = "nothing"] = found;
    if (typeof message === "string") expect(first).toBe(message);
    else expect(first).toMatch(message);
  });

  test("bytes of another encoding", async () => {
    const cp932 = Buffer.concat([Buffer.from("id: small\nname: "), Buffer.from([0x83, 0x6f, 0x83, 0x93, 0x0a])]);
    expect(await findings(cp932)).toEqual([
      "line 2: wanted text in UTF-8, got bytes of another encoding. Save the file as UTF-8; only data files may be in cp932.",
    ]);
    expect(await findings(Buffer.from(`\uFEFF${GOOD}`, "utf16le"))).toEqual([
      expect.stringMatching(/^line 1: wanted text in UTF-8/),
    ]);
    expect(await findings(`\uFEFF${GOOD}`), "a mark of the byte order is no fault").toEqual([]);
  });

  test("aliases that grow without bounds", async () => {
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${[..."bcdefgh"].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefg"[i]}`)}]`).join("\n")}\n`;
    expect(await findings(bomb)).toEqual(["wanted at most 100 aliases (*name), got more. Write the settings out."]);
  });

  test("a file that is too long", async () => {
    expect(await findings(`${GOOD}#${"x".repeat(2 ** 20)}`)).toEqual([
      expect.stringMatching(/^wanted at most 1048576 characters/),
    ]);
  });
});
