import path from "node:path";
import { type ResourceLimits, Worker } from "node:worker_threads";
import type { ExecutionResult } from "graphql";
import type { Logger } from "pino";
import { settledWithin } from "../../../net/deadline.ts";
import { expectTurns, isTurnOver, nextTurn } from "../../../net/turns.ts";
import { BankYamlError } from "../../../subgraphs/mapping/bank-yaml-error.ts";
import type { Ask, FromThread, LoggedError, ThreadData } from "../../../subgraphs/serve/thread/messages.ts";
import { openRequests } from "./requests.ts";

/** One life of a bank thread: a worker thread that hosts banks. */
export type BankThread = {
  /** The ids of its banks, in the order of their files. */
  readonly ids: readonly string[];
  /**
   * Sends one document. The signal's abort reaches the bank, which still answers: with what it has, or with errors.
   * @throws {ThreadEnded} the signal's reason in place of errors after its abort
   */
  readonly ask: (asked: Ask, signal: AbortSignal) => Promise<ExecutionResult>;
  /** Resolves once the thread has ended, in whatever way. */
  readonly ended: Promise<ThreadEnded>;
  /** Closes the banks and ends the thread, within some seconds. */
  readonly stop: () => Promise<void>;
};

/** A thread has ended. `cause`: the error that ended it, where there was one. */
export class ThreadEnded extends Error {
  override readonly name = "ThreadEnded";
}

export type ThreadOptions = {
  readonly log: Logger;
  /** The module that the thread runs. Default: subgraphs/serve/thread/main.ts. */
  readonly module?: URL;
  /**
   * Default: YOUNG, and for the rest V8's own, which follow the machine's memory as those of a process do. A thread that reaches
   * its limit ends alone, so a lower one would only cost banks with large mappings.
   */
  readonly resourceLimits?: ResourceLimits;
  /** How often a thread is asked for a sign of life, in ms; default 5000. */
  readonly pingMs?: number;
};

/** Built JavaScript starts built JavaScript; TypeScript, which development and tests run, starts TypeScript with tsx. */
const EXTENSION = path.extname(import.meta.filename);
const MODULE = new URL(`../../../subgraphs/serve/thread/main${EXTENSION}`, import.meta.url);
/** `--import tsx` does nothing in a thread of Node 20: its interface does. */
const loader = (): string => {
  const tsx = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  return `data:text/javascript,${encodeURIComponent(`import { register } from ${tsx}; register();`)}`;
};
/** Not those of the process, whose preloaded modules may watch over it. */
const NODE_OPTIONS = { execArgv: EXTENSION === ".ts" ? ["--import", loader()] : [] };

/**
 * A breakdown makes up to 130 MB that lives as long as it is counted. In V8's own 48 MB for new objects these are copied several
 * times over, which took a tenth of its CPU.
 */
const YOUNG: ResourceLimits = { maxYoungGenerationSizeMb: 192 };

/** A thread that leaves so many pings unanswered hangs, and is ended: half a minute, longer than any deadline. */
const MOST_IN_VAIN = 6;
/** Time limits for the banks to close, and then for the thread to end, in ms. A bank may be deep in code that is not ours. */
const CLOSE_MS = 4000;
const END_MS = 1000;

/**
 * Starts a thread. Resolves once its banks are open; their local APIs are reached later.
 * @throws {BankYamlError} {ThreadEnded}
 */
export const startThread = async (data: ThreadData, options: ThreadOptions): Promise<BankThread> => {
  const { log, module = MODULE, resourceLimits = YOUNG, pingMs = 5000 } = options;
  const worker = new Worker(module, { workerData: data, ...NODE_OPTIONS, resourceLimits });
  const requests = openRequests((message) => worker.postMessage(message));
  const { ended, kill } = lifeOf(worker);
  const opened = new Promise<readonly string[]>((resolve, reject) => {
    worker.on("message", (message: FromThread) => {
      if (message.kind === "answer") requests.answered(message.id, message.json);
      else if (message.kind === "ready") resolve(message.ids);
      else if (message.kind === "refused") reject(new BankYamlError(message.file, message.findings));
      else log.error({ bank: message.bank, err: errorOf(message.error) }, "a fault of the subgraph");
    });
    void ended.then(reject);
  });
  void ended.then(requests.end);
  try {
    const ids = await opened;
    killWhenItHangs(requests, pingMs, kill);
    return {
      ids,
      ended,
      ask: (asked, signal) => ask(requests, asked, signal),
      async stop() {
        const { answer } = requests.send((id) => ({ kind: "close", id }));
        await settledWithin(answer.then(NOTHING), CLOSE_MS);
        await settledWithin(worker.terminate().then(NOTHING), END_MS);
      },
    };
  } catch (error) {
    await worker.terminate();
    throw error;
  }
};

const NOTHING = (): void => undefined;

const errorOf = ({ message, stack }: LoggedError): Error => Object.assign(new Error(message), { stack });

const lifeOf = (worker: Worker) => {
  let cause: Error | undefined;
  const ended = new Promise<ThreadEnded>((resolve) => {
    worker.on("error", (error) => {
      cause = error;
    });
    worker.once("exit", () => {
      const message = "wanted the thread that hosts the bank to go on, got its end";
      resolve(new ThreadEnded(message, cause === undefined ? undefined : { cause }));
    });
  });
  const kill = (why: Error): void => {
    cause = why;
    void worker.terminate();
  };
  return { ended, kill };
};

type Requests = ReturnType<typeof openRequests>;

const ask = async (requests: Requests, asked: Ask, signal: AbortSignal): Promise<ExecutionResult> => {
  signal.throwIfAborted();
  const { id, answer } = requests.send((named) => ({ kind: "ask", id: named, ...asked }));
  const abort = (): void => requests.tell({ kind: "abort", id });
  signal.addEventListener("abort", abort, { once: true });
  try {
    const json = await answer;
    if (isTurnOver()) await nextTurn(undefined, readingOf(json));
    const result = JSON.parse(json) as ExecutionResult;
    if (result.errors !== undefined) signal.throwIfAborted();
    return result;
  } finally {
    signal.removeEventListener("abort", abort);
  }
};

/** Characters that are read and checked in a turn of the event loop. */
const CHARACTERS_PER_TURN = 200_000;

/** The work of reading an answer: a table of thousands of cells waits its turn as long work does. */
const readingOf = (json: string): object => {
  const work = {};
  expectTurns(work, json.length / CHARACTERS_PER_TURN);
  return work;
};

/** A busy gateway is late with its pings, so it never takes a thread for one that hangs. */
const killWhenItHangs = (requests: Requests, pingMs: number, kill: (why: Error) => void): void => {
  let inVain = 0;
  const pings = setInterval(() => {
    if (inVain === MOST_IN_VAIN) return kill(new Error(`wanted a sign of life within ${inVain * pingMs} ms, got none`));
    inVain += 1;
    const heard = (): void => {
      inVain = 0;
    };
    requests.send((id) => ({ kind: "ping", id })).answer.then(heard, () => clearInterval(pings));
  }, pingMs).unref();
};
