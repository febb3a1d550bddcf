import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import { newFolder, writeFiles } from "../folder.ts";
import { code, has, is, question, sample } from "./questions.ts";
import { openTabular } from "./tabular-bank.ts";

const NEVER = new AbortController().signal;
const SAMPLES = { file: "samples.csv", donor: "id", type: "kind" };
const DISEASES = { file: "dx.csv", donor: "id", code: "code" };
const FILES = {
  "donors.csv": "id\n1\n2\n3\n",
  "samples.csv": "id,kind\n1,P\n2,P\n2,D\n",
  "dx.csv": "id,code,status\n1,E11,確定\n2,E11,疑い\n",
};

const opened = async (files: Parameters<typeof writeFiles>[1], options: object, mapping = {}) => {
  const folder = await newFolder();
  await writeFiles(folder, { ...FILES, ...files });
  const donors = { file: "donors.csv", id: "id" };
  return openTabular(folder, { kind: "tabular", donors, samples: SAMPLES, ...options }, mapping);
};
type Opened = Awaited<ReturnType<typeof opened>>;

/** Least and most donors, least and most samples. */
const count = async (adapter: Opened, asked = question([])): Promise<readonly unknown[]> => {
  const [got] = await adapter.count([asked], await adapter.release(NEVER), NEVER);
  if (got === undefined || got instanceof Error) throw got;
  return [got.donors.min, got.donors.max, got.samples.min, got.samples.max];
};

const E11 = has("DISEASE", code("E11"));
/** What is recorded and means no E11, which a bank without `complete` takes for perhaps one. */
const OTHER = has("DISEASE", { codes: ["E11"], negate: true, missing: false });
const PLASMA = is("SAMPLE_TYPE", code("P"));
const SURE = { op: "sure" } as const;
const MAPPING = { DISEASE: { codes: ["E11", "I10"], absent: [], complete: false } };

describe("a sample with an id is one sample", () => {
  // A join with diagnoses repeats a sample: 3 samples.
  test("over several rows", async () => {
    const text = "tube,id,icd10,kind\nT1,1,E11,P\nT1,1,I10,P\nT2,1,E11,P\nT3,2,,\n";
    const samples = { ...SAMPLES, id: "tube" };
    const diseases = { file: "samples.csv", donor: "id", code: "icd10" };
    const adapter = await opened({ "samples.csv": text }, { samples, diseases });
    expect(await count(adapter)).toEqual([3, 3, 3, 3]);
    expect(await count(adapter, question([E11], PLASMA))).toEqual([1, 1, 2, 2]);
  });

  test("that has what any of its rows says", async () => {
    const adapter = await opened(
      { "samples.csv": "tube,id,kind\nT1,1,\nT1,1,P\n" },
      { samples: { ...SAMPLES, id: "tube" } },
    );
    expect(await count(adapter, question([], PLASMA))).toEqual([3, 3, 1, 1]);
  });

  test.for([
    ["two kinds", "T1,1,P\nT1,1,D\n", "samples.csv: wanted one SAMPLE_TYPE for each id, got several for some"],
    ["two donors", "T1,1,P\nT1,2,P\n", "samples.csv: wanted one donor for each sample, got several for some"],
    ["no id", "T1,1,P\n,2,P\n", 'samples.csv, line 3, column "tube": wanted the id of a sample in every row, got none'],
  ] as const)("and is refused with %s", async ([, rows, message]) => {
    const opening = opened({ "samples.csv": `tube,id,kind\n${rows}` }, { samples: { ...SAMPLES, id: "tube" } });
    await expect(opening).rejects.toMatchObject({ code: "BANK_BROKEN", message: expect.stringContaining(message) });
  });
});

