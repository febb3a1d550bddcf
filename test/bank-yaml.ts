import type { BankYaml } from "../subgraphs/mapping/bank-yaml.ts";

/** A checked bank.yaml: the least that a bank has to say, and what a test says in its place. */
export const bankYaml = (more: Partial<BankYaml> = {}): BankYaml => ({
  id: "bank",
  name: "Bank",
  contact: { name: "Office", email: "office@bank.example" },
  access: { eligible: [] },
  size: { enrolmentsPerPerson: 1 },
  centres: [],
  adapter: { kind: "memory" },
  state: "LIVE",
  absent: {},
  complete: [],
  release: { announced: false, staleHours: 24 },
  disclosure: { off: true },
  ...more,
});
