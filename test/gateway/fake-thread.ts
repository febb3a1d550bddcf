import { parentPort, workerData } from "node:worker_threads";
import { hostBanks, loggedError } from "../../subgraphs/serve/thread/host.ts";
import type { ThreadData } from "../../subgraphs/serve/thread/messages.ts";
import { obedientBank } from "./obedient-bank.ts";

/** A bank thread whose banks do what they are told; `files` are their ids. */
const { files } = workerData as ThreadData;
const port = parentPort!;
process.on("unhandledRejection", (error) => port.postMessage({ kind: "fault", bank: null, error: loggedError(error) }));
hostBanks(port, files.map(obedientBank));