describe("rows that are no donors", () => {
  test("footers and empty rows are left out where that is said", async () => {
    const donors = { file: "donors.csv", id: "id", except: { id: ["合計"] }, skip: { empty: true } };
    const adapter = await opened({ "donors.csv": "id,n\n1,4\n,\n2,0\n3,0\n　, \n合計,4\n" }, { donors });
    expect(await count(adapter)).toEqual([3, 3, 3, 3]);
  });

  test("an empty row is refused with its line where it is not", async () => {
    const opening = opened({ "donors.csv": "id,n\n1,4\n,\n2,0\n3,0\n" }, {});
    const message = expect.stringContaining('donors.csv, line 3, column "id": wanted an id in every row, got none');
    await expect(opening).rejects.toMatchObject({ code: "BANK_BROKEN", message });
  });

  test("one flat file whose rows repeat the donor", async () => {
    const text = "id,sex,tube,kind,icd10\n1,F,a,P,E11\n1,F,b,D,E11\n2,,c,P,\n2,M,d,P,I10\n";
    const donors = { file: "all.csv", id: "id", sex: "sex", repeated: true };
    const options = { donors, diseases: { code: "icd10" }, samples: { id: "tube", type: "kind" } };
    const adapter = await opened({ "all.csv": text }, options);
    expect(await count(adapter)).toEqual([2, 2, 4, 4]);
    expect(await count(adapter, question([has("SEX", code("M"))], PLASMA))).toEqual([1, 1, 2, 2]);
    const other = opened({ "all.csv": `${text}2,F,e,P,\n` }, options);
    const message = expect.stringContaining("all.csv: wanted one SEX for each id, got several for some");
    await expect(other).rejects.toMatchObject({ code: "BANK_BROKEN", message });
  });

  test("ids that lost their leading zeros", async () => {
    const files = { "donors.csv": "id\n0001\n0002\n1234\nX1\n", "samples.csv": "id,kind\n1,P\n2.0,P\n1234,D\nX1,D\n" };
    expect(await count(await opened(files, { donors: { file: "donors.csv", id: "id", idDigits: 4 } }))).toEqual([
      4, 4, 4, 4,
    ]);
  });
});

describe("ids that are none", () => {
  // One donor more before: a word for a sum was the id of a donor.
  test.for(["合計", "計", "Total", "小計:", "ＴＯＴＡＬ (n)"])("%s is refused with its place", async (word) => {
    const message = expect.stringContaining(
      'donors.csv, line 4, column "id": wanted the id of a donor, got a word for',
    );
    await expect(opened({ "donors.csv": `id\n1\n2\n${word}\n` }, {})).rejects.toMatchObject({ message });
  });

  test("names of people who are called so are not met, and other words are ids", async () => {
    const adapter = await opened({ "donors.csv": "id\n1\n2\n計良\nsummer\n" }, {});
    expect(await count(adapter)).toEqual([4, 4, 3, 3]);
  });

  // Two donors before.
  test.for(["１", "1\u00a0", "1\u200b"])("%j is not another donor than 1", async (id) => {
    const message = expect.stringContaining("wanted ids that a person can tell apart, got one that looks like another");
    await expect(opened({ "donors.csv": `id\n1\n2\n${id}\n` }, {})).rejects.toMatchObject({ message });
  });

  // They were left out, and so counts were exact without them.
  test.for([
    ["0001", "with other zeros. Set donors.idDigits."],
    ["1.0", "with other zeros. Set donors.idDigits."],
    ["１", "that looks like a donor. Write it as there."],
  ] as const)("rows of %s are not of an unknown donor", async ([id, got]) => {
    for (const unknownDonors of ["drop", "widen"]) {
      const opening = opened({ "samples.csv": `id,kind\n${id},P\n9,P\n` }, { unknownDonors });
      await expect(opening).rejects.toMatchObject({ message: expect.stringContaining(`got one ${got}`) });
    }
  });

  test("rows of unknown donors that look alike are left out", async () => {
    const files = { "samples.csv": "id,kind\n1,P\n９,P\n9,P\n" };
    expect(await count(await opened(files, { unknownDonors: "drop" }))).toEqual([3, 3, 1, 1]);
  });
});

test("whole numbers that became fractions of zeros are whole where that is said", async () => {
  const files = {
    "donors.csv": "id,sex\n1.0,1.0\n2.0,2\n3,1\n",
    "samples.csv": "id,kind,stock\n1,1.00,1.0\n2,2,1\n3,1.5,0.0\n",
  };
  const donors = { file: "donors.csv", id: "id", sex: "sex" };
  const samples = { ...SAMPLES, only: { stock: ["1"] }, except: { stock: ["0"] } };
  const adapter = await opened(files, { wholeNumbers: true, donors, samples });
  expect(await count(adapter, question([has("SEX", code("1"))]))).toEqual([2, 2, 1, 1]);
  expect(await count(adapter, question([], is("SAMPLE_TYPE", code("1"))))).toEqual([3, 3, 1, 1]);
  await expect(opened(files, { donors, samples })).rejects.toMatchObject({ code: "BANK_BROKEN" });
});

