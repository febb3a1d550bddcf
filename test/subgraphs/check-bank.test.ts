import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type BankReport, checkBank } from "../../subgraphs/check/check-bank.ts";

const root = mkdtempSync(join(tmpdir(), "odan-check-"));
afterAll(() => rmSync(root, { recursive: true }));

const YAML = `id: small
name: { en: Small Bank, ja: 小さなバンク }
contact: { name: Office, email: office@small.example }
size: { donors: 100, samples: 200 }
adapter:
  kind: tabular
  donors: { file: donors.csv, id: id, sex: sex }
  diseases: { file: diseases.csv, donor: id, code: code, only: { sure: ["1"] } }
  samples: { file: samples.csv, donor: id, type: kind, year: year }
disease: { system: ICD10 }
sex: { "1": MALE, "2": FEMALE }
sampleType: { P: PLASMA, D: DNA }
absent: { sex: ["9"] }
disclosure: { off: true }
`;
const FILES = {
  "donors.csv": "id,sex\n1,1\n2,2\n3,2\n4,9\n",
  "diseases.csv": "id,code,sure\n1,E11.9,1\n2,I10,1\n3,E11.9,1\n4,I10,1\n",
  "samples.csv": "tube,id,kind,year\n1,1,P,2018\n2,2,D,2018\n3,3,P,2019\n4,4,D,2020\n",
} as const;

type Files = { readonly [name: string]: string | Buffer };
let folders = 0;

const check = async (files: Files, yaml = YAML, env = {}): Promise<BankReport> => {
  folders += 1;
  const folder = mkdtempSync(join(root, `${folders}-`));
  for (const [name, text] of Object.entries({ ...FILES, ...files })) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "bank.yaml"), yaml);
  return checkBank(join(folder, "bank.yaml"), env);
};

const found = ({ findings }: BankReport, id: string) => findings.filter((finding) => finding.id === id);
const errors = ({ findings }: BankReport): readonly string[] =>
  findings.filter(({ level }) => level === "ERROR").map(({ id }) => id);

test("a bank without faults has no errors, its numbers and the coverage of each field", async () => {
  const report = await check({});
  expect(errors(report)).toEqual([]);
  expect(report).toMatchObject({
    bank: "small",
    kind: "tabular",
    checked: true,
    everything: { donors: 4, samples: 4 },
  });
  expect(report.coverage.find(({ field }) => field === "SEX")).toMatchObject({
    mapped: { rows: 3, donors: 3 },
    unmapped: { rows: 0, donors: 0 },
    absent: { rows: 1, donors: 1 },
  });
  expect(found(report, "data.missing")).toMatchObject([{ field: "SEX", line: 11, got: "1 donors without" }]);
});

describe("values without a meaning", () => {
  test("are told with their number and the line of their section", async () => {
    const report = await check({ "diseases.csv": `${FILES["diseases.csv"]}1,不明,1\n2,不明,1\n2,X9,1\n` });
    expect(found(report, "mapping.unmapped")).toMatchObject([
      { level: "ERROR", field: "DISEASE", line: 10, got: '3 records of 2 donors: "不明" in 2, "X9" in 1' },
    ]);
    expect(report.coverage.find(({ field }) => field === "DISEASE")).toMatchObject({
      unmapped: { rows: 3, donors: 2 },
    });
  });

  test("that complete rules out are a false warrant, at its line", async () => {
    const report = await check({ "donors.csv": "id,sex\n1,1\n2,女\n3,2\n4,2\n" }, `${YAML}complete: [sex]\n`);
    expect(found(report, "complete.false")).toMatchObject([{ field: "SEX", line: 15, got: '1 donors: "女" in 1' }]);
    expect(errors(report)).toEqual(["complete.false"]);
  });

  test("stand beside codes of bank.yaml that no row has", async () => {
    const report = await check({}, YAML.replace("D: DNA", "D: DNA, S: SERUM"));
    expect(found(report, "mapping.unused")).toMatchObject([{ level: "WARNING", field: "SAMPLE_TYPE", got: '"S"' }]);
  });
});

