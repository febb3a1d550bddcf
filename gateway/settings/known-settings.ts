import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nearest } from "../../schema/question-error.ts";
import { variablesIn } from "../../subgraphs/mapping/variables.ts";
import type { Environment } from "../environment.ts";

/** Where names of variables stand beside the settings: in bank.yaml files, and in programs beside this one. */
type Elsewhere = { readonly banks: readonly string[]; readonly others: readonly string[] };

/**
 * What is wrong with a variable whose name begins like one of Odan's, but which is no setting, no bank.yaml refers to, and no
 * other program reads; null where there is none.
 */
export const unknownSetting = (
  given: Environment,
  settings: readonly string[],
  { banks, others }: Elsewhere,
): string | null => {
  const own = Object.keys(given).filter((name) => name.startsWith("ODAN_") && !settings.includes(name));
  if (own.length === 0) return null;
  const named = [...[...banks, ...bundledBanks()].flatMap(variablesOf), ...others];
  const unknown = own.find((name) => !named.includes(name));
  if (unknown === undefined) return null;
  const [near] = nearest(unknown, [...settings, ...named]);
  const hint =
    near === undefined ? "docs/settings.md lists them, and no bank.yaml in use names it." : `Did you mean ${near}?`;
  return `${unknown} is no setting of Odan. ${hint}`;
};

/** The variables that a bank.yaml refers to; none for a URL, and for a file that cannot be read, which is reported when it is opened. */
const variablesOf = (bank: string): readonly string[] => {
  try {
    return variablesIn(readFileSync(bank, "utf8"));
  } catch {
    return [];
  }
};

/** The bank.yaml files that come with Odan. */
export const bundledBanks = (): readonly string[] => {
  const folder = fileURLToPath(new URL("../../subgraphs/banks", import.meta.url));
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name, "bank.yaml"))
    .sort();
};