describe("rows that `only` neither keeps nor `except` leaves out", () => {
  const only = { status: ["確定"] };

  // Every disease may have been meant before, since the record had no code.
  test("are records of which it is not known whether they count", async () => {
    const files = { "dx.csv": "id,code,status\n1,E11,確定\n1,I10,疑い\n2,Ｅ１１,疑い\n2,,疑い\n" };
    const adapter = await opened(files, { diseases: { ...DISEASES, only } }, MAPPING);
    expect(adapter.capabilities.fields.DISEASE?.doubt).toEqual(["NOT_UNDERSTOOD"]);
    const asked = (codes: readonly string[], more: object) =>
      count(adapter, question([has("DISEASE", { codes, negate: false, missing: false, ...more })]));
    expect(await asked(["E11"], {})).toEqual([1, 1, 1, 1]);
    expect(await asked(["E11"], { doubt: true })).toEqual([2, 2, 3, 3]);
    expect(await asked(["I10"], {})).toEqual([0, 0, 0, 0]);
    expect(await asked(["I10"], { doubt: true })).toEqual([1, 1, 1, 1]);
    expect(await asked(["C34"], { doubt: true })).toEqual([0, 0, 0, 0]);
    expect(await asked(["E11"], { negate: true, doubt: true })).toEqual([1, 1, 1, 1]);
    // Nothing is recorded of 3; of 2 nothing that surely counts.
    expect(await asked([], { missing: true })).toEqual([1, 1, 0, 0]);
    expect(await asked([], { missing: true, doubt: true })).toEqual([2, 2, 2, 2]);
    expect(await asked([], { negate: true, missing: true, doubt: true })).toEqual([3, 3, 3, 3]);
    const doubtful = { codes: ["E11"], negate: false, missing: true, doubt: true } as const;
    const by = [{ field: "DISEASE", cells: [code("E11"), doubtful] }] as const;
    const [got] = await adapter.count([{ ...question([]), by }], await adapter.release(NEVER), NEVER);
    expect(got).toMatchObject({ cells: [{ donors: { min: 1 } }, { donors: { min: 3 }, samples: { min: 3 } }] });
  });

  test("are donors of which it is not known whether they count", async () => {
    const files = { "donors.csv": "id,consent\n1,yes\n2,?\n3,no\n", "samples.csv": "id,kind\n1,P\n2,P\n2,D\n" };
    const donors = { file: "donors.csv", id: "id", only: { consent: ["yes"] }, except: { consent: ["no"] } };
    const adapter = await opened(files, { donors });
    expect(adapter.capabilities.doubtfulDonors).toBe(true);
    expect(await count(adapter)).toEqual([2, 2, 3, 3]);
    expect(await count(adapter, question([SURE]))).toEqual([1, 1, 1, 1]);
    const repeated = { ...donors, repeated: true };
    const again = await opened({ ...files, "donors.csv": `${files["donors.csv"]}2,yes\n` }, { donors: repeated });
    expect(again.capabilities.doubtfulDonors).toBeUndefined();
    expect(await count(again)).toEqual([2, 2, 3, 3]);
  });

  test("are left out where `except` names them, and so are those that are not in `only`", async () => {
    const adapter = await opened({}, { diseases: { ...DISEASES, only, except: { status: ["疑い"] } } });
    expect(await count(adapter, question([OTHER]))).toEqual([0, 0, 0, 0]);
  });

  test("make a warrant false", async () => {
    const mapping = { DISEASE: { codes: ["E11"], absent: [], complete: true } };
    const message = expect.stringContaining("complete: wanted records of disease that `only` keeps");
    const opening = opened({}, { diseases: { ...DISEASES, only } }, mapping);
    await expect(opening).rejects.toMatchObject({ code: "BANK_BROKEN", message });
  });

  // Exactly 0 before, since the texts were compared byte by byte.
  test("are compared by how they look", async () => {
    const files = { "samples.csv": "id,kind,stock\n1,P,1\n2,P,１\n2,P,1 \n3,P,0\n" };
    const samples = { ...SAMPLES, only: { stock: ["1"] }, except: { stock: ["0"] } };
    expect(await count(await opened(files, { samples }))).toEqual([3, 3, 3, 3]);
  });

  test("are samples that may count", async () => {
    const files = { "samples.csv": "id,kind,stock\n1,P,1\n2,P,1.0\n2,D,1\n3,P,0\n" };
    const samples = { ...SAMPLES, only: { stock: ["1"] }, except: { stock: ["0"] } };
    const adapter = await opened(files, { samples });
    expect(adapter.capabilities.doubtfulSamples).toBe(true);
    expect(await count(adapter)).toEqual([3, 3, 3, 3]);
    expect(await count(adapter, question([], SURE))).toEqual([3, 3, 2, 2]);
    const surePlasma = { op: "all", of: [PLASMA, SURE] } as const;
    expect(await count(adapter, question([sample(PLASMA)], PLASMA))).toEqual([2, 2, 2, 2]);
    expect(await count(adapter, question([sample(surePlasma)], surePlasma))).toEqual([1, 1, 1, 1]);
    expect(await count(adapter, question([{ op: "not", of: sample(surePlasma) }]))).toEqual([2, 2, 2, 2]);
    const by = [{ field: "SAMPLE_TYPE", cells: [code("P"), code("D")] }] as const;
    const [got] = await adapter.count([{ ...question([], SURE), by }], await adapter.release(NEVER), NEVER);
    expect(got).toMatchObject({
      cells: [
        { donors: { min: 1, max: 1 }, samples: { min: 1, max: 1 } },
        { donors: { min: 1, max: 1 }, samples: { min: 1, max: 1 } },
      ],
    });
  });
});

