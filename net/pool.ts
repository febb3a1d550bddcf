/** Things that are lent to one user at a time, in the order in which they are asked for. */
export type Pool<T> = {
  /** Waits for a free one, lends it to `work` and takes it back. Rejects with signal.reason if that aborts while waiting. */
  use<R>(signal: AbortSignal, work: (item: T) => Promise<R>): Promise<R>;
};

/** Makes a pool; with any values as items it just limits how much goes on at once. */
export function pool<T>(items: readonly T[]): Pool<T> {
  const idle = [...items];
  const waiting: ((item: T) => void)[] = [];

  const take = (signal: AbortSignal): Promise<T> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const item = idle.pop();
      if (item !== undefined) return resolve(item);
      const go = (handed: T) => {
        signal.removeEventListener("abort", stop);
        resolve(handed);
      };
      const stop = () => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(signal.reason);
      };
      waiting.push(go);
      signal.addEventListener("abort", stop, { once: true });
    });

  return {
    async use(signal, work) {
      const item = await take(signal);
      try {
        return await work(item);
      } finally {
        const next = waiting.shift();
        if (next === undefined) idle.push(item);
        else next(item);
      }
    },
  };
}
