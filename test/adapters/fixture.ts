import type { MappedCodes, MappedField } from "../../adapters/adapter.ts";
import type { LocalDonor, LocalSample, LocalTrees, LocalValues } from "./evaluate.ts";

const FEMALE = "NCIT:C16576";
const MALE = "NCIT:C20197";
const DNA = "OBI:0001051";
const PLASMA = "OBI:0100016";
const URINE = "OBI:0000651";

const E11 = "ICD10:E11";
const E112 = "ICD10:E11.2";
const C34 = "ICD10:C34";
const C341 = "ICD10:C34.1";

/** The codes that the fixture below is written in, for questions. */
export const CODES = { FEMALE, MALE, DNA, PLASMA, URINE, E11, E112, C34, C341 } as const;

const sample = (type: string, age: number | null, year: number | null, storage?: string): LocalSample => ({
  values: { SAMPLE_TYPE: [type], ...(storage === undefined ? {} : { STORAGE: [storage] }) },
  age,
  year,
});
const donor = (values: LocalValues, ...samples: LocalSample[]): LocalDonor => ({ values, samples });
const sex = (code: string): LocalValues => ({ SEX: [code], COHORT: ["cohort:community"] });

/** Fourteen donors in a bank's own codes: none, one or several diseases and samples, and values that are missing. */
export const FIXTURE: readonly LocalDonor[] = [
  donor({ ...sex(FEMALE), DISEASE: [E11] }, sample(DNA, 44, 2014, "storage:minus-80"), sample(PLASMA, 44, 2014)),
  donor({ ...sex(FEMALE), DISEASE: [E112], DATA: ["data:WGS"] }, sample(DNA, 39, 2013), sample(PLASMA, 51, 2019)),
  donor({ ...sex(MALE), DISEASE: [E11, C341] }, sample(PLASMA, 62, 2015, "storage:ln2"), sample(PLASMA, 67, 2020)),
  donor({ ...sex(MALE), DISEASE: [C34], DATA: ["data:WGS", "data:SNP_ARRAY"] }, sample(DNA, 58, 2016)),
  donor({ ...sex(FEMALE) }, sample(URINE, 30, 2013), sample(DNA, 30, 2013), sample(PLASMA, null, 2013)),
  donor({ ...sex(MALE) }, sample(DNA, 49, null, "storage:minus-80"), sample(DNA, 50, 2018, "storage:minus-80")),
  donor({ DISEASE: [E11, E112] }, sample(PLASMA, 40, 2014)),
  donor({ COHORT: ["cohort:patient"], DISEASE: [C341] }, sample(DNA, 59, 2017), sample(URINE, 60, 2018)),
  donor({ ...sex(FEMALE), DISEASE: [E11, E112, C34, C341] }),
  donor({}, sample(DNA, null, null)),
  donor({}),
  donor({ ...sex(MALE), DISEASE: [E112] }, sample(PLASMA, 40, 2014), sample(PLASMA, 59, 2014), sample(DNA, 41, 2014)),
  donor({ ...sex(FEMALE), DATA: ["data:WGS"] }, sample(DNA, 0, 2020, "storage:minus-80")),
  donor({ ...sex(MALE), COHORT: ["cohort:patient"] }, sample(PLASMA, 45, 2014), sample(DNA, 71, 2020)),
];

const ICD10_TREE = new Map([
  [E11, [E11, E112]],
  [C34, [C34, C341]],
  [E112, [E112]],
  [C341, [C341]],
]);

/** The hierarchy of the fixture's diseases. */
export const TREES: LocalTrees = { DISEASE: ICD10_TREE };

const mapped = (codes: readonly string[]): MappedField => ({ codes, absent: [], complete: true });

/** The fixture's mapping. COHORT holds a code that no donor has and no beacon lists. */
export const MAPPING: MappedCodes = {
  DISEASE: { ...mapped([E11, E112, C34, C341]), tree: ICD10_TREE },
  SEX: mapped([FEMALE, MALE]),
  COHORT: mapped(["cohort:community", "cohort:patient", "cohort:of-nobody"]),
  DATA: mapped(["data:WGS", "data:SNP_ARRAY"]),
  SAMPLE_TYPE: mapped([DNA, PLASMA, URINE]),
  STORAGE: mapped(["storage:minus-80", "storage:ln2"]),
};
