import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import { canonical } from "../../schema/canonical.ts";
import type { Count } from "../../schema/count.ts";
import { parseWhere } from "../../schema/parse.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import { answer } from "../../subgraphs/answer/answer.ts";
import { counter } from "../../subgraphs/count/counter.ts";
import { disclosureOf } from "../../subgraphs/disclose/disclose.ts";
import type { BankYaml } from "../../subgraphs/mapping/bank-yaml.ts";
import { mappingOf } from "../../subgraphs/mapping/mapping.ts";
import { mappedCodes } from "../../subgraphs/serve/open.ts";
import { type Interpreter, interpreterOf } from "../../subgraphs/understand/interpret.ts";
import { openBeacon, startBeacon } from "../adapters/beacon-bank.ts";
import type { LocalDonor } from "../adapters/evaluate.ts";
import { openFhir, startFhir } from "../adapters/fhir-bank.ts";
import { TREES } from "../adapters/fixture.ts";
import { connect, openOmop, writeCdm } from "../adapters/omop-bank.ts";
import { openSqon, startCatalogue } from "../adapters/sqon-bank.ts";
import { openTabular, OPTIONS as TABULAR, writeBank } from "../adapters/tabular-bank.ts";
import { bankYaml } from "../bank-yaml.ts";
import { type Case, cases } from "../law/case.ts";
import { random } from "../law/domain.ts";
import { type TrueDonor, truthOf, type World } from "../oracle.ts";
import { startPostgres } from "../postgres.ts";

/** Federated value by local code, as far as this small world goes. */
const CODES = {
  SEX: { "NCIT:C16576": "FEMALE", "NCIT:C20197": "MALE" },
  DISEASE: {
    "ICD10:E11": "ICD10:E11",
    "ICD10:E11.2": "ICD10:E11.2",
    "ICD10:C34": "ICD10:C34",
    "ICD10:C34.1": "ICD10:C34.1",
  },
  DATA: { "data:WGS": "WGS", "data:SNP_ARRAY": "SNP_ARRAY" },
  SAMPLE_TYPE: { "OBI:0001051": "DNA", "OBI:0100016": "PLASMA", "OBI:0000651": "URINE" },
  STORAGE: { "storage:minus-80": "MINUS_80", "storage:ln2": "LN2" },
} as const;

/** One population: what a bank records of it, and a truth that agrees. */
const populationOf = (
  seed: number,
  donors: number,
): { readonly recorded: readonly LocalDonor[]; readonly world: World } => {
  const r = random(seed);
  const pick = (field: keyof typeof CODES): string => r.pick(Object.keys(CODES[field]));
  const trueOf = (field: keyof typeof CODES, code: string | undefined): string | null =>
    code === undefined ? null : ((CODES[field] as { readonly [code: string]: string })[code] ?? null);
  const people = Array.from({ length: donors }, () => {
    const sex = r.chance(0.1) ? undefined : pick("SEX");
    const diseases = [...new Set(Array.from({ length: r.int(0, 2) }, () => pick("DISEASE")))];
    const data = [...new Set(Array.from({ length: r.int(0, 2) }, () => pick("DATA")))];
    const samples = Array.from({ length: r.int(0, 4) }, () => {
      const storage = r.chance(0.2) ? undefined : pick("STORAGE");
      const [age, year] = [r.int(20, 26), r.int(2010, 2014)];
      const type = pick("SAMPLE_TYPE");
      const local = {
        values: { SAMPLE_TYPE: [type], ...(storage === undefined ? {} : { STORAGE: [storage] }) },
        age: r.chance(0.1) ? null : age,
        year: r.chance(0.1) ? null : year,
      };
      const truth = {
        type: trueOf("SAMPLE_TYPE", type) ?? "",
        origin: null,
        age,
        year,
        storage: trueOf("STORAGE", storage) ?? "ROOM",
      };
      return { local, truth };
    });
    const recorded: LocalDonor = {
      values: { ...(sex === undefined ? {} : { SEX: [sex] }), DISEASE: diseases, DATA: data },
      samples: samples.map((s) => s.local),
    };
    const truth: TrueDonor = {
      sex: trueOf("SEX", sex) ?? r.pick(["FEMALE", "MALE", "OTHER"]),
      cohort: "PATIENT",
      family: "NONE",
      centre: null,
      diagnoses: diseases,
      programmes: [],
      data: data.map((code) => trueOf("DATA", code) ?? ""),
      uses: [],
      samples: samples.map((s) => s.truth),
    };
    return { recorded, truth };
  });
  const none = { donor: new Set<string>(), samples: [] };
  return { recorded: people.map((p) => p.recorded), world: people.map(({ truth }) => ({ truth, unrecorded: none })) };
};

const yaml = (more: Partial<BankYaml>): BankYaml =>
  bankYaml({
    size: { enrolmentsPerPerson: 1, donors: 500, samples: 2_000, samplesPerDonor: 4 },
    disease: CODES.DISEASE,
    sex: CODES.SEX,
    data: CODES.DATA,
    sampleType: CODES.SAMPLE_TYPE,
    storage: CODES.STORAGE,
    ...more,
  });

