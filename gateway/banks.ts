import path from "node:path";
import { openBank } from "../subgraphs/open.ts";
import type { Config } from "./config.ts";
import { type BankLink, inProcess } from "./executor.ts";
import { readOperatorToken } from "./operator-token.ts";
import { overHttp } from "./remote.ts";

/**
 * The ways to the banks that the configuration names. A bank.yaml becomes a subgraph of this process, whose release state is
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
      if (/^https?:/i.test(bank)) return overHttp(bank.split("|").map((url) => new URL(url)));
      return inProcess(await openBank(bank, env, { leaseMs, stateFolder: path.join(data, "releases") }), isToken);
    }),
  );
};
