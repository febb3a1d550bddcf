import { LRUCache } from "lru-cache";
import { DIGEST_BYTES, nameOf, type Store, type ValueOrLock } from "../../cache/store.ts";
import type { Clock } from "../../net/clock.ts";

/** The store of one process: the least recently used values go when `maxBytes` are full. */
export const memoryStore = (maxBytes: number, clock: Pick<Clock, "mono">): Store => {
  const values = new LRUCache<string, Uint8Array>({
    maxSize: maxBytes,
    sizeCalculation: (value, key) => value.length + key.length,
  });
  const tokens = new Map<string, { readonly token: string; readonly until: number }>();

  const letGo = (name: string, token: string): void => {
    if (tokens.get(name)?.token === token) tokens.delete(name);
  };
  return {
    async readOrLock(key, token, lockMs): Promise<ValueOrLock> {
      const name = nameOf(key);
      const value = values.get(name);
      if (value !== undefined) return { value };
      const held = tokens.get(name);
      const now = clock.mono();
      if (held !== undefined && held.token !== token && held.until > now) return { wait: held.until - now };
      tokens.set(name, { token, until: now + lockMs });
      return { locked: true };
    },
    async read(key) {
      return values.get(nameOf(key)) ?? null;
    },
    async commit(key, token, value) {
      const name = nameOf(key);
      letGo(name, token);
      const held = values.get(name);
      if (held !== undefined && !sameDigest(held, value)) return "conflict";
      values.set(name, value);
      return "stored";
    },
    async unlock(key, token) {
      letGo(nameOf(key), token);
    },
    async remove(key) {
      values.delete(nameOf(key));
    },
    async sweep(group, keep) {
      for (const name of [...values.keys()]) {
        const [of, edition] = JSON.parse(name) as [string, string, string];
        if (of === group && !keep(edition)) values.delete(name);
      }
    },
    async [Symbol.asyncDispose]() {
      values.clear();
      tokens.clear();
    },
  };
};

const sameDigest = (a: Uint8Array, b: Uint8Array): boolean =>
  Buffer.compare(a.subarray(0, DIGEST_BYTES), b.subarray(0, DIGEST_BYTES)) === 0;
