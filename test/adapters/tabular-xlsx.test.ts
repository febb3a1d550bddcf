import { describe, expect, test } from "vitest";
import { tabular } from "../../adapters/tabular.ts";
import { newFolder, writeFiles } from "../folder.ts";
import { code, has, is, question, range } from "./questions.ts";
import { openTabular } from "./tabular-bank.ts";
import { partsOf, rowsXml, type Workbook, workbook, zipped } from "./workbook.ts";

const NEVER = new AbortController().signal;
type Bytes = Parameters<typeof writeFiles>[1][string];

/** Donors 1 to 4 in a CSV, and samples in a workbook. */
const opened = async (book: Workbook | Uint8Array, options: object = {}) => {
  const folder = await newFolder();
  const bytes: Bytes = book instanceof Uint8Array ? book : workbook(book);
  await writeFiles(folder, { "donors.csv": "id\n1\n2\n3\n4\n", "samples.xlsx": bytes });
  const { samples, ...rest } = options as { samples?: object };
  return openTabular(folder, {
    kind: "tabular",
    donors: { file: "donors.csv", id: "id" },
    ...rest,
    samples: { file: "samples.xlsx", donor: "id", type: "kind", ...samples },
  });
};

const samplesOf = async (adapter: Awaited<ReturnType<typeof opened>>, asked = question([])): Promise<number | null> => {
  const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
  if (got === undefined || got instanceof Error) throw got;
  expect(got.samples.min).toBe(got.samples.max);
  return got.samples.max;
};
const ofKind = (kind: string) => question([], is("SAMPLE_TYPE", code(kind)));
const HEAD = ["id", "kind", "day"];
const one = (...rows: readonly (readonly (string | number)[])[]): Workbook => ({
  sheets: { 検体: rowsXml([HEAD, ...rows]) },
});

describe("a cell of a workbook is what is stored", () => {
  test.for([
    ["a shared text", `<c t="s"><v>0</v></c>`, "血清"],
    ["a text of several styles", `<c t="s"><v>1</v></c>`, "血漿"],
    ["a text without its furigana", `<c t="s"><v>2</v></c>`, "東京"],
    ["an escaped character", `<c t="s"><v>3</v></c>`, "a_b"],
    [
      "an inline text without its furigana",
      `<c t="inlineStr"><is><r><t>全</t></r><r><t>血</t></r><rPh sb="0" eb="2"><t>ゼンケツ</t></rPh></is></c>`,
      "全血",
    ],
    ["the text of a formula", `<c t="str"><f>A1</f><v>D</v></c>`, "D"],
    ["a number, not its format", `<c s="7"><v>1</v></c>`, "1"],
    ["the number of a formula", `<c><f>1+1</f><v>2</v></c>`, "2"],
    ["a number as others write it", `<c><v>1000.0</v></c>`, "1000"],
    ["a number with an exponent", `<c><v>1.0E3</v></c>`, "1000"],
    ["a number of seventeen digits", `<c><v>11.300000000000001</v></c>`, "11.3"],
    ["a small number", `<c><v>1E-7</v></c>`, "0.0000001"],
    ["true", `<c t="b"><v>1</v></c>`, "TRUE"],
    ["false", `<c t="b"><v>0</v></c>`, "FALSE"],
    ["an ISO date", `<c t="d"><v>2018-04-01</v></c>`, "2018-04-01"],
  ] as const)("%s", async ([, cell, text]) => {
    const shared = `<si><t>血清</t></si><si><r><rPr><b/></rPr><t>血</t></r><r><t>漿</t></r></si>
      <si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si><si><t>a_x005F_b</t></si>`;
    const adapter = await opened({ sheets: { s: rowsXml([HEAD, [1, cell], [2, "other"]]) }, shared });
    expect(await samplesOf(adapter, ofKind(text))).toBe(1);
    expect(await samplesOf(adapter)).toBe(2);
  });

  test("rows and cells lie where they say, and rows that hold nothing are none", async () => {
    const sheet = `<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="C1" t="inlineStr"><is><t>kind</t></is></c></row>
      <row r="5"><c r="C5" t="inlineStr"><is><t>P</t></is></c><c r="A5"><v>1</v></c></row><row r="6"><c r="A6" s="1"/></row>
      <row r="9"><c r="A9"><v>2</v></c><c r="AB9"><v>7</v></c></row></sheetData>`;
    const adapter = await opened({ sheets: { s: sheet } });
    expect(await samplesOf(adapter)).toBe(2);
    expect(await samplesOf(adapter, ofKind("P"))).toBe(1);
  });

  test.for([
    ["", undefined, 43191],
    [`<workbookPr date1904="1"/>`, undefined, 41729],
    [`<workbookPr date1904="true"/>`, 1904, 41729],
    [`<workbookPr date1904="0"/>`, 1900, 43191],
  ] as const)(
    "a day is a number, counted from the year that the workbook says: %s",
    async ([workbookPr, epoch, day]) => {
      const sheets = { s: rowsXml([HEAD, [1, "P", day]]) };
      const year = { column: "day", format: "excel", ...(epoch === undefined ? {} : { epoch }) };
      const adapter = await opened({ sheets, workbookPr }, { samples: { year } });
      expect(await samplesOf(adapter, question([], is("COLLECTED_YEAR", range(2018, 2018))))).toBe(1);
    },
  );

  test("an epoch that the workbook does not have is refused", async () => {
    const year = { column: "day", format: "excel", epoch: 1904 };
    await expect(opened(one([1, "P", 43191]), { samples: { year } })).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: expect.stringContaining("wanted numbers of days from 1904 on, as `epoch` says, got a workbook of 1900"),
    });
  });
});

