import type { AdapterKind } from "../adapter.ts";
import { type Memory, noMemory, replicas } from "./replicas.ts";

/** Options of a kind whose local API may answer at several addresses: the first one, and the others. */
export type Addressed = { readonly url?: string | undefined; readonly others: readonly string[] };

/** The same kind of local API, asked at each of the addresses that the options name: see replicas. */
export const atAddresses = <Options extends Addressed>(kind: AdapterKind<Options>): AdapterKind<Options> => {
  const memories = new WeakMap<Options, Memory>();
  return {
    options: kind.options,
    named: kind.named,
    ...(kind.inspect === undefined ? {} : { inspect: kind.inspect }),
    async open(options, mapping, context, signal) {
      const urls = [options.url, ...options.others];
      if (urls.length === 1) return kind.open(options, mapping, context, signal);
      const memory = memories.get(options) ?? noMemory(urls.length);
      memories.set(options, memory);
      const openers = urls.map((url) => {
        const alone = { ...options, url, others: [] };
        return (stop: AbortSignal) => kind.open(alone, mapping, context, stop);
      });
      return replicas(context.bank, openers, memory, signal);
    },
  };
};
