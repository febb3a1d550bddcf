import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BankYamlError } from "../../subgraphs/mapping/bank-yaml-error.ts";
import { readBank } from "../../subgraphs/serve/open.ts";

/** What is found wrong with a bank.yaml that lies in `folder`; empty where it is right. */
export const yamlFindings = async (folder: string, yaml: string | Uint8Array): Promise<readonly string[]> => {
  const file = join(folder, "bank.yaml");
  await writeFile(file, yaml);
  try {
    await readBank(file, {});
    return [];
  } catch (error) {
    if (error instanceof BankYamlError) return error.findings;
    throw error;
  }
};
