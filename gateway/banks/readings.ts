import { LRUCache } from "lru-cache";
import type { Question } from "../../schema/wire/question.ts";
import type { Reading } from "../../schema/wire/reading.ts";

/** How banks read questions, kept for the whole gateway in so many bytes. */
export type ReadingCache = LRUCache<string, Reading>;

const MAX_BYTES = 32 * 2 ** 20;

/** A cache that evicts the least recently used readings. */
export const readingCache = (maxBytes = MAX_BYTES): ReadingCache =>
  new LRUCache({
    maxSize: maxBytes,
    // Two bytes a character, and about as much again for the objects.
    sizeCalculation: (reading, key) => 4 * (key.length + JSON.stringify(reading).length),
  });

/** The readings of one bank. */
export type BankReadings = {
  /** Those of these questions that are in the cache, in their order; null: not there. */
  readonly cached: (version: string, questions: readonly Question[]) => readonly (Reading | null)[];
  /**
   * Asks the bank, in one call, for the questions that are neither in the cache nor being asked, and waits for those that
   * are. So a bank is asked for one question at most once in each version. Rejects as `ask` does.
   */
  readonly load: (version: string, questions: readonly Question[], ask: AskReadings) => Promise<void>;
};

export type AskReadings = (questions: readonly Question[]) => Promise<readonly Reading[]>;

/** @param bank its id, which is part of every key */
export const bankReadings = (bank: string, cache: ReadingCache): BankReadings => {
  const pending = new Map<string, Promise<void>>();
  const keyOf = (version: string, question: Question): string => JSON.stringify([bank, version, question]);
  return {
    cached: (version, questions) => questions.map((question) => cache.get(keyOf(version, question)) ?? null),
    async load(version, questions, ask) {
      const keyed = new Map(questions.map((question) => [keyOf(version, question), question]));
      const waiting = new Set<Promise<void>>();
      for (const key of keyed.keys()) {
        const other = pending.get(key);
        if (other !== undefined) waiting.add(other);
        if (other !== undefined || cache.has(key)) keyed.delete(key);
      }
      if (keyed.size > 0) {
        const keys = [...keyed.keys()];
        const call = ask([...keyed.values()])
          .then((readings) => {
            for (const [i, key] of keys.entries()) cache.set(key, readings[i]!);
          })
          .finally(() => {
            for (const key of keys) pending.delete(key);
          });
        for (const key of keys) pending.set(key, call);
        waiting.add(call);
      }
      await Promise.all(waiting);
    },
  };
};
