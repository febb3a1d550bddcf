import { BankYamlError } from "../subgraphs/bank-yaml.ts";
import { openBank } from "../subgraphs/open.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { createLog } from "./log.ts";
import { ListenError, startGateway } from "./server.ts";
import { stopWithProcess } from "./stop.ts";

const serve = async (config: Config): Promise<void> => {
  const log = createLog(config.logLevel);
  const subgraphs = await Promise.all(config.banks.map((file) => openBank(file, config.env)));
  const gateway = await startGateway({ ...config, subgraphs, log });
  stopWithProcess(gateway, log);
  process.stdout.write(`Odan answers at ${gateway.url}/graphql\n`);
};

try {
  const config = readConfig();
  // `--check` only says whether the settings would do.
  if (!process.argv.includes("--check")) await serve(config);
} catch (error) {
  // What an operator can mend is said in a line; a stack is for faults of ours.
  const expected = [ConfigError, BankYamlError, ListenError].some((kind) => error instanceof kind);
  console.error(expected ? (error as Error).message : error);
  process.exit(1);
}
