import { setImmediate } from "node:timers/promises";

/** The same items, with a turn of the event loop after every 500, so that the process goes on answering. */
export async function* yielding<T>(items: Iterable<T>): AsyncGenerator<T> {
  let count = 0;
  for (const item of items) {
    if (++count % 500 === 0) await setImmediate();
    yield item;
  }
}

/** Collects items with the same turns of the event loop. */
export const collected = async <T>(items: Iterable<T>): Promise<readonly T[]> => {
  const all: T[] = [];
  for await (const item of yielding(items)) all.push(item);
  return all;
};
