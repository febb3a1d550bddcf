import type { Adapter } from "../../adapters/adapter.ts";
import { unlessAborted } from "../../net/signals.ts";
import type { Release } from "../../schema/release.ts";
import { type Counter, counter } from "./counter.ts";

/** An open adapter. Retired, it is disposed as soon as nobody uses it any more. */
export type OpenAdapter = {
  readonly adapter: Adapter;
  readonly count: Counter;
  readonly use: <T>(work: () => Promise<T>) => Promise<T>;
  readonly retire: () => void;
};

/** One bank's local API: opened when it is needed, and opened anew where another release needs it. */
export type LocalApi = AsyncDisposable & {
  /** Tries again with each call until it has been reached. @throws {BankError} */
  readonly open: (signal: AbortSignal) => Promise<OpenAdapter>;
  /**
   * An adapter that can count from this release: the one that is open or, where that one's capabilities list another
   * release's codes, a new one, which is used from `put` on.
   */
  readonly openFor: (release: Release, signal: AbortSignal) => Promise<OpenAdapter>;
  readonly put: (next: OpenAdapter) => void;
};

export const localApi = (openAdapter: (signal: AbortSignal) => Promise<Adapter>): LocalApi => {
  const closing = new AbortController();
  let opening: Promise<OpenAdapter> | null = null;

  const open = (): Promise<OpenAdapter> => {
    opening ??= openAdapter(closing.signal)
      .then(lent)
      .catch((error: unknown) => {
        opening = null;
        throw error;
      });
    return opening;
  };
  return {
    open: (signal) => unlessAborted(open(), signal),
    async openFor(release, signal) {
      const now = await unlessAborted(open(), signal);
      const { opened } = now.adapter;
      return opened === undefined || opened.id === release.id ? now : lent(await openAdapter(closing.signal));
    },
    put(next) {
      const before = opening;
      opening = Promise.resolve(next);
      before?.then(
        (old) => old !== next && old.retire(),
        () => undefined,
      );
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Error("the subgraph is closing"));
      await opening?.then(({ adapter }) => adapter[Symbol.asyncDispose]()).catch(() => undefined);
    },
  };
};

const lent = (adapter: Adapter): OpenAdapter => {
  let users = 0;
  let retired = false;
  const disposeIfDone = () => {
    if (retired && users === 0) void Promise.resolve(adapter[Symbol.asyncDispose]()).catch(() => undefined);
  };
  return {
    adapter,
    count: counter(adapter),
    use: async <T>(work: () => Promise<T>): Promise<T> => {
      users += 1;
      try {
        return await work();
      } finally {
        users -= 1;
        disposeIfDone();
      }
    },
    retire: (): void => {
      retired = true;
      disposeIfDone();
    },
  };
};
