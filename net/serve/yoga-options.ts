import type { DocumentNode } from "graphql";
import { LRUCache } from "lru-cache";

/** Options of every GraphQL Yoga server: GraphQL over HTTP and nothing else, with a bounded cache of parsed documents. */
export const yogaOptions = () =>
  ({
    graphiql: false,
    landingPage: false,
    batching: false,
    multipart: false,
    cors: false,
    disposeOnProcessTerminate: false,
    parserAndValidationCache: documentCache(),
  }) as const;

/** Characters of documents in the cache: about 30 MB, since a parsed document takes 100 to 400 bytes for each. */
const CHARACTERS = 128 * 1024;
/** A longer document is rare, would evict all others, and is parsed each time. */
const LONGEST = 8 * 1024;

/** Yoga's own cache keeps a thousand documents, and a thousand errors, of any length. */
const documentCache = () => ({
  documentCache: new LRUCache<string, DocumentNode>({
    maxSize: CHARACTERS,
    maxEntrySize: LONGEST,
    sizeCalculation: (_, text) => Math.max(1, text.length),
  }),
  errorCache: { get: () => undefined, set: () => undefined },
});
