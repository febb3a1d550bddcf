import type { TokenStore } from "../../../gateway/askers/issued-tokens.ts";

/** What a test sees of a store beside its entries: all of it as text, and until when entries are kept. */
type Looked = { readonly text: () => string; readonly until: () => readonly Date[] };

/** A store of state that ends with the test. */
export const storeInMemory = (): TokenStore & Looked => {
  const until: Date[] = [];
  const kinds = new Map<string, Map<string, unknown>>();
  const entries = (kind: string): Map<string, unknown> => {
    const known = kinds.get(kind) ?? new Map<string, unknown>();
    kinds.set(kind, known);
    return known;
  };
  return {
    entries,
    async write(kind, name, value, options = {}) {
      if (options.until !== undefined) until.push(options.until);
      if (value === null) entries(kind).delete(name);
      else entries(kind).set(name, JSON.parse(JSON.stringify(value)));
    },
    until: () => until,
    text: () => JSON.stringify([...kinds].map(([kind, map]) => [kind, [...map]])),
  };
};