describe("rows of unknown donors", () => {
  const files = { "samples.csv": "id,kind\n1,P\n9,P\n9,D\n8,D\n" };

  test("are left out", async () => {
    expect(await count(await opened(files, { unknownDonors: "drop" }))).toEqual([3, 3, 1, 1]);
  });

  test("make every count a range", async () => {
    const adapter = await opened(files, { unknownDonors: "widen" });
    expect(await count(adapter)).toEqual([3, 5, 1, 4]);
    expect(await count(adapter, question([sample(PLASMA)], PLASMA))).toEqual([1, 3, 1, 4]);
    const [got] = await adapter.count([question([])], await adapter.release(NEVER), NEVER);
    expect(got).toMatchObject({ donors: { why: ["NOT_UNDERSTOOD"] }, samples: { why: ["NOT_UNDERSTOOD"] } });
  });

  test("count each tube of theirs", async () => {
    const tubes = { file: "samples.csv", donor: "id", tubes: { p: "P" } };
    const text = 'id,p\n1,3本\n9,"1,000"\n';
    const adapter = await opened({ "samples.csv": text }, { samples: tubes, unknownDonors: "widen" });
    expect(await count(adapter)).toEqual([3, 4, 3, 1003]);
  });
});

test("several separators in a cell", async () => {
  const files = { "dx.csv": 'id,code\n1,I10、E11\n2,"E11;I10，X"\n3,I10\n' };
  const adapter = await opened(files, { diseases: { ...DISEASES, split: [";", "、", "，"] } });
  expect(await count(adapter, question([E11]))).toEqual([2, 2, 3, 3]);
});

// A list was one text, "[E11, I10]", and so a code without a meaning.
test("a list of a Parquet file is its parts", async () => {
  const folder = await newFolder();
  await writeFiles(folder, FILES);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const rows = "(1, ['I10', 'E11']), (2, []), (3, NULL), (2, ['E11', NULL])";
  const path = join(folder, "dx.parquet").replaceAll("'", "''");
  await connection.run(`COPY (SELECT * FROM (VALUES ${rows}) v(id, code)) TO '${path}'`);
  connection.closeSync();
  instance.closeSync();
  const donors = { file: "donors.csv", id: "id" };
  const diseases = { ...DISEASES, file: "dx.parquet" };
  const adapter = await openTabular(folder, { kind: "tabular", donors, diseases, samples: SAMPLES });
  expect(await count(adapter, question([E11]))).toEqual([2, 2, 3, 3]);
  expect(await count(adapter, question([OTHER]))).toEqual([1, 1, 1, 1]);
});
