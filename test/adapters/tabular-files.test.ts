import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvShape } from "../../adapters/tabular/csv.ts";
import { newFolder, writeFiles } from "../folder.ts";
import { code, is, question, range } from "./questions.ts";
import { openTabular } from "./tabular-bank.ts";

const NEVER = new AbortController().signal;

/** Donors 1 to 4, and samples in a file of this text. */
const opened = async (samples: string | Uint8Array, options: object, name = "samples.csv") => {
  const folder = await newFolder();
  await writeFiles(folder, { "donors.csv": "id\n1\n2\n3\n4\n", [name]: samples });
  const donors = { file: "donors.csv", id: "id" };
  return openTabular(folder, {
    kind: "tabular",
    donors,
    ...options,
    samples: { file: name, ...(options as { samples: object }).samples },
  });
};

const samplesOf = async (adapter: Awaited<ReturnType<typeof opened>>, asked = question([])): Promise<number | null> => {
  const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
  if (got === undefined || got instanceof Error) throw got;
  return got.samples.max;
};

describe("a file is read by its dialect, and nothing is guessed", () => {
  // DuckDB took the line for a comment: exactly 3 samples.
  test("a number sign begins a cell, not a comment", async () => {
    const text = "tube,id,kind,year\n#1,1,S,2018\n2,1,D,2018\n3,2,S,2019\n4,3,D,2020\n";
    expect(await samplesOf(await opened(text, { samples: { donor: "id", type: "kind" } }))).toBe(4);
  });

  test("words for nothing, backslashes and comment signs are texts", async () => {
    for (const text of ["NULL", "\\N", "--", "//x", ";", "'x'", "NA"]) {
      const adapter = await opened(`id,kind\n1,${text}\n2,D\n`, { samples: { donor: "id", type: "kind" } });
      expect([text, await samplesOf(adapter, question([], is("SAMPLE_TYPE", code(text))))]).toEqual([text, 1]);
    }
  });

  // A quote in the first and in the third row made one cell of three rows: plasma 0, DNA 1.
  test("a quote in a TSV is a part of its cell", async () => {
    const text = 'donor_id\tnote\tkind\n1\t"a bit haemolysed\tP\n2\tok\tP\n3\ttube 2"\tD\n';
    const adapter = await opened(text, { samples: { donor: "donor_id", type: "kind" } }, "samples.tsv");
    expect(await samplesOf(adapter, question([], is("SAMPLE_TYPE", code("P"))))).toBe(2);
    expect(await samplesOf(adapter, question([], is("SAMPLE_TYPE", code("D"))))).toBe(1);
  });

  test("UTF-16 is read where it is named", async () => {
    const text = "id,kind\n1,血清\n2,D\n";
    for (const [encoding, bytes] of [
      ["utf-16le", Buffer.from(`\uFEFF${text}`, "utf16le")],
      ["utf-16be", Buffer.from(text, "utf16le").swap16()],
    ] as const) {
      const donors = Buffer.from("id\n1\n2\n", "utf16le");
      const folder = await newFolder();
      await writeFiles(folder, {
        "donors.csv": encoding === "utf-16be" ? donors.swap16() : donors,
        "samples.csv": bytes,
      });
      const adapter = await openTabular(folder, {
        kind: "tabular",
        encoding,
        donors: { file: "donors.csv", id: "id" },
        samples: { file: "samples.csv", donor: "id", type: "kind" },
      });
      expect(await samplesOf(adapter, question([], is("SAMPLE_TYPE", code("血清"))))).toBe(1);
    }
  });
});

describe("single files", () => {
  test("have encodings of their own", async () => {
    const cp932 = Buffer.from([105, 100, 44, 107, 10, 49, 44, 0x8c, 0x8c, 10]);
    const options = { encodings: { "samples.csv": "cp932" }, samples: { donor: "id", type: "k" } };
    expect(await samplesOf(await opened(cp932, options), question([], is("SAMPLE_TYPE", code("血"))))).toBe(1);
  });

  test("may be packed by gzip", async () => {
    const packed = gzipSync("id\tk\n1\tP\n2\tP\n");
    const adapter = await opened(packed, { samples: { donor: "id", type: "k" } }, "samples.tsv.gz");
    expect(await samplesOf(adapter)).toBe(2);
  });

  test.for([
    [
      "a part of a packed file",
      gzipSync("id,k\n1,P\n").subarray(0, 20),
      "wanted a file packed by gzip, got something else",
    ],
    ["a file that is not packed", Buffer.from("id,k\n1,P\n"), "wanted a file packed by gzip, got something else"],
    [
      "a bomb",
      gzipSync(Buffer.alloc(120 * 2 ** 20, 10)),
      "wanted at most 200 times its size when it is unpacked, got more",
    ],
  ] as const)("%s is refused", async ([, bytes, message]) => {
    const opening = opened(bytes, { samples: { donor: "id", type: "k" } }, "samples.csv.gz");
    await expect(opening).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: expect.stringContaining(`samples.csv.gz: ${message}`),
    });
  });
});

