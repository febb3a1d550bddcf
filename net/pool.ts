/**
 * A pool: each item is lent to one caller at a time. Those who wait take turns by work: a work that asks for hundreds of items at
 * once holds up itself, and of one work the first comes first.
 */
export const pool = <T>(items: readonly T[]) => {
  const idle = [...items];
  /** By work, in the order of their next turns. */
  const waiting = new Map<object, ((item: T) => void)[]>();

  const take = (signal: AbortSignal, work: object): Promise<T> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const item = idle.pop();
      if (item !== undefined) return resolve(item);
      const queue = waiting.get(work) ?? [];
      waiting.set(work, queue);
      const go = (handed: T) => {
        signal.removeEventListener("abort", stop);
        resolve(handed);
      };
      const stop = () => {
        queue.splice(queue.indexOf(go), 1);
        if (queue.length === 0) waiting.delete(work);
        reject(signal.reason);
      };
      queue.push(go);
      signal.addEventListener("abort", stop, { once: true });
    });

  const giveBack = (item: T): void => {
    const [next] = waiting;
    if (next === undefined) {
      idle.push(item);
      return;
    }
    const [work, queue] = next;
    const go = queue.shift();
    waiting.delete(work);
    if (queue.length > 0) waiting.set(work, queue);
    go?.(item);
  };

  return {
    /**
     * Waits for a free item, lends it to `use` and takes it back. Rejects with signal.reason if that aborts while waiting.
     * @param work what the caller is a part of; default: its signal
     */
    async use<R>(signal: AbortSignal, use: (item: T) => Promise<R>, work: object = signal): Promise<R> {
      const item = await take(signal, work);
      try {
        return await use(item);
      } finally {
        giveBack(item);
      }
    },
  };
};

/** A limit: at most `atOnce` run at a time. Turns go round as those of a pool. */
export const limit = (atOnce: number) => {
  const turns = pool(Array.from({ length: atOnce }, (_, turn) => turn));
  return {
    /** Waits for a turn, then runs `work`. Rejects with signal.reason if that aborts while waiting. */
    run: <R>(signal: AbortSignal, work: () => Promise<R>): Promise<R> => turns.use(signal, () => work()),
  };
};