describe("a cell that holds no value is refused with its place", () => {
  test.for([
    ["an error", `<c t="e"><v>#N/A</v></c>`, "cell B3: wanted a value, got the error #N/A"],
    [
      "an error of a formula",
      `<c t="e"><f>1/0</f><v>#DIV/0!</v></c>`,
      "cell B3: wanted a value, got the error #DIV/0!",
    ],
    ["a formula", `<c><f>A1</f></c>`, "cell B3: wanted the value of its formula, got none."],
    ["a formula with an empty value", `<c><f>A1</f><v></v></c>`, "cell B3: wanted the value of its formula, got none."],
    ["a text that is not there", `<c t="s"><v>9</v></c>`, "cell B3: wanted a text of the workbook, got none"],
    ["a long number", `<c><v>1234567890123456</v></c>`, "cell B3: wanted a number of at most 15 digits, got more."],
    ["a number that is none", `<c><v>0x10</v></c>`, "cell B3: wanted a number, got something else"],
  ] as const)("%s", async ([, cell, message]) => {
    await expect(opened(one([1, "P"], [2, cell]))).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: expect.stringContaining(`samples.xlsx, sheet "検体", ${message}`),
    });
  });

  test("but not in a column that nobody asks for, and a formula may give an empty text", async () => {
    const adapter = await opened(one([1, "P", `<c t="e"><v>#REF!</v></c>`], [2, `<c t="str"><f>""</f><v></v></c>`]));
    expect(await samplesOf(adapter)).toBe(2);
    expect(await samplesOf(adapter, ofKind("P"))).toBe(1);
  });

  test("a cell that is not what its setting says", async () => {
    const book = one([1, "P", 43191], [2, "P", "2018年頃"]);
    const samples = { year: { column: "day", format: "excel" } };
    await expect(opened(book, { samples })).rejects.toMatchObject({
      message: expect.stringContaining('samples.xlsx, sheet "検体", cell C3: wanted excel'),
    });
  });
});

describe("the sheet", () => {
  const sheets = { 患者: rowsXml([["id"], [1]]), 検体: rowsXml([HEAD, [1, "P"]]), "検体 (2)": rowsXml([HEAD]) };

  test.for([
    [
      "is named where there are several",
      {},
      'wanted `sheet`, since the workbook has several, got none; there are "患者", "検体"',
    ],
    [
      "is one of the workbook",
      { sheet: "Sheet1" },
      'wanted a sheet of the workbook, got "Sheet1"; there are "患者", "検体"',
    ],
  ] as const)("%s", async ([, samples, message]) => {
    await expect(opened({ sheets }, { samples })).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: expect.stringContaining(`samples.xlsx: ${message}`),
    });
  });

  test("of each table may be another one of the same workbook", async () => {
    const folder = await newFolder();
    const dx = rowsXml([["病名一覧"], [], ["患者番号", "ICD"], [1, "E11"], [2, "E11"]]);
    await writeFiles(folder, { "bank.xlsx": workbook({ sheets: { ...sheets, 病名: dx } }) });
    const adapter = await openTabular(folder, {
      kind: "tabular",
      donors: { file: "bank.xlsx", sheet: "患者", id: "id" },
      diseases: {
        file: "bank.xlsx",
        sheet: "病名",
        headerRow: 3,
        donor: "患者番号",
        code: "ICD",
        except: { 患者番号: ["2"] },
      },
      samples: { file: "bank.xlsx", sheet: "検体", donor: "id", type: "kind" },
    });
    expect(await samplesOf(adapter, question([has("DISEASE", code("E11"))]))).toBe(1);
  });

  test("is asked of workbooks only", () => {
    const said = { kind: "tabular", donors: { file: "donors.csv", id: "id", sheet: "a" }, samples: { type: "t" } };
    expect(tabular.options.safeParse(said).error?.issues[0]?.message).toContain("beside a `file` that ends in .xlsx");
  });

  test.for([
    ["a column twice", [["id", "kind", "id"]], 'cell C1: wanted each column once, got "id" again.'],
    ["nothing", [], "row 1: wanted the names of the columns, got an empty row"],
  ] as const)("with %s is refused", async ([, rows, message]) => {
    await expect(opened({ sheets: { 検体: rowsXml(rows) } })).rejects.toMatchObject({
      message: expect.stringContaining(`samples.xlsx, sheet "検体", ${message}`),
    });
  });
});

