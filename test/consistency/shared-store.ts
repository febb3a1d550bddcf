import type { Store, StoreKey } from "../../cache/store.ts";
import { memoryStore } from "../cache/memory-store.ts";
import type { Machine, Process } from "./machine.ts";
import type { Network } from "./network.ts";
import type { Timeline } from "./timeline.ts";

/** The store that gateways share, with what happens to such stores. */
export type SharedStore = {
  readonly machine: Machine;
  /** The store as one gateway reaches it. */
  readonly from: (gateway: Process) => Store;
  readonly flush: () => void;
  /** Fails over to a replica that lags by this much. */
  readonly rollBack: (ms: number) => void;
};

const MAX_BYTES = 10_000_000;
/** As the client of the real one waits. */
const TIMEOUT_MS = 60;

export const sharedStore = (machine: Machine, net: Network, line: Timeline): SharedStore => {
  const empty = (): Store => memoryStore(MAX_BYTES, { mono: line.now });
  let store = empty();
  let written: { readonly at: number; readonly key: StoreKey; readonly value: Uint8Array }[] = [];
  machine.start();

  return {
    machine,
    from(gateway) {
      const call = <T>(work: (store: Store) => Promise<T>): Promise<T> =>
        net.call(gateway, machine, TIMEOUT_MS, () => work(store));
      return {
        readOrLock: (key, token, lockMs) => call((at) => at.readOrLock(key, token, lockMs)),
        read: (key) => call((at) => at.read(key)),
        commit: (key, token, value) =>
          call((at) => {
            written.push({ at: line.now(), key, value });
            return at.commit(key, token, value);
          }),
        unlock: (key, token) => call((at) => at.unlock(key, token)),
        remove: (key) => call((at) => at.remove(key)),
        sweep: (group, keep) => call((at) => at.sweep(group, keep)),
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
    flush() {
      store = empty();
      written = [];
    },
    rollBack(ms) {
      store = empty();
      written = written.filter(({ at }) => at <= line.now() - ms);
      for (const { key, value } of written) void store.commit(key, "replica", value);
    },
  };
};
