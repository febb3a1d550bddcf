/** FIFO pool: each item is lent to one caller at a time. */
export const pool = <T>(items: readonly T[]) => {
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
    /** Waits for a free item, lends it to `work` and takes it back. Rejects with signal.reason if that aborts while waiting. */
    async use<R>(signal: AbortSignal, work: (item: T) => Promise<R>): Promise<R> {
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
};

/** FIFO limit: at most `atOnce` run at a time. */
export const limit = (atOnce: number) => {
  const turns = pool(Array.from({ length: atOnce }, (_, turn) => turn));
  return {
    /** Waits for a turn, then runs `work`. Rejects with signal.reason if that aborts while waiting. */
    run: <R>(signal: AbortSignal, work: () => Promise<R>): Promise<R> => turns.use(signal, () => work()),
  };
};
