import { parentPort, workerData } from "node:worker_threads";
import { lowerThreadPriority } from "../../../net/thread-priority.ts";
import { BankYamlError } from "../../mapping/bank-yaml-error.ts";
import { openBank } from "../open.ts";
import { hostBanks, loggedError } from "./host.ts";
import type { FromThread, ThreadData } from "./messages.ts";

/** A bank thread: opens the banks of its ThreadData and hosts them. Started by the gateway, which also ends it. */
const port = parentPort;
/** Nice values below the gateway's thread, which answers everybody: what banks plan and count may take all cores for seconds. */
const PRIORITY = 5;
if (port === null) throw new Error("wanted to be a worker thread, got the main thread of a process");

lowerThreadPriority(PRIORITY);
const say = (message: FromThread): void => port.postMessage(message);
// A bug in one question must not fail the others.
process.on("unhandledRejection", (error: unknown) => say({ kind: "fault", bank: null, error: loggedError(error) }));

const { files, env, ...options } = workerData as ThreadData;
try {
  hostBanks(port, await Promise.all(files.map((file) => openBank(file, env, options))));
} catch (error) {
  if (!(error instanceof BankYamlError)) throw error;
  say({ kind: "refused", file: error.file, findings: error.findings });
}
