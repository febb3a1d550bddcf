import type { Capabilities } from "../../adapters/local.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { createSubgraph, type Subgraph } from "../../subgraphs/serve/subgraph.ts";
import type { LocalDonor } from "../adapters/evaluate.ts";
import { memoryAdapter } from "../law/memory-adapter.ts";

const plain = { on: ["DONORS", "SAMPLES"], rest: true, several: true } as const;
const capabilities: Capabilities = {
  counts: ["DONORS", "SAMPLES"],
  donors: { logic: "boolean" },
  samples: { logic: "boolean" },
  fields: { SEX: plain, SAMPLE_TYPE: plain, COLLECTED_YEAR: plain, DISEASE: plain },
  facets: ["SEX", "SAMPLE_TYPE"],
};

const donorOf = (sex: string): LocalDonor => ({
  values: { SEX: [sex], DISEASE: ["E11"] },
  samples: [{ values: { SAMPLE_TYPE: ["D"] }, age: 50, year: 2013 }],
});

/** A bank with so many women, a man, and one sample of DNA of each. Its numbers are exact. */
export const smallBank = (id: string, women: number): Subgraph => {
  const mapping = parseMapping(
    `id: ${id}
name: { en: Small Bank }
contact: { name: Office, email: office@small.example }
size: { donors: 100, samples: 500 }
adapter: { kind: tabular }
sex: { "1": MALE, "2": FEMALE }
sampleType: { D: DNA }
disease: { E11: { label: { en: Diabetes }, is: ["ICD10:E11"] } }
complete: [sex, sampleType, disease]
release: { announced: true }
disclosure: { off: true }
`,
    "bank.yaml",
    {},
  );
  const donors = [donorOf("1"), ...Array.from({ length: women }, () => donorOf("2"))];
  const refuse = (message: string) => {
    throw new Error(message);
  };
  const open = async () => memoryAdapter(donors, capabilities, {}, "same", { kind: "exact" }, refuse);
  return createSubgraph(mapping, open, { leaseMs: 300 });
};
