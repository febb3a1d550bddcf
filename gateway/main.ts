import path from "node:path";
import { logUnhandledRejections, stopWithProcess } from "../net/serve/process-events.ts";
import { publicJwk } from "../net/signing/keys.ts";
import { openAskers } from "./askers/askers.ts";
import { openAnswers } from "./banks/answers-cache.ts";
import { keptIn } from "./banks/kept-cards.ts";
import { openBanks } from "./banks/open.ts";
import { readCodeTables } from "./code-tables.ts";
import { environment } from "./environment.ts";
import { openFairness } from "./fairness/fairness.ts";
import { createLog } from "./log.ts";
import { snapshotTokens } from "./search/snapshot.ts";
import { warnOfExposed } from "./secrets/exposed-files.ts";
import { readKeys } from "./secrets/keys.ts";
import { readOperatorToken } from "./secrets/operator-token.ts";
import { readTls } from "./secrets/tls-files.ts";
import { readConfig } from "./settings/config.ts";
import { endWith } from "./start-error.ts";
import { openState } from "./state/state.ts";

const serve = async (): Promise<void> => {
  const config = readConfig(environment);
  const log = createLog(config.logLevel);
  logUnhandledRejections(process, log);
  const keys = await readKeys(config.keyFile);
  const identity = { signing: keys.signing[0], tls: await readTls(config.tls) };
  const { operatorTokenFile } = config;
  const secrets = { ODAN_KEY_FILE: config.keyFile, ODAN_OPERATOR_TOKEN_FILE: operatorTokenFile };
  await warnOfExposed({ ...secrets, ODAN_TLS_KEY_FILE: config.tls.keyFile }, log);
  const isOperatorToken = operatorTokenFile === null ? null : await readOperatorToken(operatorTokenFile);
  // The threads of the banks start while the rest of the gateway is loaded.
  const [banks, { startGateway }] = await Promise.all([openBanks(config, log, identity), import("./http/server.ts")]);
  const answers = await openAnswers(config, keys, log);
  const kept = keptIn(path.join(config.data, "banks.json"));
  const tokens = snapshotTokens(...keys.snapshots);
  const state = await openState(config, keys.state, log);
  const askers = openAskers({ ...config, tokens: state, isOperatorToken, log });
  log.info({ knownBy: askers.sources, trustedProxies: config.trustedProxies.length }, "who may ask");
  log.info({ cors: config.cors }, "pages of these origins may ask, beside the gateway's own");
  const fairness = await openFairness({ ...config, key: keys.names[0], log });
  const shared = { banks, answers, tokens, askers, fairness, state, keys: keys.signing.map(publicJwk) };
  const gateway = await startGateway({ ...config, ...shared, kept, log });
  const close = async (): Promise<void> => {
    await gateway.close();
    await state[Symbol.asyncDispose]();
  };
  stopWithProcess({ ...gateway, close }, log);
  process.stdout.write(`Odan answers at ${gateway.url}/graphql\n`);
  await readCodeTables();
};

await serve().catch(endWith);
