/** What comes with a request to a subgraph, beside its document. */
export type SubgraphContext = {
  /** Aborts when the asker has left; passed on to the local API. Default: never. */
  readonly signal?: AbortSignal;
  /** Whether the request carried the operator's token. Default: false. */
  readonly operator?: boolean;
};

/** Resolves one field of the contract. */
export type Resolver = (args: { readonly [name: string]: unknown }, context: SubgraphContext) => unknown;
