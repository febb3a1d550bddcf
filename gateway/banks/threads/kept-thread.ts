import type { ExecutionResult } from "graphql";
import { BankError } from "../../../schema/bank-error.ts";
import type { Ask, ThreadData } from "../../../subgraphs/serve/thread/messages.ts";
import { type BankThread, startThread, ThreadEnded, type ThreadOptions } from "./thread.ts";

/** Banks on a thread that is started again whenever it ends by itself. */
export type KeptThread = AsyncDisposable & {
  /** The ids of its banks, in the order of their files. */
  readonly ids: readonly string[];
  /** @throws {BankError} BANK_UNREACHABLE while there is no thread, and where it ends before it answers */
  readonly ask: (asked: Ask, signal: AbortSignal) => Promise<ExecutionResult>;
};

/** Wait in ms before the first start after an end, the longest one, and the life of a thread that makes it the first again. */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 30_000;
const STEADY_MS = 60_000;
/** About what a start takes, in ms. */
const START_MS = 1000;

/**
 * Starts a thread, and another one after each end, at growing intervals. The release states of its banks are in files, and a
 * later thread honours the leases of the earlier ones: no edition goes back.
 * @throws {BankYamlError} {ThreadEnded} where the first start fails
 */
export const keepThread = async (
  data: Omit<ThreadData, "leasesMayBeOut">,
  options: ThreadOptions,
): Promise<KeptThread> => {
  const { log } = options;
  const first = await startThread({ ...data, leasesMayBeOut: false }, options);
  const { ids } = first;
  let thread: BankThread | null = null;
  let closing = false;
  let waitMs = FIRST_WAIT_MS;
  let timer: NodeJS.Timeout | undefined;
  let starting: Promise<void> = Promise.resolve();

  const use = (started: BankThread): void => {
    thread = started;
    const since = performance.now();
    void started.ended.then((why) => {
      thread = null;
      if (performance.now() - since > STEADY_MS) waitMs = FIRST_WAIT_MS;
      later(why, "the thread of these banks has ended");
    });
  };
  const later = (err: unknown, what: string): void => {
    if (closing) return;
    log.error({ banks: ids, err, waitMs }, `${what}: it is started again`);
    timer = setTimeout(() => {
      starting = again();
    }, waitMs);
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
  };
  const again = async (): Promise<void> => {
    try {
      const started = await startThread({ ...data, leasesMayBeOut: true }, options);
      if (closing || !isSame(started.ids, ids)) {
        await started.stop();
        throw new Error(`bank.yaml: wanted the ids ${ids.join(", ")}, got ${started.ids.join(", ")}`);
      }
      use(started);
      log.info({ banks: ids }, "the thread of these banks is back");
    } catch (error) {
      later(error, "the thread of these banks did not start");
    }
  };

  use(first);
  return {
    ids,
    async ask(asked, signal) {
      try {
        if (thread === null)
          throw new ThreadEnded("wanted the thread that hosts the bank, got none: it is started again");
        return await thread.ask(asked, signal);
      } catch (error) {
        if (!(error instanceof ThreadEnded)) throw error;
        const { message } = error;
        const retryAfterMs = waitMs + START_MS;
        throw new BankError("BANK_UNREACHABLE", ids[asked.bank] ?? "", message, { retryAfterMs, cause: error });
      }
    },
    async [Symbol.asyncDispose]() {
      closing = true;
      clearTimeout(timer);
      await starting;
      await thread?.stop();
    },
  };
};

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((each, at) => each === others[at]);
