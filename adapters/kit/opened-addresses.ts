import { setMaxListeners } from "node:events";
import { unlessAborted } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Adapter } from "../adapter.ts";
import { adapterClosed, releaseGone } from "./failures.ts";
import type { ReleaseHistory } from "./release-history.ts";

/** Opens the adapter of one address. */
export type OpenOne = (signal: AbortSignal) => Promise<Adapter>;

/** An open adapter. `since`: when it was opened, by performance.now(). */
export type Opened = { readonly adapter: Adapter; readonly since: number };

/** See openedAddresses. */
export type OpenedAddresses = ReturnType<typeof openedAddresses>;

/** The adapters of a bank's addresses, numbered from 0. All of them start to open at once. */
export const openedAddresses = (bank: string, openers: readonly OpenOne[]) => {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  let closed: Promise<void> | undefined;
  const open = (at: number): Promise<Opened> => {
    const opening = openers[at]!(closing.signal).then(
      (adapter) => ({ adapter, since: performance.now() }),
      (error: unknown) => {
        slots[at] = undefined;
        throw error;
      },
    );
    slots[at] = opening;
    return opening;
  };
  const slots: (Promise<Opened> | undefined)[] = [];
  for (const at of openers.keys()) open(at).catch(() => undefined);
  return {
    /** The adapter of an address; opened anew where it could not be opened before. @throws {BankError} */
    reach: (at: number, signal: AbortSignal): Promise<Opened> => unlessAborted(slots[at] ?? open(at), signal),
    /** Closes an adapter, so that the next `reach` opens another one. */
    async discard(at: number, opened: Opened): Promise<void> {
      if ((await slots[at]) !== opened) return;
      slots[at] = undefined;
      void Promise.resolve(opened.adapter[Symbol.asyncDispose]()).catch(() => undefined);
    },
    /** The first adapter to open that is not behind, or the first at all where all of them are. */
    first(history: ReleaseHistory, signal: AbortSignal): Promise<Adapter> {
      const openings = openers.map((_, at) => slots[at] ?? open(at));
      return unlessAborted(firstToOpen(bank, openings, history), signal);
    },
    /** @throws {BankError} once the addresses are closed */
    requireOpen(): void {
      if (closed !== undefined) throw adapterClosed(bank);
    },
    close(): Promise<void> {
      closed ??= (async () => {
        closing.abort(adapterClosed(bank));
        const all = await Promise.allSettled(slots);
        await Promise.all(
          all.map((one) => (one.status === "fulfilled" ? one.value?.adapter[Symbol.asyncDispose]() : undefined)),
        );
      })();
      return closed;
    },
  };
};

const firstToOpen = async (
  bank: string,
  openings: readonly Promise<Opened>[],
  history: ReleaseHistory,
): Promise<Adapter> => {
  const behind: Adapter[] = [];
  const tried = openings.map(async (opening) => {
    const { adapter } = await opening;
    if (adapter.opened === undefined || !history.isBehind(adapter.opened)) return adapter;
    behind.push(adapter);
    throw goneAt(bank, history.current()?.id, adapter.opened.id);
  });
  return Promise.any(tried).catch(({ errors }: AggregateError) => {
    if (behind.length === openings.length) return behind[0]!;
    throw errors.find((error) => !(error instanceof BankError) || error.code !== "BANK_GONE") ?? errors[0];
  });
};

/** BANK_GONE, since an address serves another release than the bank. */
export const goneAt = (bank: string, wanted = "one", got = "another"): BankError =>
  releaseGone(bank, wanted, `${got} at one of its addresses`);
