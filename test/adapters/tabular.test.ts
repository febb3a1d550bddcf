import { execFile } from "node:child_process";
import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import { tabular } from "../../adapters/tabular.ts";
import type { CodeField } from "../../schema/fields.ts";
import { newFolder, writeFiles } from "../folder.ts";
import { code, EVERY, has, is, question, range, sample } from "./questions.ts";
import { OPTIONS, openTabular, writeBank } from "./tabular-bank.ts";

const NEVER = new AbortController().signal;
const absent = (...marks: string[]) => ({ codes: [], absent: marks, complete: false });
const DONORS = { file: "donors.csv", id: "id" };
const SAMPLES = { file: "samples.csv", donor: "id", type: "type" };
const FILES = {
  "donors.csv": [["id"], ["d1"], ["d2"], ["d3"]],
  "samples.csv": [
    ["id", "type"],
    ["d1", "D"],
  ],
};

const opened = async (files: Parameters<typeof writeFiles>[1], options: object, mapping = {}): Promise<Adapter> => {
  const folder = await newFolder();
  await writeFiles(folder, { ...FILES, ...files });
  return openTabular(folder, { kind: "tabular", donors: DONORS, samples: SAMPLES, ...options }, mapping);
};

/** Donors and samples, as two plain numbers. */
const count = async (adapter: Adapter, asked: ReturnType<typeof question>): Promise<readonly unknown[]> => {
  const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
  if (got === undefined || got instanceof Error) throw got;
  return [got.donors.max, got.samples.max];
};
const donorsWith = async (
  adapter: Adapter,
  field: Exclude<CodeField, "SAMPLE_TYPE" | "SAMPLE_ORIGIN" | "STORAGE">,
  wanted: string,
) => (await count(adapter, question([has(field, code(wanted))])))[0];

