import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import type { LocalPredicate, LocalQuestion, LocalSelector } from "../../adapters/local.ts";
import { sqon } from "../../adapters/sqon.ts";
import { cancerDocuments } from "../../sandbox/cancer/documents.ts";
import { catalogueServer } from "../../sandbox/cancer/server.ts";
import { population, recorded } from "../../sandbox/population.ts";
import { FIELDS, isNumberField } from "../../schema/fields.ts";
import { type Mapping, mappedFields, parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { mappedCodes } from "../../subgraphs/serve/open.ts";

const NEVER = new AbortController().signal;
const FILE = fileURLToPath(new URL("../../subgraphs/banks/cancer/bank.yaml", import.meta.url));
const donors = Array.from(population("cancer"), (donor) => recorded("cancer", donor));
const samples = donors.flatMap((donor) => donor.samples);
const server = catalogueServer(cancerDocuments(donors), { maxAliases: 2000 });

let mapping: Mapping;
let adapter: Adapter;
beforeAll(async () => {
  const url = await server.listen(0);
  mapping = parseMapping(await readFile(FILE, "utf8"), FILE, { ODAN_CANCER_URL: url });
  const options = sqon.options.parse(mapping.yaml.adapter);
  adapter = await sqon.open(options, mappedCodes(mapping), { bank: "cancer", folder: ".", env: process.env }, NEVER);
});
afterAll(async () => {
  await adapter[Symbol.asyncDispose]();
  await server.close();
});

const count = async (asked: Partial<LocalQuestion>) => {
  const every = { op: "all", of: [] } as const;
  const question = { donors: every, samples: every, ...asked };
  const [got] = await adapter.count([question], await adapter.release(NEVER), NEVER);
  return got;
};
const exactly = (of: number, held: number) => ({ donors: { min: of, max: of }, samples: { min: held, max: held } });
const withAny = (prefix: string) => donors.filter(({ diagnoses }) => diagnoses.some((code) => code.startsWith(prefix)));

test("the mapping of the bank reads the catalogue at its published size", async () => {
  expect(await count({})).toEqual(exactly(13_650, samples.length));
  expect(samples.length).toBeLessThan(mapping.yaml.size.samples ?? 0);
  expect(Math.max(...donors.map((donor) => donor.samples.length))).toBeLessThan(mapping.yaml.size.samplesPerDonor ?? 0);
});

test("the mapping names every code that it says it does", async () => {
  for (const field of mappedFields(mapping)) {
    const { codes, complete } = mapping.fields[field]!;
    if (!complete || isNumberField(field) || field === "DISEASE") continue;
    const test = { codes: codes.map(({ code }) => code), negate: true, missing: !FIELDS[field].many };
    const asked =
      FIELDS[field].of === "donor"
        ? { donors: { op: "has", field, test } as LocalPredicate }
        : { samples: { op: "has", field, test } as LocalSelector, only: "SAMPLES" as const };
    const got = await count(asked);
    expect(got, field).toMatchObject(FIELDS[field].of === "donor" ? { donors: { max: 0 } } : { samples: { max: 0 } });
  }
  const known = new Set(mapping.fields.DISEASE?.codes.map(({ code }) => code));
  const recordedCodes = donors.flatMap(({ diagnoses }) => diagnoses.filter((code) => code.startsWith("ONCOTREE:")));
  expect(recordedCodes.filter((code) => !known.has(code.slice("ONCOTREE:".length)))).toEqual([]);
});

test("a cancer is asked for by its codes, a pair by two samples of one donor", async () => {
  const lung = { codes: ["LUAD", "LUSC", "SCLC"], negate: false, missing: false };
  const wanted = ["LUAD", "LUSC", "SCLC"].flatMap((code) => withAny(`ONCOTREE:${code}`));
  const tubes = wanted.flatMap((donor) => donor.samples).length;
  expect(await count({ donors: { op: "has", field: "DISEASE", test: lung } })).toEqual(exactly(wanted.length, tubes));
  const dna = (origin: string): LocalPredicate => ({
    op: "sample",
    of: {
      op: "all",
      of: [
        { op: "has", field: "SAMPLE_TYPE", test: { codes: ["DNA"], negate: false, missing: false } },
        { op: "has", field: "SAMPLE_ORIGIN", test: { codes: [origin], negate: false, missing: false } },
      ],
    },
  });
  const pairs = donors.filter((donor) =>
    ["TUMOUR", "NORMAL"].every((origin) => donor.samples.some((s) => s.type === "DNA" && s.origin === origin)),
  );
  const asked = { donors: { op: "all", of: [dna("Tumour"), dna("Normal")] }, only: "DONORS" } as const;
  expect(await count(asked)).toMatchObject({ donors: { min: pairs.length, max: pairs.length } });
});