describe("merged cells", () => {
  const merged = (ref: string) => ({
    sheets: {
      s: `${rowsXml([HEAD, [1, "P"], [2, "<c/>"], [3, "D"]])}<mergeCells><mergeCell ref="${ref}"/></mergeCells>`,
    },
  });

  test("stop the load where they hide what a column holds", async () => {
    const message = "cells B2:B3: wanted a value in each cell, got cells that are merged.";
    await expect(opened(merged("B2:B3"))).rejects.toMatchObject({ message: expect.stringContaining(message) });
  });

  test.for([
    ["first", "B2:B3", 1],
    ["fill", "B2:B3", 2],
    ["refuse", "C2:D3", 1],
    ["refuse", "B3:D3", 1],
    ["refuse", "A1:C1", 1],
    ["fill", "B1:B3", 1],
  ] as const)("%s: %s", async ([how, ref, samples]) => {
    expect(await samplesOf(await opened(merged(ref), { xlsx: { merged: how } }), ofKind("P"))).toBe(samples);
  });
});

describe("hidden rows", () => {
  const row = (id: number, hidden: string) =>
    `<row ${hidden}><c><v>${id}</v></c><c t="inlineStr"><is><t>P</t></is></c></row>`;
  const head = `<row><c t="inlineStr"><is><t>id</t></is></c><c t="inlineStr"><is><t>kind</t></is></c></row>`;
  const book = {
    sheets: { s: `<sheetData>${head}${row(1, "")}${row(2, 'hidden="1"')}${row(3, 'hidden="0"')}</sheetData>` },
  };

  test("count, unless that is said", async () => {
    expect(await samplesOf(await opened(book))).toBe(3);
    expect(await samplesOf(await opened(book, { xlsx: { hiddenRows: "drop" } }))).toBe(2);
  });

  test("are told to the operator", async () => {
    const folder = await newFolder();
    await writeFiles(folder, { "donors.csv": "id\n1\n2\n3\n", "samples.xlsx": workbook(book) });
    const options = tabular.options.parse({
      kind: "tabular",
      donors: { file: "donors.csv", id: "id" },
      samples: { file: "samples.xlsx", donor: "id", type: "kind" },
    });
    const { findings } = await tabular.inspect!(options, {}, { bank: "bank", folder, env: {} }, NEVER);
    expect(findings).toMatchObject([
      { id: "data.hidden", level: "WARNING", file: 'samples.xlsx, sheet "s"', line: 3, got: "1 hidden rows" },
    ]);
  });
});

describe("what is no workbook is refused", () => {
  const big = Buffer.alloc(120 * 2 ** 20, 32).toString();
  const bomb = partsOf({ sheets: { s: `<sheetData>${big}</sheetData>` } });
  test.for([
    ["a text", Buffer.from("id,kind\n1,P\n"), "wanted an .xlsx workbook, got something else or a part of one"],
    [
      "a part",
      workbook(one([1, "P"])).subarray(0, 900),
      "wanted an .xlsx workbook, got something else or a part of one",
    ],
    ["an old one", Buffer.from("d0cf11e0a1b11ae1", "hex"), "got one of the old format or with a password"],
    ["another archive", zipped({ "a.txt": "a" }), "wanted a workbook with xl/workbook.xml, got none"],
    [
      "no XML",
      zipped({ ...partsOf(one([1, "P"])), "xl/sheets/0.xml": "<worksheet><row>" }),
      "wanted XML in xl/sheets/0.xml, got something else",
    ],
    [
      "an entity",
      zipped({ ...partsOf(one([1, "P"])), "xl/sheets/0.xml": `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>` }),
      "wanted XML in xl/sheets/0.xml",
    ],
    ["a bomb", zipped(bomb), "64 MB), got 121 MB"],
    [
      "a bomb that says it is small",
      zipped(bomb, { says: 9 }),
      "when it is unpacked (200 times its size and 64 MB), got more",
    ],
  ] as const)("%s", async ([, bytes, message]) => {
    await expect(opened(bytes)).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: expect.stringContaining(message),
    });
  });

  test("a workbook whose parts are not packed is one", async () => {
    expect(await samplesOf(await opened(zipped(partsOf(one([1, "P"])), { stored: true })))).toBe(1);
  });
});