describe("a value is what its format says, letter by letter, or it is refused", () => {
  const year = (format: string) => ({ samples: { donor: "id", year: { column: "day", format } } });
  const tubes = { samples: { donor: "id", tubes: { n: "D" } } };
  const age = (unit: string) => ({ samples: { donor: "id", age: { column: "a", unit } } });
  const YEAR = /samples\.csv, line 2, column "day": wanted yyyy.*, from 1850 to \d{4}, got something else/;

  test.for([
    // Years of Japanese eras were taken for those of the first century: exactly 1 of four.
    ["two digits of a year", "day", "19/04/05", year("yyyy-mm-dd"), YEAR],
    ["a year before Christ", "day", "2018-04-01 BC", year("yyyy-mm-dd"), YEAR],
    ["a word for a day", "day", "epoch", year("yyyy-mm-dd"), YEAR],
    ["a day that does not exist", "day", "2019-02-29", year("yyyy-mm-dd"), YEAR],
    ["slashes for lines", "day", "2019/02/28", year("yyyy-mm-dd"), YEAR],
    ["one digit of a month", "day", "2019-2-28", year("yyyy-mm-dd"), YEAR],
    ["a time with a zone", "day", "2019-12-31T23:30:00Z", year("yyyy-mm-dd"), YEAR],
    ["a time that no clock shows", "day", "2018-04-01 25:99", year("yyyy-mm-dd"), YEAR],
    ["a year to come", "day", "2108-04-01", year("yyyy-mm-dd"), YEAR],
    ["a year long ago", "day", "0031-04-30", year("yyyy-mm-dd"), YEAR],
    ["a bare year to come", "day", "2108", year("yyyy"), YEAR],
    ["digits of another script", "day", "２０１８", year("yyyy"), YEAR],
    ["a hexadecimal number of tubes", "n", "0x10", tubes, /wanted numbers of tubes up to 10000, got something else/],
    ["an underscore in a number of tubes", "n", "1_0", tubes, /wanted numbers of tubes/],
    ["half a tube", "n", "1.5", tubes, /wanted numbers of tubes/],
    ["an exponent in a number of tubes", "n", "1e1", tubes, /wanted numbers of tubes/],
    ["an underscore in an age", "a", "1_0", age("years"), /wanted an age of 0 to 150 years/],
    ["a hexadecimal age", "a", "0x10", age("years"), /wanted an age of 0 to 150 years/],
    ["an age with an exponent", "a", "1e1", age("years"), /wanted an age of 0 to 150 years/],
    ["an age with a sign", "a", "-1", age("years"), /wanted an age of 0 to 150 years/],
  ] as const)("%s", async ([, column, cell, options, message]) => {
    await expect(opened(`id,${column}\n1,${cell}\n`, options)).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: expect.stringMatching(message),
    });
  });

  test.for([
    ["yyyy", "2018"],
    ["yyyy", "2018.0"],
    ["yyyy-mm-dd", "2018-12-31"],
    ["yyyy-mm-dd", "2018-12-31 23:59:59"],
    ["yyyy/mm/dd", "2018/1/31"],
    ["yyyymmdd", "20181231"],
  ] as const)("%s reads %s", async ([format, cell]) => {
    const adapter = await opened(`id,day\n1,${cell}\n`, year(format));
    expect(await samplesOf(adapter, question([], is("COLLECTED_YEAR", range(2018, 2018))))).toBe(1);
  });
});

describe("a file that is not what the dialect says is refused with its line", () => {
  const SAMPLES = { samples: { donor: "id", type: "kind" } };
  test.for([
    ["a short row", "id,kind\n1,D\n2\n", "line 3: wanted 2 cells as in the first line, got 1"],
    ["a long row", "id,kind\n1,D,x\n", "line 2: wanted 2 cells as in the first line, got 3"],
    [
      "a short row below a cell of two lines",
      'id,kind\n1,"D\nE"\n2\n',
      "line 4: wanted 2 cells as in the first line, got 1",
    ],
    [
      "text behind a quoted cell",
      'id,kind\n1,"D"x\n',
      "line 2: wanted a quoted cell that ends at its quote, got more text.",
    ],
    [
      "a quote that is not closed",
      'id,kind\n1,D\n2,"D\n3,D\n',
      "line 3: wanted a quoted cell that ends, got the end of the file.",
    ],
    ["lines that end in two ways", "id,kind\r\n1,D\n", "line 2: wanted lines that all end in \\r\\n, got \\n."],
    ["a column twice", "id,kind,kind\n1,D,E\n", 'line 1: wanted each column once, got "kind" again.'],
    ["nothing", "", "line 1: wanted the names of the columns, got an empty file"],
    ["a NUL", "id,kind\n1,\0\n", "line 2: wanted text, got a NUL character."],
    [
      "cp932 that is not named",
      Buffer.from([105, 100, 44, 107, 105, 110, 100, 10, 49, 44, 0x8c, 0x8c, 10]),
      "line 2: wanted text in UTF-8, got other bytes. Set encoding to the file's own, such as cp932.",
    ],
    [
      "UTF-16 that is not named",
      Buffer.from("\uFEFFid,kind\n", "utf16le"),
      "line 1: wanted text with commas or tabs, got UTF-16. Set encoding to utf-16le.",
    ],
    [
      "a spreadsheet",
      Buffer.from("504b030414000600", "hex"),
      "line 1: wanted text with commas or tabs, got a spreadsheet or an archive. Export it as CSV.",
    ],
    [
      "a packed file",
      Buffer.from("1f8b080000000000", "hex"),
      "line 1: wanted text with commas or tabs, got a file packed by gzip. Name it .csv.gz, or unpack it.",
    ],
  ] as const)("%s", async ([, text, message]) => {
    await expect(opened(text, SAMPLES)).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: expect.stringContaining(`samples.csv, ${message}`),
    });
  });
});