describe("the data are told by file, line and column", () => {
  test("a cell that is no year, after a cell of two lines", async () => {
    const samples = 'tube,id,kind,year\n"1\n1",1,P,2018\n2,2,D,H30\n3,3,P,2019\n4,4,D,H30\n';
    const report = await check({ "samples.csv": samples });
    expect(found(report, "data.unreadable")).toMatchObject([
      { file: "samples.csv", line: 4, column: "year", got: '"H30" in 2 rows' },
    ]);
    expect(found(report, "not-checked")).toMatchObject([{ skippedBecause: "data.unreadable" }]);
  });

  test("an id that stands there twice", async () => {
    const report = await check({ "donors.csv": `${FILES["donors.csv"]}1,2\n` });
    expect(found(report, "data.ids")).toMatchObject([
      { file: "donors.csv", line: 6, column: "id", got: '"1" in 2 rows' },
    ]);
  });

  test("a sample of nobody", async () => {
    const report = await check({ "samples.csv": `${FILES["samples.csv"]}5,77,P,2018\n` });
    expect(found(report, "data.orphans")).toMatchObject([
      { file: "samples.csv", line: 6, column: "id", got: '1 rows of others, such as "77"' },
    ]);
  });

  // Whoever is told to set unknownDonors loses every row of such a file.
  test("ids of another file that lost their zeros", async () => {
    const donors = FILES["donors.csv"].replace(/^(\d),/gm, "00$1,");
    const report = await check({ "donors.csv": donors });
    expect(found(report, "data.orphans")[0]?.remedy?.en).toContain("donors.idDigits to 3");
  });

  test("a row without any text", async () => {
    const report = await check({ "donors.csv": `${FILES["donors.csv"]},\n` });
    expect(found(report, "data.ids")[0]).toMatchObject({ line: 6, got: "1 rows without" });
    expect(found(report, "data.ids")[0]?.remedy?.en).toContain("donors.skip");
  });

  test("a file in another encoding than the others", async () => {
    const text = Buffer.from(`\ufeff${FILES["samples.csv"]}`, "utf16le");
    const report = await check({ "samples.csv": text }, YAML.replace("tabular", "tabular\n  encoding: cp932"));
    expect(found(report, "source.broken")).toMatchObject([{ file: "samples.csv", got: "the mark of utf-16le" }]);
    expect(found(report, "source.broken")[0]?.remedy?.en).toContain("encodings");
  });

  test("a row that does not look like the others", async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `D${String(i).padStart(3, "0")},1`);
    const donors = `id,sex\n1,1\n2,1\n3,2\n4,1\n${ids.join("\n")}\n出力日 2024-04-01,\n`;
    const report = await check({ "donors.csv": donors });
    expect(found(report, "data.unlike")).toMatchObject([]);
    const plain = `id,sex\n${Array.from({ length: 40 }, (_, i) => `${i + 1},1`).join("\n")}\n出力日 2024-04-01,\n`;
    expect(found(await check({ "donors.csv": plain }), "data.unlike")).toMatchObject([
      { level: "WARNING", file: "donors.csv", line: 42, column: "id", got: '"出力日 2024-04-01"' },
    ]);
  });

  test("rows of which only says nothing, and a text of it that no row has", async () => {
    const report = await check(
      { "diseases.csv": "id,code,sure\n1,E11,1\n2,E11,１ \n3,E11,0\n" },
      YAML.replace('["1"]', '["1", "yes"]'),
    );
    expect(found(report, "only.unused")).toMatchObject([{ file: "diseases.csv", column: "sure", got: '"yes"' }]);
    expect(found(report, "data.doubtful")[0]?.got).toContain('"0" in 1 rows');
  });
});

test("two faulty files are both told, and the sound one's coverage", async () => {
  const report = await check({ "diseases.csv": "id,code,sure\n1,E11\n", "samples.csv": 'tube,id,kind,year\n"1,1,P\n' });
  expect(found(report, "source.broken").map(({ file, line }) => [file, line])).toEqual([
    ["diseases.csv", 2],
    ["samples.csv", 2],
  ]);
  expect(report.coverage.map(({ field }) => field)).toEqual(["SEX"]);
});

test("a column that is not there is told by its setting and its line", async () => {
  const report = await check({}, YAML.replace("sex: sex }", "sex: gender }"));
  expect(found(report, "source.broken")).toMatchObject([
    { at: "adapter.donors.sex", line: 7, wanted: "a column of donors.csv" },
  ]);
});

test("a bound that is too small is an error", async () => {
  const report = await check({}, YAML.replace("donors: 100", "donors: 3"));
  expect(found(report, "size.too-small")).toMatchObject([
    { at: "size.donors", line: 4, wanted: "at least 4", got: "3" },
  ]);
});

test("every wrong setting is told with its line, and what was not checked for it", async () => {
  const report = await check({}, YAML.replace("samples: 200", "samples: 0").replace("small.example", "small"));
  expect(found(report, "settings.wrong")).toMatchObject([
    { line: 3, at: "contact.email", wanted: "an e-mail address such as office@bank.example" },
    { line: 4, at: "size.samples", wanted: "at least 1", got: "0" },
  ]);
  expect(found(report, "not-checked")).toMatchObject([{ skippedBecause: "settings.wrong" }]);
});

test("faults of the adapter's section are told together with those of the codes", async () => {
  const report = await check(
    {},
    YAML.replace('"1": MALE', '"1": MAN').replace("kind: tabular", "kind: tabular\n  colour: red"),
  );
  expect(found(report, "settings.wrong")).toMatchObject([
    { line: 7, at: "adapter.colour" },
    { line: 12, at: "sex.1" },
  ]);
});

test("a bank.yaml that is not there could not be checked", async () => {
  const report = await checkBank(join(root, "none.yaml"), {});
  expect(report).toMatchObject({ checked: false, findings: [{ id: "settings.unreadable", got: "ENOENT" }, {}] });
});

const REMOTE = (adapter: string): string =>
  YAML.replace(/adapter:[\s\S]*?\ndisease/, `adapter: ${adapter}\ndisease`)
    .replace("sampleType: { P: PLASMA, D: DNA }\n", "")
    .replace("disease: { system: ICD10 }\n", "");

describe("a local API over the network", () => {
  test("that nobody listens for is unreachable, and could not be checked", async () => {
    const report = await check(
      {},
      REMOTE("{ kind: sqon, url: http://127.0.0.1:1/graphql, donors: { fields: { sex: sex } } }"),
    );
    expect(errors(report)).toEqual(["source.unreachable"]);
    expect(report.checked).toBe(false);
  });

  test("that refuses the password is told so", async () => {
    const server = createServer((_, response) => response.writeHead(401).end());
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    const auth = "{ basic: { user: odan, password: env:BANK_PASSWORD } }";
    const yaml = REMOTE(`{ kind: sqon, url: "${url}", auth: ${auth}, donors: { fields: { sex: sex } } }`);
    const report = await check({}, yaml, { BANK_PASSWORD: "wrong-password" });
    server.close();
    expect(errors(report)).toEqual(["source.refused"]);
    expect(report.checked).toBe(false);
    expect(JSON.stringify(report)).not.toContain("wrong-password");
  });
});
