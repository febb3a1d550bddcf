import { expect, test } from "vitest";
import { fhir } from "../../adapters/fhir.ts";
import { population, recorded } from "../../sandbox/population.ts";
import { canonical } from "../../schema/canonical.ts";
import { parseWhere } from "../../schema/parse.ts";
import { answer } from "../../subgraphs/answer/answer.ts";
import { counter } from "../../subgraphs/count/counter.ts";
import { disclosureOf } from "../../subgraphs/disclose/disclose.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { mappedCodes } from "../../subgraphs/serve/open.ts";
import { interpreterOf } from "../../subgraphs/understand/interpret.ts";
import type { LocalDonor } from "./evaluate.ts";
import { startMedplum } from "./medplum.ts";

const NEVER = new AbortController().signal;

/** 110 donors of the rare-disease repository, in ICD-10 categories. */
const DONORS: readonly LocalDonor[] = Array.from(population("rare", { size: 0.02 }), (truth) => {
  const { sex, diagnoses, samples } = recorded("rare", truth);
  const categories = diagnoses.flatMap((code) => /^ICD10:([A-Z]\d\d)/.exec(code)?.[1] ?? []);
  return {
    values: { SEX: sex === null ? [] : [sex.toLowerCase()], DISEASE: [...new Set(categories)] },
    samples: samples.map(({ type, age, year }) => ({ values: { SAMPLE_TYPE: [type ?? ""] }, age, year })),
  };
});
const CATEGORIES = [...new Set(DONORS.flatMap(({ values }) => values.DISEASE ?? []))];

const YAML = `
id: medplum
name: A server that we did not write
contact: { name: Office, email: office@medplum.example }
size: { samplesPerDonor: 10 }
complete: [disease, sampleType]
adapter:
  kind: fhir
  url: URL
  donors: { sex: gender }
  diseases: { reference: subject, system: https://codes.example }
  samples: { reference: patient, type: { param: type, system: https://codes.example }, year: collected }
  release: { resource: Library/release }
disease: { ${CATEGORIES.map((code) => `${code}: "ICD10:${code}"`).join(", ")} }
sex: { female: FEMALE, male: MALE, other: OTHER }
sampleType: { DNA: DNA, PLASMA: PLASMA, SERUM: SERUM, WHOLE_BLOOD: WHOLE_BLOOD, CELL_LINE: CELL_LINE, CSF: CSF }
disclosure: { off: true }
`;

const openMedplum = async () => {
  const { url } = await startMedplum(DONORS);
  const mapping = parseMapping(YAML.replace("URL", url), "bank.yaml", {});
  const options = fhir.options.parse(mapping.yaml.adapter);
  const adapter = await fhir.open(
    options,
    mappedCodes(mapping),
    { bank: "medplum", folder: ".", env: process.env },
    NEVER,
  );
  const parts = {
    interpreter: interpreterOf(mapping, adapter.capabilities),
    count: counter(adapter),
    disclosure: disclosureOf({ off: true }),
  };
  const ask = async (where: object) => {
    const question = { v: 1 as const, where: canonical(parseWhere(where)).where, facets: [] };
    const found = await answer(question, parts, await adapter.release(NEVER), NEVER);
    if ("failure" in found) throw new Error(found.failure.message);
    return found;
  };
  return { adapter, ask };
};

const truth = (holds: (donor: LocalDonor) => boolean) => {
  const donors = DONORS.filter(holds);
  return { donors: donors.length, samples: donors.reduce((sum, { samples }) => sum + samples.length, 0) };
};
const inside = (count: { readonly min: number; readonly max: number | null }, number: number) => {
  expect(count.min).toBeLessThanOrEqual(number);
  expect(count.max ?? number).toBeGreaterThanOrEqual(number);
};

test("a server that answers `_has` and chains by a silent 0 is asked for neither, and its answers hold the truth", {
  timeout: 30_000,
}, async () => {
  const { adapter, ask } = await openMedplum();
  expect(adapter.capabilities).toMatchObject({ counts: ["DONORS", "SAMPLES"] });
  expect(Object.entries(adapter.capabilities.fields).map(([field, { on }]) => `${field} ${on}`)).toEqual([
    "SEX DONORS",
    "SAMPLE_TYPE SAMPLES",
    "COLLECTED_YEAR SAMPLES",
  ]);
  expect(await adapter.release(NEVER)).toEqual({ id: "medplum@7", date: "2026-04-01", kind: "ANNOUNCED" });

  const all = truth(() => true);
  const everybody = await ask({});
  expect(everybody.donors).toMatchObject({ min: all.donors, max: all.donors, because: [] });
  expect(everybody.samples).toMatchObject({ min: all.samples, max: all.samples, because: [] });

  const female = truth(({ values }) => values.SEX?.includes("female") === true);
  const bySex = await ask({ sex: ["FEMALE"] });
  expect(bySex.donors.min).toBe(female.donors);
  inside(bySex.samples, female.samples);
  expect(bySex.samples.max).toBe(all.samples);

  const [code] = CATEGORIES;
  const ill = truth(({ values }) => values.DISEASE?.includes(code!) === true);
  const byDisease = await ask({ disease: { codes: [`ICD10:${code}`] } });
  expect(ill.donors).toBeGreaterThan(0);
  expect(byDisease.donors).toMatchObject({ min: 0, max: all.donors, because: ["CRITERION_UNSUPPORTED"] });
  expect(byDisease.samples).toMatchObject({ min: 0, max: all.samples, because: ["CRITERION_UNSUPPORTED"] });

  const plasma = ({ samples }: LocalDonor) => samples.filter(({ values }) => values.SAMPLE_TYPE?.[0] === "PLASMA");
  const byType = await ask({ sample: { type: ["PLASMA"] } });
  const tubes = DONORS.flatMap(plasma).length;
  expect(byType.samples).toMatchObject({ min: tubes, max: tubes, because: [] });
  inside(byType.donors, truth((donor) => plasma(donor).length > 0).donors);
});