describe("tabular reads what banks export", () => {
  test("Parquet, with numbers where others have texts", async () => {
    const folder = await newFolder();
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const into = (name: string) => `TO '${join(folder, name).replaceAll("'", "''")}'`;
    await connection.run(`COPY (SELECT i AS id, 1 + i % 2 AS sex FROM range(10) r(i)) ${into("donors.parquet")}`);
    await connection.run(
      `COPY (SELECT i AS id, 'D' AS type, DATE '2014-05-01' AS day, 44.5 AS age FROM range(4) r(i)) ${into("samples.parquet")}`,
    );
    connection.closeSync();
    instance.closeSync();
    const adapter = await openTabular(folder, {
      kind: "tabular",
      donors: { file: "donors.parquet", id: "id", sex: "sex" },
      samples: { ...SAMPLES, file: "samples.parquet", age: "age", year: { column: "day", format: "yyyy-mm-dd" } },
    });
    expect(await count(adapter, question([has("SEX", code("2"))], is("AGE_AT_COLLECTION", range(44, 44))))).toEqual([
      5, 2,
    ]);
    expect(await count(adapter, question([], is("COLLECTED_YEAR", range(2014, 2014))))).toEqual([10, 4]);
  });

  test("CSV in cp932", async () => {
    // "id,性別" and "d1,男" in cp932.
    const donors = Uint8Array.from([
      0x69, 0x64, 0x2c, 0x90, 0xab, 0x95, 0xca, 0x0d, 0x0a, 0x64, 0x31, 0x2c, 0x92, 0x6a, 0x0d, 0x0a,
    ]);
    const adapter = await opened({ "donors.csv": donors }, { encoding: "cp932", donors: { ...DONORS, sex: "性別" } });
    expect(await donorsWith(adapter, "SEX", "男")).toBe(1);
  });

  /** "id,性別", then "d1,男", "d2,女" and "d3,ｵﾄｺ" in EUC-JP, whose half-width kana take two bytes each. */
  const EUC_JP = Buffer.from("69642cc0adcacc0d0a64312cc3cb0d0a64322cbdf70d0a64332c8eb58ec48eba0d0a", "hex");

  test("CSV in euc-jp", async () => {
    const adapter = await opened({ "donors.csv": EUC_JP }, { encoding: "euc-jp", donors: { ...DONORS, sex: "性別" } });
    for (const sex of ["男", "女", "ｵﾄｺ"]) expect([sex, await donorsWith(adapter, "SEX", sex)]).toEqual([sex, 1]);
  });

  test("in euc-jp wherever the file's pieces are cut in the middle of a letter", async () => {
    const [head, rows] = [EUC_JP.subarray(0, 9), 40_000];
    // Rows of an odd number of bytes, so that cuts every 64 KiB fall on either byte of a letter.
    const row = (i: number) =>
      Buffer.concat([Buffer.from(`${10_000_000 + i},`), Buffer.from([0xbd, 0xf7, 0x0d, 0x0a])]);
    const donors = Buffer.concat([head, ...Array.from({ length: rows }, (_, i) => row(i)), Buffer.from("d1,\r\n")]);
    const adapter = await opened({ "donors.csv": donors }, { encoding: "euc-jp", donors: { ...DONORS, sex: "性別" } });
    expect(await donorsWith(adapter, "SEX", "女")).toBe(rows);
  });

  test.each(["cp932", "euc-jp"] as const)("bytes that %s does not have are an error", async (encoding) => {
    const opening = opened({ "donors.csv": Uint8Array.from([0x69, 0x64, 0x0a, 0xff, 0xff]) }, { encoding });
    await expect(opening).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: `[bank] donors.csv: wanted text in ${encoding}, got bytes that it does not have. Name the file's own in encodings`,
    });
  });

  test("a file that ends within a letter is an error", async () => {
    const opening = opened({ "donors.csv": EUC_JP.subarray(0, 13) }, { encoding: "euc-jp" });
    await expect(opening).rejects.toMatchObject({ code: "BANK_BROKEN", message: expect.stringContaining("euc-jp") });
  });

  test("cells between tabs, with commas and quotes in them, whatever the case of .tsv", async () => {
    const donors = 'id\tsex\tnote\nd1\tM, or so\t"a\ttab"\nd2\t"F"\t\nd3\tM, or so\t';
    const files = { "donors.TSV": donors, "samples.tsv": "id\ttype\nd1\tD,1\nd1\tD,1\nd3\tP\n" };
    const options = {
      tsv: { quoted: true },
      donors: { file: "donors.TSV", id: "id", sex: "sex", cohort: "note" },
      samples: { ...SAMPLES, file: "samples.tsv" },
    };
    const adapter = await opened(files, options);
    expect(await count(adapter, question([has("SEX", code("M, or so"))], is("SAMPLE_TYPE", code("D,1"))))).toEqual([
      2, 2,
    ]);
    expect(await donorsWith(adapter, "SEX", "F")).toBe(1);
    expect(await donorsWith(adapter, "COHORT", "a\ttab")).toBe(1);
  });

  test("a TSV in euc-jp is cut at its tabs", async () => {
    const donors = Buffer.from(EUC_JP.map((byte) => (byte === 0x2c ? 0x09 : byte)));
    const adapter = await opened(
      { "donors.tsv": donors, "samples.tsv": "id\ttype\nd2\tD\n" },
      {
        encoding: "euc-jp",
        donors: { file: "donors.tsv", id: "id", sex: "性別" },
        samples: { ...SAMPLES, file: "samples.tsv" },
      },
    );
    expect(await count(adapter, question([has("SEX", code("女"))]))).toEqual([1, 1]);
  });

  test("a CSV that is called TSV is told by its one column", async () => {
    const opening = opened(
      { "donors.tsv": "id,sex\nd1,1\n" },
      { donors: { ...DONORS, file: "donors.tsv", sex: "sex" } },
    );
    await expect(opening).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: '[bank] adapter.donors.sex: wanted a column of donors.tsv, got "sex"; there are "id,sex"',
    });
  });

  test("codes with leading zeros, and the white space around them is dropped", async () => {
    const rows = [
      ["id", "code"],
      ["d1", "0012"],
      ["d2", "12"],
      ["d3", "　0012 "],
    ];
    const adapter = await opened({ "dx.csv": rows }, { diseases: { file: "dx.csv", donor: "id", code: "code" } });
    expect(await donorsWith(adapter, "DISEASE", "0012")).toBe(2);
    expect(await donorsWith(adapter, "DISEASE", "12")).toBe(1);
  });

  test("several code columns, split cells, and rows that are left out", async () => {
    const rows = [
      ["id", "dx1", "dx2", "suspected"],
      ["d1", "1; 2", "3", "0"],
      ["d2", "2", "", "1"],
      ["d3", "", "", "0"],
    ];
    const adapter = await opened(
      { "dx.csv": rows },
      { diseases: { file: "dx.csv", donor: "id", code: ["dx1", "dx2"], split: ";", except: { suspected: ["1"] } } },
    );
    expect(await Promise.all(["1", "2", "3"].map((one) => donorsWith(adapter, "DISEASE", one)))).toEqual([1, 1, 1]);
    const none = has("DISEASE", { codes: [], negate: false, missing: true });
    expect(await count(adapter, question([none]))).toEqual([2, 0]);
  });

  test("records in columns of the donors' file", async () => {
    const rows = [
      ["id", "data"],
      ["d1", "WGS|SNP"],
      ["d2", ""],
      ["d3", "SNP"],
    ];
    const adapter = await opened({ "donors.csv": rows }, { data: { code: "data", split: "|" } });
    expect(await donorsWith(adapter, "DATA", "SNP")).toBe(2);
  });

  test("marks of no value", async () => {
    const rows = [
      ["id", "sex"],
      ["d1", "1"],
      ["d2", "不明"],
      ["d3", "9"],
    ];
    const adapter = await opened(
      { "donors.csv": rows },
      { donors: { ...DONORS, sex: "sex" } },
      { SEX: absent("不明", "9") },
    );
    expect(await count(adapter, question([has("SEX", { codes: ["1"], negate: true, missing: false })]))).toEqual([
      0, 0,
    ]);
    expect(await count(adapter, question([has("SEX", { codes: [], negate: false, missing: true })]))).toEqual([2, 0]);
  });

  test("tubes counted in columns", async () => {
    const rows = [
      ["id", "DNA_TUBES", "SERUM_TUBES", "age"],
      ["d1", "2", "1", "40"],
      ["d2", "", "3", "50"],
    ];
    const tubes = { file: "samples.csv", donor: "id", tubes: { DNA_TUBES: "D", SERUM_TUBES: "S" }, age: "age" };
    const adapter = await opened({ "samples.csv": rows }, { samples: tubes });
    expect(await count(adapter, question([], is("SAMPLE_TYPE", code("S"))))).toEqual([3, 4]);
    expect(await count(adapter, question([sample(is("SAMPLE_TYPE", code("D")))]))).toEqual([1, 3]);
    expect(await count(adapter, question([], is("AGE_AT_COLLECTION", range(40, 40))))).toEqual([3, 3]);
  });

  /** The counts of samples whose age lies within, for sure and perhaps. */
  const within = async (adapter: Adapter, from: number, to: number): Promise<readonly unknown[]> => {
    const { doubt } = adapter.capabilities.fields.AGE_AT_COLLECTION!;
    const sure = await count(adapter, question([], is("AGE_AT_COLLECTION", range(from, to))));
    const perhaps = await count(
      adapter,
      question(
        [],
        is("AGE_AT_COLLECTION", doubt === undefined ? range(from, to) : { ...range(from, to), doubt: true }),
      ),
    );
    return [sure[1], perhaps[1]];
  };

  test("ages in months are completed years", async () => {
    const rows = [
      ["id", "type", "age"],
      ["d1", "D", "491"],
    ];
    const samples = { ...SAMPLES, age: { column: "age", unit: "months" } };
    const adapter = await opened({ "samples.csv": rows }, { samples });
    expect(await within(adapter, 40, 40)).toEqual([1, 1]);
  });

  test.each([
    // Born 1990-01-01 and taken 2020-01-01, or born two days later and 30 years less a day old.
    ["10957", 29, 30],
    ["365", 0, 1],
    ["366", 1, 1],
    ["364", 0, 0],
    // 2001-03-01 to 2019-03-01.
    ["6574", 17, 18],
    ["6573", 17, 18],
    ["6700", 18, 18],
    ["0", 0, 0],
  ])("an age of %s days is %i to %i years", async (days, least, most) => {
    const rows = [
      ["id", "type", "age"],
      ["d1", "D", days],
    ];
    const samples = { ...SAMPLES, age: { column: "age", unit: "days" } };
    const adapter = await opened({ "samples.csv": rows }, { samples });
    expect(await within(adapter, least, most)).toEqual([1, 1]);
    for (const age of new Set([least, most]))
      expect(await within(adapter, age, age)).toEqual(least === most ? [1, 1] : [0, 1]);
    expect(await within(adapter, most + 1, 150)).toEqual([0, 0]);
    if (least > 0) expect(await within(adapter, 0, least - 1)).toEqual([0, 0]);
  });

  test("an age above a limit is no age for sure, and may be any above", async () => {
    const rows = [
      ["id", "type", "age"],
      ["d1", "D", "90+"],
      ["d2", "D", "89"],
      ["d3", "D", ""],
    ];
    const adapter = await opened({ "samples.csv": rows }, { samples: { ...SAMPLES, age: "age" } });
    expect(await within(adapter, 80, 99)).toEqual([1, 2]);
    expect(await within(adapter, 89, 150)).toEqual([2, 2]);
    expect(await within(adapter, 0, 89)).toEqual([1, 1]);
  });

  describe("ages from birth and collection", () => {
    const ages = async (born: readonly string[], taken: readonly string[], formats: readonly [string, string]) =>
      opened(
        {
          "donors.csv": [["id", "born"], ...born.map((text, i) => [`d${i}`, text])],
          "samples.csv": [["id", "type", "day"], ...taken.map((text, i) => [`d${i}`, "D", text])],
        },
        {
          donors: { ...DONORS, birth: { column: "born", format: formats[0] } },
          samples: { ...SAMPLES, year: { column: "day", format: formats[1] } },
        },
      );

    test("are exact where both days are known", async () => {
      const adapter = await ages(
        ["1980-05-05", "1980-05-06", "1980-01-01"],
        ["20200505", "20200505", ""],
        ["yyyy-mm-dd", "yyyymmdd"],
      );
      expect(await within(adapter, 40, 40)).toEqual([1, 1]);
      expect(await within(adapter, 39, 39)).toEqual([1, 1]);
    });

    test.each([
      ["1990", "2020", ["yyyy", "yyyy"]],
      ["1990", "20200505", ["yyyy", "yyyymmdd"]],
      ["1990-05-05", "2020", ["yyyy-mm-dd", "yyyy"]],
    ] as const)("born %s, taken %s: one of two", async (born, taken, formats) => {
      const adapter = await ages([born], [taken], formats);
      expect(await within(adapter, 30, 30)).toEqual([0, 1]);
      expect(await within(adapter, 29, 29)).toEqual([0, 1]);
      expect(await within(adapter, 29, 30)).toEqual([1, 1]);
      expect(await within(adapter, 31, 90)).toEqual([0, 0]);
      expect(await within(adapter, 0, 28)).toEqual([0, 0]);
    });

    // Refused before: one of three is no half.
    test.each([
      ["1990", "2018年度", ["yyyy", "yyyy年mm月dd日"], 27, 29],
      ["1930以前", "2020", ["yyyy", "yyyy"], 89, 150],
      ["1950年代", "20200505", ["yyyy", "yyyymmdd"], 60, 70],
    ] as const)("born %s, taken %s: one of several", async (born, taken, formats, least, most) => {
      const adapter = await ages([born], [taken], formats);
      expect(adapter.capabilities.fields.AGE_AT_COLLECTION?.doubt).toEqual(["PRECISION"]);
      expect(await within(adapter, least, most)).toEqual([1, 1]);
      for (const age of [least, most]) expect(await within(adapter, age, age)).toEqual([0, 1]);
      expect(await within(adapter, 0, least - 1)).toEqual([0, 0]);
    });

    test("the year of birth is age 0", async () => {
      const adapter = await ages(["2020"], ["2020"], ["yyyy", "yyyy"]);
      expect(await within(adapter, 0, 0)).toEqual([1, 1]);
    });

    test.each([
      ["2020-01-02", "20200101", ["yyyy-mm-dd", "yyyymmdd"]],
      ["2021", "2020", ["yyyy", "yyyy"]],
    ] as const)("born %s, taken %s: no age, and refused", async (born, taken, formats) => {
      await expect(ages([born], [taken], formats)).rejects.toThrow("wanted an age of 0 to 150 years");
    });
  });

  test("names that are SQL stay names", async () => {
    const rows = [
      [`id"; DROP TABLE donors; --`, "se'x"],
      ["d1", "' OR 1=1 --"],
    ];
    const adapter = await opened(
      { "donors.csv": rows },
      { donors: { file: "donors.csv", id: `id"; DROP TABLE donors; --`, sex: "se'x" } },
    );
    expect(await donorsWith(adapter, "SEX", "' OR 1=1 --")).toBe(1);
    expect(await donorsWith(adapter, "SEX", "' OR '1'='1")).toBe(0);
  });
});

