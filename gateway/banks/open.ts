import path from "node:path";
import { openBank } from "../../subgraphs/serve/open.ts";
import { type Config, ConfigError } from "../config.ts";
import { readOperatorToken } from "../operator-token.ts";
import { inProcess } from "./in-process.ts";
import type { BankLink } from "./link.ts";
import { overHttp } from "./over-http.ts";

/**
 * The links to the banks that the configuration names. A bank.yaml becomes a subgraph of this process, whose release state is
 * kept in the data folder.
 * @throws {BankYamlError} {ConfigError}
 */
export const openBanks = async ({
  banks,
  data,
  env,
  leaseMs,
  operatorTokenFile,
}: Pick<Config, "banks" | "data" | "env" | "leaseMs" | "operatorTokenFile">): Promise<readonly BankLink[]> => {
  const isToken = await readOperatorToken(operatorTokenFile);
  return Promise.all(
    banks.map(async (bank) => {
      if (/^https?:/i.test(bank)) return overHttp(bank.split("|").map(urlOf));
      return inProcess(await openBank(bank, env, { leaseMs, stateFolder: path.join(data, "releases") }), isToken);
    }),
  );
};

const urlOf = (bank: string): URL => {
  if (URL.canParse(bank)) return new URL(bank);
  throw new ConfigError(`ODAN_BANKS: wanted the URL of a subgraph such as http://127.0.0.1:4201/, got ${bank}`);
};
