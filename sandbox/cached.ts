import { LRUCache } from "lru-cache";

/** Caches the last `max` results of a function that were used, by the JSON of its arguments. */
export const cached = <Given extends readonly unknown[], Result extends object>(
  max: number,
  make: (...given: Given) => Result,
): ((...given: Given) => Result) => {
  const cache = new LRUCache<string, Result>({ max });
  return (...given) => {
    const key = JSON.stringify(given);
    const result = cache.get(key) ?? make(...given);
    cache.set(key, result);
    return result;
  };
};