describe("tabular says what is wrong with the files", () => {
  test.each([
    [
      "a column that is not there",
      {},
      { donors: { ...DONORS, sex: "Sex" } },
      /adapter\.donors\.sex: wanted a column of donors\.csv, got "Sex"; there are "id"$/,
    ],
    [
      "a donor twice",
      { "donors.csv": [["id"], ["d1"], ["d1"]] },
      {},
      /donors\.csv: wanted one row for each donor, got several for some\. Set donors\.repeated/,
    ],
    [
      "samples of unknown donors",
      { "donors.csv": [["id"], ["d2"]] },
      {},
      /samples\.csv, line 2, column "id": wanted donors of .* got others\. unknownDonors says/,
    ],
    [
      "ages that are none",
      {
        "samples.csv": [
          ["id", "a"],
          ["d1", "old"],
        ],
      },
      { samples: { file: "samples.csv", donor: "id", age: "a" } },
      /samples\.csv, line 2, column "a": wanted an age of 0 to 150 years, got something else/,
    ],
    ["a release that is none", { "release.json": "{}" }, {}, /release\.json: wanted \{ "number": 2/],
    [
      "a file that is none",
      { "d.parquet": "no" },
      { donors: { file: "d.parquet", id: "id" } },
      /d\.parquet: wanted a Parquet file/,
    ],
  ])("%s", async (_, files, options, message) => {
    await expect(opened(files, options)).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: expect.stringMatching(message),
    });
  });

  test("a file that is not there", async () => {
    const opening = opened({}, { diseases: { file: "none.csv", donor: "id", code: "code" } });
    await expect(opening).rejects.toMatchObject({
      code: "BANK_UNREACHABLE",
      message: expect.stringContaining("none.csv"),
    });
  });

  test("its messages quote no cell", async () => {
    const rows = [
      ["id", "type", "age"],
      ["d1", "D", "secret"],
    ];
    const error: unknown = await opened({ "samples.csv": rows }, { samples: { ...SAMPLES, age: "age" } }).catch(
      (e: unknown) => e,
    );
    expect(String(error)).not.toContain("secret");
  });

  test.each(["/etc/passwd.csv", "../other.csv", "a/../../b.csv", "*.csv", "donors.txt"])(
    "the file %s is refused",
    (file) => {
      expect(tabular.options.safeParse({ ...OPTIONS, donors: { ...DONORS, file } }).success).toBe(false);
    },
  );
});

