import path from "node:path";
import { execute, parse } from "graphql";
import { logUnhandledRejections, stopWithProcess } from "../net/serve/process-events.ts";
import { openBank } from "../subgraphs/serve/open.ts";
import { serveSubgraph } from "../subgraphs/serve/server.ts";
import { readConfig } from "./config.ts";
import type { Environment } from "./environment.ts";
import { createLog } from "./log.ts";
import { readOperatorToken } from "./operator-token.ts";
import { endWith } from "./start-error.ts";

/**
 * `odan subgraph bank.yaml`: serves one bank as a process of its own, for any number of gateways, until the process is stopped.
 * @returns 0 once it serves; a server that cannot start ends the process
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
    return endWith(error);
  }
};