const exactly = Object.fromEntries(
  Object.entries(CODES.DISEASE).map(([code, is]) => [code, { is: [is], relation: "exact" as const }]),
);
const FULL = yaml({ disease: exactly, complete: ["disease", "data", "sampleType"] });
/** Diseases in broad strokes, urine unexplained, nothing warranted. */
const POOR = yaml({
  disease: {
    "ICD10:E11": ["ICD10:E10-E14"],
    "ICD10:E11.2": ["ICD10:E11"],
    "ICD10:C34": { is: ["ICD10:C34"], relation: "broader" },
  },
  sampleType: { "OBI:0001051": "DNA", "OBI:0100016": ["PLASMA", "SERUM"] },
});

/** The five kinds of local API, each a real server or real files with the same donors in it. */
const openAll = async (
  recorded: readonly LocalDonor[],
  bank: BankYaml,
): Promise<{ readonly [kind: string]: Adapter }> => {
  const plain = mappedCodes(mappingOf(bank));
  const mapping = {
    ...plain,
    DISEASE: { ...plain.DISEASE, codes: plain.DISEASE?.codes ?? [], absent: [], complete: true, tree: TREES.DISEASE! },
  };
  const postgres = await startPostgres();
  onTestFinished(() => postgres[Symbol.asyncDispose]());
  const url = await postgres.newDatabase();
  await writeCdm(await connect(url), recorded);
  const folder = await mkdtemp(join(tmpdir(), "odan-five-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeBank(folder, recorded);
  return {
    beacon: await openBeacon((await startBeacon(recorded)).url, {}, mapping),
    tabular: await openTabular(folder, TABULAR, plain),
    omop: await openOmop(url),
    sqon: await openSqon((await startCatalogue(recorded)).url, {}, plain),
    fhir: await openFhir((await startFhir(recorded)).url, {}, plain),
  };
};

type Share = { numbers: number; exact: number };

const ask = async (adapter: Adapter, interpreter: Interpreter, { where, facets }: Case): Promise<Answer> => {
  const question = { v: 1 as const, where: canonical(parseWhere(where)).where, facets };
  const signal = new AbortController().signal;
  const release = await adapter.release(signal);
  const found = await answer(
    question,
    { interpreter, count: counter(adapter), disclosure: disclosureOf({ off: true }) },
    release,
    signal,
  );
  if ("failure" in found) throw new Error(found.failure.message);
  return found;
};

const inside = (what: string, { min, max, because }: Count, truth: number, share: Share): void => {
  if (min > truth || (max !== null && max < truth))
    throw new Error(`${what}: ${min}..${max} because ${because}, truth ${truth}`);
  share.numbers += 1;
  if (min === max) share.exact += 1;
};

test.for([
  ["full mappings", FULL],
  ["impoverished mappings", POOR],
] as const)("one population in five languages: %s", async ([name, bank]) => {
  const { recorded, world } = populationOf(20_261_122, 120);
  const adapters = await openAll(recorded, bank);
  const mapping = mappingOf(bank);
  const shares: { [kind: string]: Share } = {};
  const property = fc.asyncProperty(cases, async (given) => {
    // NOT_RECORDED speaks of one bank's data; here the truth is that of the people.
    const facets = given.facets.filter(
      ({ by, across }) => ![by, across].some((axis) => axis?.values.includes("NOT_RECORDED")),
    );
    for (const [kind, adapter] of Object.entries(adapters)) {
      const share = shares[kind] ?? { numbers: 0, exact: 0 };
      shares[kind] = share;
      const interpreter = interpreterOf(mapping, adapter.capabilities);
      const found = await ask(adapter, interpreter, { ...given, facets });
      const truth = truthOf(world, given.where);
      const sure = found.understanding.every(({ verdict }) => verdict === "EXACT" || verdict === "NOT_COLLECTED");
      for (const unit of ["donors", "samples"] as const) {
        inside(`${kind} ${unit}`, found[unit], truth[unit], share);
        const named = found[unit].because.some((reason) =>
          ["SAME_SAMPLE", "LOGIC_LIMIT", "NOT_COUNTED"].includes(reason),
        );
        if (sure && !named) expect([kind, found[unit].min, found[unit].max]).toEqual([kind, truth[unit], truth[unit]]);
      }
      facets.forEach(({ by, across }, f) => {
        const columns = across?.values ?? [null];
        by.values.forEach((row, i) => {
          columns.forEach((column, j) => {
            const cell = [
              { field: by.field, value: row },
              ...(column === null ? [] : [{ field: across?.field ?? "", value: column }]),
            ];
            const counts = found.facets[f]?.cells[i * columns.length + j];
            const narrowed = truthOf(world, given.where, cell);
            for (const unit of ["donors", "samples"] as const) {
              inside(`${kind} ${unit} ${JSON.stringify(cell)}`, counts![unit], narrowed[unit], share);
            }
          });
        });
      });
    }
  });
  await fc.assert(property, { numRuns: 250, seed: 5, endOnFailure: false });
  const shown = Object.entries(shares).map(
    ([kind, { numbers, exact }]) => `${kind} ${((100 * exact) / numbers).toFixed(1)} %`,
  );
  console.info(`${name}: exact of all numbers: ${shown.join(", ")}`);
});
