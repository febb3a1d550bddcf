import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { BankYamlError } from "../../subgraphs/mapping/bank-yaml-error.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { variablesIn } from "../../subgraphs/mapping/variables.ts";
import { readBank } from "../../subgraphs/serve/open.ts";

const GOOD = `id: small
name: { en: Small Bank }
contact: { name: Office, email: office@small.example }
size: { donors: 100 }
adapter: { kind: tabular, folder: "\${SMALL_FOLDER:-data}" }
sex: { "1": MALE, "2": FEMALE }
disease:
  "33": { label: { ja: 糖尿病 }, is: ["ICD10:E10-E14"] }
disclosure: { off: true }
`;

const findings = (yaml: string, env = {}): readonly string[] => {
  try {
    parseMapping(yaml, "bank.yaml", env);
  } catch (error) {
    if (error instanceof BankYamlError) return error.findings;
    throw error;
  }
  return [];
};

describe("a bank.yaml that cannot be used names line, field and remedy", () => {
  test("the good one has no findings", () => expect(findings(GOOD)).toEqual([]));

  // Japanese keyboards make a wave dash of a range's hyphen.
  test.each(["〜", "～", "~", "–", "－", " ～ "])("a range of codes is written with %s too", (dash) => {
    const [one, other] = [GOOD, GOOD.replace("E10-E14", `E10${dash}E14`)].map((yaml) =>
      parseMapping(yaml, "bank.yaml", {}),
    );
    expect(other?.fields.DISEASE?.codes[0]?.is).toEqual(one?.fields.DISEASE?.codes[0]?.is);
  });

  test.for([
    [
      "an unknown setting",
      GOOD.replace("sex:", "sexx:"),
      /^line 6, sexx: unknown setting: wanted one of id, name, .*disclosure, got sexx\. Remove it or write sex\.$/,
    ],
    [
      "an unknown setting deep inside",
      GOOD.replace("donors: 100", "doners: 100"),
      "line 4, size.doners: unknown setting: wanted one of donors, samples, samplesPerDonor, enrolmentsPerPerson, got doners. Remove it or write donors.",
    ],
    ["a wrong type", GOOD.replace("donors: 100", "donors: many"), 'line 4, size.donors: wanted a number, got "many"'],
    ["a bad e-mail", GOOD.replace("office@small.example", "office"), /^line 3, contact\.email: /],
    ["a missing section", GOOD.replace(/contact:.*\n/, ""), /^line 1, contact: /],
    [
      "an unknown federated value",
      GOOD.replace("MALE,", "MAN,"),
      'line 6, sex.1: wanted one of FEMALE, MALE, OTHER, got "MAN". Did you mean MALE?',
    ],
    ["an unknown disease", GOOD.replace("E10-E14", "E10-E99Z"), /^line 8, disease\.33: wanted a code of ICD-10/],
    [
      "a variable that is not set",
      GOOD.replace(":-data", ""),
      "line 5, adapter.folder: wanted a value, got none (from the environment variable SMALL_FOLDER)",
    ],
    ["a setting that is there twice", `${GOOD}sex: { "1": MALE }\n`, /Map keys must be unique/],
  ] as const)("%s", ([, yaml, message]) => {
    const [found = ""] = findings(yaml);
    if (typeof message === "string") expect(found).toBe(message);
    else expect(found).toMatch(message);
  });
});

// The file was called bank.yaml whatever its name, without a line; a wrong value did not say where it came from.
test("a wrong value of an environment variable is told with the file, the line and the variable", async () => {
  const file = "subgraphs/banks/tmm/bank.yaml";
  await expect(readBank(file, { ODAN_TMM_URL: "file:///etc" })).rejects.toThrow(
    `${file}: line 14, adapter.url: wanted a URL such as https://bank.example/api (from the environment variable ODAN_TMM_URL)`,
  );
});

test("a bank.yaml names the variables that it refers to", () => {
  expect(variablesIn(`a: \${ONE}\nb: x\${TWO:-y}z # \${three}\npassword: env:FOUR\n`)).toEqual(["ONE", "TWO", "FOUR"]);
});

test("one language stands in for the other, and the environment for a variable", () => {
  const mapping = parseMapping(GOOD, "bank.yaml", { SMALL_FOLDER: "/data/small" });
  expect(mapping.name).toEqual({ en: "Small Bank", ja: "Small Bank" });
  expect(mapping.yaml.adapter["folder"]).toBe("/data/small");
  expect(mapping.fields.DISEASE?.codes[0]?.label).toEqual({ en: "糖尿病", ja: "糖尿病" });
});

test("BBJ's mapping has its 51 target diseases", async () => {
  const file = "subgraphs/banks/bbj/bank.yaml";
  expect(parseMapping(await readFile(file, "utf8"), file, {}).fields.DISEASE?.codes).toHaveLength(51);
});
