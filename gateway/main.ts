import { BankYamlError } from "../subgraphs/bank-yaml.ts";
import { openBank } from "../subgraphs/open.ts";
import { ConfigError, readConfig } from "./config.ts";
import { createLog } from "./log.ts";
import { ListenError, startGateway } from "./server.ts";
import { stopWithProcess } from "./stop.ts";

try {
  const config = readConfig();
  const log = createLog(config.logLevel);
  const subgraphs = await Promise.all(config.banks.map((file) => openBank(file, config.env)));
  const gateway = await startGateway({ ...config, subgraphs, log });
  stopWithProcess(gateway, log);
  process.stdout.write(`Odan answers at ${gateway.url}/graphql\n`);
} catch (error) {
  // What an operator can mend is said in a line; a stack is for faults of ours.
  const expected = [ConfigError, BankYamlError, ListenError].some((kind) => error instanceof kind);
  console.error(expected ? (error as Error).message : error);
  process.exit(1);
}
