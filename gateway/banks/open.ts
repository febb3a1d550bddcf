import path from "node:path";
import type { Logger } from "pino";
import { type Config, ConfigError } from "../config.ts";
import { readOperatorToken } from "../operator-token.ts";
import type { BankLink } from "./link.ts";
import { overHttp } from "./over-http.ts";
import { inThreads } from "./threads/in-threads.ts";

/**
 * The links to the banks that the configuration names. The banks of bank.yaml files run on threads of this
 * process; their release states are kept in the data folder.
 * @throws {BankYamlError} {ConfigError}
 */
export const openBanks = async (
  {
    banks,
    data,
    env,
    leaseMs,
    operatorTokenFile,
  }: Pick<Config, "banks" | "data" | "env" | "leaseMs" | "operatorTokenFile">,
  log: Logger,
): Promise<readonly BankLink[]> => {
  const isToken = await readOperatorToken(operatorTokenFile);
  const remote = banks.filter(isUrl).map((bank) => overHttp(bank.split("|").map(urlOf)));
  const files = banks.filter((bank) => !isUrl(bank));
  const hosted = await inThreads(files, { env, leaseMs, stateFolder: path.join(data, "releases"), isToken, log });
  return [...remote, ...hosted];
};

const isUrl = (bank: string): boolean => /^https?:/i.test(bank);

const urlOf = (bank: string): URL => {
  if (URL.canParse(bank)) return new URL(bank);
  throw new ConfigError(`ODAN_BANKS: wanted the URL of a subgraph such as http://127.0.0.1:4201/, got ${bank}`);
};
