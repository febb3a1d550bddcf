import path from "node:path";
import { execute, parse } from "graphql";
import type { Logger } from "pino";
import { isLoopback } from "../net/loopback.ts";
import { logUnhandledRejections, stopWithProcess } from "../net/serve/process-events.ts";
import { answerSigner } from "../net/signing/answer.ts";
import { keyId } from "../net/signing/keys.ts";
import { requestVerifier } from "../net/signing/request.ts";
import type { Proof } from "../subgraphs/serve/listener.ts";
import { openBank } from "../subgraphs/serve/open.ts";
import { serveSubgraph } from "../subgraphs/serve/server.ts";
import type { Environment } from "./environment.ts";
import { createLog } from "./log.ts";
import { readBankKey } from "./secrets/bank-key.ts";
import { warnOfExposed } from "./secrets/exposed-files.ts";
import { readOperatorToken } from "./secrets/operator-token.ts";
import { readTls } from "./secrets/tls-files.ts";
import { trustedKeys } from "./secrets/trusted-keys.ts";
import { type Config, ConfigError, readConfig } from "./settings/config.ts";
import { endWith } from "./start-error.ts";

/**
 * `odan subgraph bank.yaml`: serves one bank as a process of its own, for any number of gateways, until the process is stopped.
 * @returns 0 once it serves; a server that cannot start ends the process
 */
export const serveBank = async (file: string, environment: Environment): Promise<number> => {
  try {
    const config = readConfig(environment, [file]);
    const { port, host, hosts, data, env, leaseMs, operatorTokenFile, logLevel } = config;
    const log = createLog(logLevel);
    logUnhandledRejections(process, log);
    const isToken = await readOperatorToken(operatorTokenFile);
    const stateFolder = path.join(data, "releases");
    const subgraph = await openBank(file, env, { leaseMs, stateFolder, leasesMayBeOut: true });
    const identity = await identityOf(subgraph.id, config, log);
    const tls = await readTls(config.tls);
    const secrets = { ODAN_OPERATOR_TOKEN_FILE: operatorTokenFile, ODAN_BANK_KEY_FILE: config.bankKeyFile };
    await warnOfExposed({ ...secrets, ODAN_TLS_KEY_FILE: config.tls.keyFile }, log);
    // Opens the local API now: a bank that was away is back with its first question, not after it.
    void Promise.resolve(execute({ schema: subgraph.schema, document: parse("{ lease }"), contextValue: {} }));
    const fault = (error: unknown): void => log.error({ bank: subgraph.id, err: error }, "a fault of the subgraph");
    const refused = seldom((reason, others) => log.warn({ bank: subgraph.id, reason, others }, "refused a request"));
    const serving = { port, host, hosts: [host, ...hosts], isToken, fault, refused, proof: identity?.proof, tls };
    const served = await serveSubgraph(subgraph, serving);
    stopWithProcess(served, log);
    process.stdout.write(`${subgraph.id} answers at ${served.url}\n`);
    if (identity !== null) process.stdout.write(`${subgraph.id} signs with ${identity.key}\n`);
    return 0;
  } catch (error) {
    return endWith(error);
  }
};

/**
 * How the bank proves its answers, and the public key that gateways pin; null where it listens to this machine alone and knows
 * no gateway's key. @throws {ConfigError}
 */
const identityOf = async (
  bank: string,
  { host, gatewayKeys, bankKeyFile, operatorTokenFile }: Config,
  log: Logger,
): Promise<{ readonly proof: Proof; readonly key: string } | null> => {
  if (gatewayKeys === null) {
    if (isLoopback(host)) return null;
    throw new ConfigError(
      `HOST ${host}: wanted ODAN_GATEWAY_KEYS too, since others than this machine reach it there. Set it to the public keys ` +
        "of the federation's gateways ({ keys } at a gateway), or HOST to 127.0.0.1.",
    );
  }
  const keys = trustedKeys(gatewayKeys, log);
  const key = await readBankKey(bankKeyFile);
  const verify = requestVerifier({ bank, keys });
  const proof = { verify, sign: answerSigner(key, bank), wantsToken: operatorTokenFile !== null };
  return { proof, key: keyId(key) };
};

/** Time between two lines of the log about refused requests, in ms: any client that reaches the bank can cause them. */
const REFUSALS_MS = 10_000;

/** Tells the first of what comes within ten seconds, and of how many others since it last told. */
const seldom = (tell: (reason: string, others: number) => void): ((reason: string) => void) => {
  let toldAt = Number.NEGATIVE_INFINITY;
  let others = 0;
  return (reason) => {
    if (performance.now() - toldAt < REFUSALS_MS) {
      others += 1;
      return;
    }
    tell(reason, others);
    toldAt = performance.now();
    others = 0;
  };
};
