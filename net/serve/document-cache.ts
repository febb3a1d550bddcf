import type { DocumentNode } from "graphql";
import { LRUCache } from "lru-cache";

/** What Yoga keeps of the documents that it was sent. */
export type DocumentCache = {
  readonly documentCache: LRUCache<string, DocumentNode>;
  readonly errorCache: {
    readonly get: (text: string) => undefined;
    readonly set: (text: string, error: Error) => void;
  };
};

/** A parsed document takes 100 to 400 bytes for each character of its text. */
const CHARACTERS = 128 * 1024;
/** A longer document is parsed each time: there are few, and one would push out all others. */
const LONGEST = 8 * 1024;

/**
 * Keeps as many parsed documents as take about 30 MB, the last used ones, and no complaints. Yoga by itself keeps a thousand
 * of each, however long they are.
 */
export const documentCache = (): DocumentCache => ({
  documentCache: new LRUCache({
    maxSize: CHARACTERS,
    maxEntrySize: LONGEST,
    sizeCalculation: (_, text) => Math.max(1, text.length),
  }),
  errorCache: { get: () => undefined, set: () => undefined },
});