test("the rows that are counted are those that another reader finds, wherever the bytes are cut", async () => {
  const cell = fc.oneof(
    fc.constantFrom("", '"', '""', "a,b", "#", "\\", "x\ny", "x\r\ny", "é", "血清", " x "),
    fc.string(),
  );
  const property = fc.asyncProperty(
    fc.array(fc.tuple(cell, cell), { maxLength: 12 }),
    fc.constantFrom("\n", "\r\n"),
    fc.boolean(),
    fc.integer({ min: 1, max: 7 }),
    async (rows, end, ended, step) => {
      const quoted = (text: string): string => `"${text.replaceAll("\0", "").replaceAll('"', '""')}"`;
      const lines = [["a", "b"], ...rows].map((row) => row.map(quoted).join(","));
      const text = lines.join(end) + (ended ? end : "");
      const bytes = Buffer.from(text);
      const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) =>
        bytes.subarray(i * step, (i + 1) * step),
      );
      const expected = (parse(text, { relax_column_count: false }) as string[][]).length - 1;
      expect(await csvShape(Readable.from(chunks), { delimiter: ",", quoted: true })).toEqual({
        header: ["a", "b"],
        rows: expected,
      });
    },
  );
  await fc.assert(property, { seed: 7, numRuns: 500 });
});

describe("a warrant is compared with what the files hold", () => {
  const mapped = (field: string, codes: readonly string[]) => ({ [field]: { codes, absent: ["9"], complete: true } });
  const load = async (samples: string, mapping: object) => {
    const folder = await newFolder();
    await writeFiles(folder, {
      "donors.csv": "id,sex\n1,F\n2,M\n",
      "samples.csv": samples,
      "diseases.csv": "id,code\n1,E11.9\n",
    });
    const options = {
      kind: "tabular",
      donors: { file: "donors.csv", id: "id", sex: "sex" },
      diseases: { file: "diseases.csv", donor: "id", code: "code" },
      samples: { file: "samples.csv", donor: "id", type: "type", year: "year" },
    };
    return openTabular(folder, options, mapping as Parameters<typeof openTabular>[2]);
  };
  const GOOD = "id,type,year\n1,D,2018\n2,S,2019\n";

  test.for([
    [
      "a code that is not mapped",
      GOOD,
      mapped("SAMPLE_TYPE", ["D"]),
      "every code of sampleType in the section sampleType",
    ],
    [
      "a sample without a type",
      "id,type,year\n1,,2018\n",
      mapped("SAMPLE_TYPE", ["D"]),
      "a value of sampleType in every row",
    ],
    [
      "a mark of no value",
      "id,type,year\n1,9,2018\n",
      mapped("SAMPLE_TYPE", ["D"]),
      "a value of sampleType in every row",
    ],
    ["a sample without a year", "id,type,year\n1,D,\n", mapped("COLLECTED_YEAR", []), "a value of year in every row"],
    ["a sex that is not mapped", GOOD, mapped("SEX", ["F"]), "every code of sex in the section sex"],
    ["a spelling of a code", GOOD, mapped("DISEASE", ["E119"]), "every code of disease in the section disease"],
  ] as const)("%s refuses the release", async ([, samples, mapping, wanted]) => {
    await expect(load(samples, mapping)).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: expect.stringContaining(`complete: wanted ${wanted}, got `),
    });
  });

  test("a true one does not, and a donor may have no record", async () => {
    const mapping = {
      ...mapped("SAMPLE_TYPE", ["D", "S"]),
      ...mapped("SEX", ["F", "M"]),
      ...mapped("DISEASE", ["E11.9"]),
    };
    expect(await samplesOf(await load(GOOD, { ...mapping, ...mapped("COLLECTED_YEAR", []) }))).toBe(2);
  });
});