test("without release.json, a release is told by the files", async () => {
  const adapter = await opened({}, {});
  const release = await adapter.release(NEVER);
  expect(release).toMatchObject({ kind: "WATCHED", id: expect.stringMatching(/^bank@[0-9a-f]{16}$/) });
});

test("questions for a new release that come at once load it once, and questions for the old one still end", async () => {
  const folder = await newFolder();
  await writeBank(folder, [{ values: {}, samples: [] }]);
  const adapter = await openTabular(folder);
  const old = await adapter.release(NEVER);
  await writeBank(
    folder,
    [
      { values: {}, samples: [] },
      { values: {}, samples: [] },
    ],
    2,
  );
  const now = await adapter.release(NEVER);
  const all = question([], EVERY);
  const got = await Promise.all([old, now, now, old].map((release) => adapter.count([all], release, NEVER)));
  expect(got.flat().map((one) => "donors" in one! && one.donors.max)).toEqual([1, 2, 2, 1]);
});

// A folder whose release.json was taken away before the next one was written was a watched release meanwhile.
test("between two announcements the bank is away, and holds what it held", async () => {
  const folder = await newFolder();
  const donor = { values: {}, samples: [] };
  await writeBank(folder, [donor]);
  const adapter = await openTabular(folder);
  const old = await adapter.release(NEVER);
  await rm(join(folder, "release.json"));
  await expect(adapter.release(NEVER)).rejects.toMatchObject({
    code: "BANK_UNREACHABLE",
    message: "[bank] release.json: wanted the file that announced the last release, or a newer one, got none",
  });
  const all = question([], EVERY);
  expect(await adapter.count([all], old, NEVER)).toMatchObject([{ donors: { max: 1 } }]);
  await writeBank(folder, [donor, donor], 2);
  const now = await adapter.release(NEVER);
  expect(now.kind).toBe("ANNOUNCED");
  expect(await adapter.count([all], now, NEVER)).toMatchObject([{ donors: { max: 2 } }]);
});

test.each(["donors.csv", "release.json"])(
  "a pipe in place of %s is refused, and nobody waits for its writer",
  async (file) => {
    const folder = await newFolder();
    await writeBank(folder, [{ values: {}, samples: [] }]);
    await rm(join(folder, file));
    await promisify(execFile)("mkfifo", [join(folder, file)]);
    const message = `[bank] ${file}: wanted a ${file === "donors.csv" ? "file in the folder" : "small file"}, got something else`;
    await expect(openTabular(folder)).rejects.toMatchObject({ code: "BANK_BROKEN", message });
  },
);

// "IO Error" before, or a bug's message: here a file whose reading fails with EIO, since nothing is forbidden to root.
test.for(["donors.csv", "samples.csv"])("a %s that cannot be read is told by its name", async (file) => {
  const folder = await newFolder();
  await writeFiles(folder, FILES);
  await rm(join(folder, file));
  await symlink("/proc/self/mem", join(folder, file));
  const opening = openTabular(folder, { kind: "tabular", donors: DONORS, samples: SAMPLES });
  await expect(opening).rejects.toMatchObject({
    code: "BANK_UNREACHABLE",
    message: `[bank] ${file}: wanted a file that can be read, got EIO`,
  });
});
