import path from "node:path";
import { ListenError } from "../net/serve/listen.ts";
import { stopWithProcess } from "../net/serve/stop-with-process.ts";
import { logUnhandledRejections } from "../net/serve/unhandled-rejections.ts";
import { BankYamlError } from "../subgraphs/mapping/bank-yaml.ts";
import { openAnswers } from "./banks/answers-cache.ts";
import { keptIn } from "./banks/kept-cards.ts";
import { openBanks } from "./banks/open.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { environment } from "./environment.ts";
import { startGateway } from "./http/server.ts";
import { readKeys } from "./keys.ts";
import { createLog } from "./log.ts";
import { snapshotTokens } from "./search/snapshot.ts";

const serve = async (config: Config): Promise<void> => {
  const log = createLog(config.logLevel);
  logUnhandledRejections(process, log);
  const keys = await readKeys(config.keyFile);
  const banks = await openBanks(config);
  const answers = openAnswers(config, keys.entries, log);
  const kept = keptIn(path.join(config.data, "banks.json"));
  const tokens = snapshotTokens(keys.snapshots);
  const gateway = await startGateway({ ...config, banks, answers, tokens, kept, log });
  stopWithProcess(gateway, log);
  process.stdout.write(`Odan answers at ${gateway.url}/graphql\n`);
};

try {
  await serve(readConfig(environment));
} catch (error) {
  // What an operator can mend is said in a line; a stack is for faults of ours.
  const expected = [ConfigError, BankYamlError, ListenError].some((kind) => error instanceof kind);
  console.error(expected ? (error as Error).message : error);
  process.exit(1);
}
