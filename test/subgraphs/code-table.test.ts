import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { codeSet, meets } from "../../schema/codes/code-set.ts";
import { BankYamlError } from "../../subgraphs/mapping/bank-yaml-error.ts";
import { type Mapping, parseMapping } from "../../subgraphs/mapping/mapping.ts";

const YAML = `id: small
name: Small Bank
contact: { name: Office, email: office@small.example }
size: { donors: 100 }
adapter: { kind: tabular }
SECTIONS
disclosure: { off: true }
`;

/** A bank.yaml in a folder of its own, with these files beside it. */
const read = async (sections: string, files: { readonly [name: string]: string | Buffer }): Promise<Mapping> => {
  const folder = await mkdtemp(join(tmpdir(), "odan-table-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return parseMapping(YAML.replace("SECTIONS", sections), join(folder, "bank.yaml"), {});
};
const findings = async (sections: string, files: { readonly [name: string]: string | Buffer }) => {
  try {
    await read(sections, files);
  } catch (error) {
    if (error instanceof BankYamlError) return error.findings;
    throw error;
  }
  return [];
};

const DISEASE = "disease: { system: ICD10, table: codes.csv }";
const GOOD = `code,is,relation,label_en,label_ja
0012,E11,exact,Type 2 diabetes,2型糖尿病
"33","E10-E14|ICD10:O24",,"Diabetes, any kind",糖尿病
LA,ORPHA:803 ONCOTREE:LUAD,,,肺がんなど
?,E78,broader,,
`;

/** A table whose labels are these bytes. */
const labelled = (first: string, second: string): Buffer =>
  Buffer.concat([
    Buffer.from("code,is,label\r\n1,ICD10:E10-E14,"),
    Buffer.from(first, "hex"),
    Buffer.from("\r\n2,ICD10:C34,"),
    Buffer.from(second, "hex"),
    Buffer.from("\r\n"),
  ]);
/** 糖尿病 and 肺がん. */
const CP932 = labelled("939c94419561", "947882aa82f1");
const EUC_JP = labelled("c5fcc7a2c9c2", "c7d9a4aca4f3");

test("a table says what bank.yaml would say", async () => {
  const inYaml = await read(
    `disease:
  "0012": { is: "ICD10:E11", relation: exact, label: { en: Type 2 diabetes, ja: 2型糖尿病 } }
  "33": { is: ["ICD10:E10-E14", "ICD10:O24"], label: { en: "Diabetes, any kind", ja: 糖尿病 } }
  LA: { is: ["ORPHA:803", "ONCOTREE:LUAD"], label: { ja: 肺がんなど } }
  "?": { is: "ICD10:E78", relation: broader }`,
    {},
  );
  for (const content of [GOOD, `\ufeff${GOOD.replaceAll("\n", "\r\n")}`, `${GOOD}\n\n,,,,\n`]) {
    const { DISEASE: disease } = (await read(DISEASE, { "codes.csv": content })).fields;
    const byCode = (codes: NonNullable<typeof disease>["codes"]) => new Map(codes.map((code) => [code.code, code]));
    expect(byCode(disease!.codes)).toEqual(byCode(inYaml.fields.DISEASE!.codes));
  }
});

test("any field may have a table, and a TSV is one", async () => {
  const { fields } = await read(
    "sex: { table: sex.csv }\nsampleType: { table: types.tsv }\nuse: { codes: { table: use.csv } }\ncentre: { table: centres.csv }\nfamily: { table: family.csv }",
    {
      "sex.csv": "is,code\nMALE,01\nFEMALE,02\n",
      "types.tsv": "code\tis\nP,S\tPLASMA SERUM\n",
      "use.csv": "Code,Is,Label\nAC,ACADEMIC,学術\n",
      "centres.csv": "code,is\n1,small/north\n",
      "family.csv": "code,is\n0,NONE\n1,TRIO\n",
    },
  );
  expect(fields.SEX!.codes.map(({ code, is }) => [code, ...is])).toEqual([
    ["01", "MALE"],
    ["02", "FEMALE"],
  ]);
  expect(fields.SAMPLE_TYPE!.codes.map(({ code, is }) => [code, ...is])).toEqual([["P,S", "PLASMA", "SERUM"]]);
  expect(fields.USE!.codes[0]!.label).toEqual({ en: "学術", ja: "学術" });
  expect(fields.CENTRE!.codes[0]!.is).toEqual(["small/north"]);
  expect(meets(fields.FAMILY!.codes[1]!.means, codeSet("FAMILY", ["RELATIVE_HELD"], true))).toBe(true);
});

test("a table of another encoding is read when bank.yaml names it", async () => {
  for (const [encoding, table] of [
    ["cp932", CP932],
    ["euc-jp", EUC_JP],
  ] as const) {
    const { fields } = await read(`disease: { table: codes.csv, encoding: ${encoding} }`, { "codes.csv": table });
    expect(fields.DISEASE!.codes.map(({ label }) => label.ja)).toEqual(["糖尿病", "肺がん"]);
  }
  expect(await findings("disease: { table: codes.csv }", { "codes.csv": CP932 })).toEqual([
    "codes.csv: wanted text in UTF-8, got bytes that it does not have. Name the file's own: { table: ..., encoding: cp932 }.",
  ]);
});

test.for<[what: string, csv: string, ...findings: (string | RegExp)[]]>([
  [
    "an unknown code, below a cell of two lines",
    'code,is,label\n1,E11,"a\nb"\n2,E10 E1X,c\n',
    /^codes\.csv, line 4, column is: wanted a code of ICD-10.*, got "ICD10:E1X"\. Did you mean ICD10:E1\d/,
  ],
  [
    "an unknown relation",
    "code,is,relation\n1,E11,near\n",
    'codes.csv, line 2, column relation: wanted exact, narrower, broader or nothing, got "near". Mend its spelling.',
  ],
  [
    "a code twice",
    "code,is\n1,E11\n\n1,E10\n",
    /^codes\.csv, line 4, column code: wanted each code once, got "1" as in line 2\. Put all/,
  ],
  [
    "empty cells",
    "code,is\n,E11\n2,\n",
    /^codes\.csv, line 2, column code: wanted a code of the bank, got an empty cell/,
    /^codes\.csv, line 3, column is: wanted the federated codes/,
  ],
  [
    "a comma without quotes",
    "code,is,label\n1,E11,a,b\n2,E10\n",
    "codes.csv, line 2: wanted 3 cells, got 4. Put quotes around cells that hold a comma.",
    /^codes\.csv, line 3: wanted 3 cells, got 2/,
  ],
  [
    "an unknown column",
    "code,is,lable\n1,E11,a\n",
    /^codes\.csv, line 1, column 3: wanted one of code, is, relation, label, label_en, label_ja, got "lable"/,
  ],
  ["a column twice", "code,is,is\n1,E11,E10\n", /^codes\.csv, line 1, column 3: wanted each column once, got is again/],
  ["no column is", "code,label\n1,a\n", "codes.csv, line 1: wanted a column is, got none. Add it."],
  ["a quote that is not closed", 'code,is\n1,E11\n2,"E10\n3,E14\n', /^codes\.csv, line 3: wanted cells with quotes/],
  ["an empty file", "", "codes.csv: wanted a first line with the names of columns, got an empty file."],
])("%s is told with its line", async ([, csv, ...expected]) => {
  const found = await findings(DISEASE, { "codes.csv": csv });
  expect(found).toHaveLength(expected.length);
  expected.forEach((message, i) => {
    if (typeof message === "string") expect(found[i]).toBe(message);
    else expect(found[i]).toMatch(message);
  });
});

test.for([
  ["disease: { table: gone.csv }", /^gone\.csv: wanted a readable file beside bank\.yaml, got ENOENT\. Add it or mend/],
  ["disease: { table: ../codes.csv }", /^line 6, disease\.table: wanted a file in the folder of bank\.yaml/],
  ["disease: { table: /etc/passwd }", /^line 6, disease\.table: wanted a file in the folder of bank\.yaml/],
  ["disease: { table: codes.csv, encodng: cp932 }", /^line 6, disease\.encodng: unknown setting/],
  ["disease: { table: codes.csv, encoding: latin1 }", /^line 6, disease\.encoding: /],
  ["sex: { table: codes.csv, system: ICD10 }", /^line 6, sex\.system: unknown setting/],
  ["use: { codes: { table: 5 } }", /^line 6, use\.codes\.table: /],
  ["disease: { system: ICD11 }", /^line 6, disease\.system: /],
] as const)("%s is told with its line in bank.yaml", async ([section, message]) => {
  const [found = ""] = await findings(section, { "codes.csv": GOOD });
  expect(found).toMatch(message);
});
