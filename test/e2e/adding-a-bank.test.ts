import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../gateway/cli/run.ts";
import type { BankReport } from "../../subgraphs/check/check-bank.ts";
import { openGateway, SEARCH, type SearchShown } from "./house.ts";

/**
 * Three exports as docs/adding-a-bank.md describes them, in cp932. Donors 1, 2 and 5 have type 2 diabetes: 4 is suspected of it only
 * and 3 has type 1.
 */
const EXPORTS = {
  "患者.csv": [
    "患者番号,性別,生年月日",
    "0001,1,1955/04/03",
    "0002,2,19601231",
    "0003,2,1948/01/05",
    "0004,9,1970/07/07",
    "0005,1,1966/2/1",
  ],
  "病名.csv": [
    "患者番号,病名コード,状態",
    "0001,E11.9;I10,確定",
    '0002,"E11.2、I10",確定',
    "0003,E10.9,確定",
    "0004,E11.9,疑い",
    "0005,不明;E119,確定",
  ],
  "検体.csv": [
    "検体番号,患者番号,種別,採取日",
    "T1,0001,血漿,2018/04/01",
    "T2,0001,血清,2018/4/1",
    "T3,0002,血漿,H30.4.1",
    "T4,0003,DNA,令和元年5月1日",
    "T5,0005,血漿,2020/3/3",
  ],
} as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "odan-journey-"));
  for (const [name, lines] of Object.entries(EXPORTS)) {
    await writeFile(path.join(folder, name), cp932(`${lines.join("\r\n")}\r\n`));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The bytes of a text; Node can only read the encoding, so each character is looked up among all that it can be. */
const cp932 = (text: string): Uint8Array => {
  const decoder = new TextDecoder("shift_jis");
  const bytes = new Map<string, readonly number[]>();
  for (let lead = 0x81; lead <= 0xfc; lead++) {
    for (let trail = 0x40; trail <= 0xfc; trail++) {
      const character = decoder.decode(Uint8Array.of(lead, trail));
      if (!bytes.has(character)) bytes.set(character, [lead, trail]);
    }
  }
  return Uint8Array.from(
    [...text].flatMap((character) =>
      character <= "\u007f" ? [character.charCodeAt(0)] : [...(bytes.get(character) ?? [])],
    ),
  );
};

const check = async (yaml: string): Promise<{ readonly code: number; readonly report: BankReport }> => {
  const file = path.join(folder, "bank.yaml");
  await writeFile(file, yaml);
  const out: string[] = [];
  const print = (text: string) => out.push(text);
  const code = await run(["bank", "check", file, "--json"], {
    env: {},
    colours: false,
    print,
    complain: () => undefined,
  });
  return { code, report: JSON.parse(out.join("\n")) as BankReport };
};

const yamlOfDocs = async (): Promise<string> =>
  /(?<=```yaml\n)[\s\S]*?(?=```)/.exec(await readFile("docs/adding-a-bank.md", "utf8"))?.[0] ?? "";

test("the check tells an operator's usual slips at once, each with its place", async () => {
  const slips = (await yamlOfDocs())
    .replace(', "、"]', "]")
    .replace("[yyyy/mm/dd, era]", "yyyy/mm/dd")
    .replace(", disease: [不明]", "")
    .replace(", DNA: DNA", "");
  const { code, report } = await check(slips);
  expect(code).toBe(1);
  const places = report.findings
    .filter(({ level }) => level === "ERROR")
    .map(({ id, file, line, column, field }) => [id, file?.split("/").at(-1), line, column ?? field]);
  expect(places).toEqual([
    ["data.unreadable", "検体.csv", 4, "採取日"],
    ["data.unreadable", "検体.csv", 5, "採取日"],
    ["mapping.unmapped", "bank.yaml", 11, "DISEASE"],
    ["mapping.unmapped", "bank.yaml", 13, "SAMPLE_TYPE"],
  ]);
});

test("the bank.yaml of the docs has no error, and the count is exact and true", async () => {
  const { code, report } = await check(await yamlOfDocs());
  expect(report.findings.filter(({ level }) => level === "ERROR")).toEqual([]);
  expect(code).toBe(0);
  const gateway = await openGateway([path.join(folder, "bank.yaml")], {});
  try {
    const where = { disease: { codes: ["ICD10:E11"] } };
    const { search } = await gateway.ask<{ search: SearchShown }>(SEARCH, { where });
    expect(search.banks[0]).toMatchObject({ donors: { min: 3, max: 3, exact: true, because: [] } });
    const elder = { all: [where, { sample: { ageAtCollection: { from: 60 } } }] };
    const asked = await gateway.ask<{ search: SearchShown }>(SEARCH, { where: elder });
    expect(asked.search.banks[0]?.donors).toMatchObject({ min: 1, max: 1 });
  } finally {
    await gateway.close();
  }
});
