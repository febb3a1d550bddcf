import type { Adapter } from "../../adapters/adapter.ts";
import { unlessAborted } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
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
  /**
   * Tries again with each call until it has been reached. What is BANK_BROKEN stays so until its source has
   * changed; one that cannot tell is looked at again once a minute, in the background, and no caller waits for that. @throws {BankError}
   */
  readonly open: (signal: AbortSignal) => Promise<OpenAdapter>;
  /**
   * An adapter that can count from this release: the one that is open or, where that one's capabilities list another
   * release's codes, a new one, which is used from `put` on.
   */
  readonly openFor: (release: Release, signal: AbortSignal) => Promise<OpenAdapter>;
  readonly put: (next: OpenAdapter) => void;
  /** The operator says that something has changed: what was broken is looked at with the next call. */
  readonly forgetBroken: () => void;
};

/** How long a local API that is broken is left alone, in ms. */
const BROKEN_MS = 60_000;

/** Opens an adapter. `stamp`: see AdapterKind. */
export type OpenLocalApi = ((signal: AbortSignal) => Promise<Adapter>) & { readonly stamp?: () => Promise<string> };

/** @param mono monotonic clock in ms; default: the process's */
export const localApi = (openAdapter: OpenLocalApi, mono: () => number = () => performance.now()): LocalApi => {
  const closing = new AbortController();
  let opening: Promise<OpenAdapter> | null = null;
  let looking = false;
  /** What was broken: by the release that was wanted, or null for whichever is served. */
  const broken = new Map<string | null, Broken>();

  const stampNow = async (): Promise<string> => (await openAdapter.stamp?.().catch(() => "")) ?? "";

  const attempt = async (release: string | null): Promise<OpenAdapter> => {
    const stamp = await stampNow();
    try {
      const adapter = lent(await openAdapter(closing.signal));
      broken.clear();
      return adapter;
    } catch (error) {
      const known = broken.get(release);
      // A look that failed in another way has seen nothing: what was broken is broken.
      const still = known?.stamp === stamp ? known.error : null;
      const found = error instanceof BankError && error.code === "BANK_BROKEN" ? error : still;
      if (found === null) broken.delete(release);
      else broken.set(release, { error: found, at: mono(), stamp });
      throw error;
    }
  };
  /** Opens by an attempt of which everybody waits for the same. */
  const attemptForAll = (): Promise<OpenAdapter> => {
    opening ??= attempt(null).catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
  const lookAgain = (): void => {
    if (looking) return;
    looking = true;
    attempt(null)
      .then((next) => {
        if (opening === null) opening = Promise.resolve(next);
        else next.retire();
      })
      .catch(() => undefined)
      .finally(() => {
        looking = false;
      });
  };
  const isAsItWas = async ({ stamp }: Broken): Promise<boolean> => (await stampNow()) === stamp;

  const open = async (): Promise<OpenAdapter> => {
    const known = broken.get(null);
    if (opening !== null || known === undefined || !(await isAsItWas(known))) return attemptForAll();
    if (mono() - known.at >= BROKEN_MS) lookAgain();
    throw known.error;
  };
  return {
    open: (signal) => unlessAborted(open(), signal),
    async openFor(release, signal) {
      const now = await unlessAborted(open(), signal);
      const { opened } = now.adapter;
      if (opened === undefined || opened.id === release.id) return now;
      const known = broken.get(release.id);
      if (known !== undefined && mono() - known.at < BROKEN_MS && (await isAsItWas(known))) throw known.error;
      return attempt(release.id);
    },
    forgetBroken: () => broken.clear(),
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

type Broken = { readonly error: BankError; readonly at: number; readonly stamp: string };

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
