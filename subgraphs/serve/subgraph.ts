import path from "node:path";
import type { GraphQLSchema } from "graphql";
import { type Clock, realClock } from "../../net/clock.ts";
import type { OpenLocalApi } from "../count/local-api.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { stateFile, stateInMemory } from "../releases/state-file.ts";
import { contractOf } from "./contract.ts";
import { servedBank } from "./served-bank.ts";

export type { SubgraphContext } from "./context.ts";

/** One bank as a GraphQL schema that serves the subgraph's contract. */
export type Subgraph = AsyncDisposable & {
  readonly id: string;
  readonly schema: GraphQLSchema;
};

export type SubgraphOptions = {
  /** Hash of what the mapping was read from. Default: empty. */
  readonly fingerprint?: string;
  readonly clock?: Clock;
  /** Milliseconds that a lease lasts: publishing a release takes at least as long. Default: LEASE_MS. */
  readonly leaseMs?: number;
  /** Folder in which the release state is kept. Default: memory, for a bank that starts and ends with its only gateway. */
  readonly stateFolder?: string;
  /** Whether gateways in other processes may hold leases of an earlier process of this bank. Default: false. */
  readonly leasesMayBeOut?: boolean;
};

export const LEASE_MS = 5000;

/** Makes the subgraph of a mapping and a way to open its adapter. @see servedBank */
export const createSubgraph = (
  mapping: Mapping,
  openAdapter: OpenLocalApi,
  options: SubgraphOptions = {},
): Subgraph => {
  const { fingerprint = "", clock = realClock, leaseMs = LEASE_MS, stateFolder, leasesMayBeOut = false } = options;
  const file = stateFolder === undefined ? stateInMemory() : stateFile(path.join(stateFolder, `${mapping.id}.json`));
  const bank = servedBank(mapping, openAdapter, { fingerprint, clock, leaseMs, file, leasesMayBeOut });
  return { id: bank.id, schema: contractOf(bank), [Symbol.asyncDispose]: () => bank[Symbol.asyncDispose]() };
};
