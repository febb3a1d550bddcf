import path from "node:path";
import { execute, parse } from "graphql";
import { ListenError } from "../net/serve/listen.ts";
import { stopWithProcess } from "../net/serve/stop-with-process.ts";
import { logUnhandledRejections } from "../net/serve/unhandled-rejections.ts";
import { BankYamlError } from "../subgraphs/mapping/bank-yaml.ts";
import { openBank } from "../subgraphs/serve/open.ts";
import { serveSubgraph } from "../subgraphs/serve/server.ts";
import { ConfigError, readConfig } from "./config.ts";
import type { Environment } from "./environment.ts";
import { createLog } from "./log.ts";
import { readOperatorToken } from "./operator-token.ts";

/**
 * `odan subgraph bank.yaml`: one bank as a process of its own, for any number of gateways. Serves until the process is told
 * to stop. @returns the exit code where it cannot start
 */
export const serveBank = async (file: string, environment: Environment): Promise<number> => {
  try {
    const { port, host, data, env, leaseMs, operatorTokenFile, logLevel } = readConfig(environment, [file]);
    const log = createLog(logLevel);
    logUnhandledRejections(process, log);
    const isToken = await readOperatorToken(operatorTokenFile);
    const stateFolder = path.join(data, "releases");
    const subgraph = await openBank(file, env, { leaseMs, stateFolder, leasesMayBeOut: true });
    // Opens the local API now: a bank that was away is back with its first question, not after it.
    void Promise.resolve(execute({ schema: subgraph.schema, document: parse("{ lease }"), contextValue: {} }));
    const fault = (error: unknown): void => log.error({ bank: subgraph.id, err: error }, "a fault of the subgraph");
    const served = await serveSubgraph(subgraph, { port, host, isToken, fault });
    stopWithProcess(served, log);
    process.stdout.write(`${subgraph.id} answers at ${served.url}\n`);
    return 0;
  } catch (error) {
    // What an operator can mend is said in a line; a stack is for faults of ours.
    const expected = [ConfigError, BankYamlError, ListenError].some((kind) => error instanceof kind);
    console.error(expected ? (error as Error).message : error);
    process.exit(1);
  }
};
