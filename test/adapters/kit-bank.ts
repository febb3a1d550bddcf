import { onTestFinished } from "vitest";
import type { Adapter, AdapterKind, MappedCodes } from "../../adapters/adapter.ts";
import type { Faults } from "../../sandbox/faults.ts";
import type { Bench } from "./conformance.ts";
import type { LocalDonor } from "./evaluate.ts";

/** A server of the sandbox: what the five kinds' servers have in common. */
type SandboxServer = {
  listen(port: number): Promise<string>;
  connections(): Promise<number>;
  close(): Promise<void>;
  readonly faults: Faults;
};

/** The second release of a bank that publishes another population. */
export const SECOND = { number: "2", date: "2026-07-01" } as const;

/** Opens an adapter that closes when the test ends. Options are checked as those of bank.yaml are. */
export const openAdapter = async <Options>({
  kind,
  options,
  mapping,
  folder = ".",
  announced = false,
  state,
}: {
  readonly kind: AdapterKind<Options>;
  readonly options: unknown;
  readonly mapping: MappedCodes;
  readonly folder?: string;
  /** Whether the bank announces its releases. */
  readonly announced?: boolean;
  /** Folder of the bank's state. */
  readonly state?: string | undefined;
}): Promise<Adapter> => {
  const context = { bank: "bank", folder, env: process.env, announced, state };
  const adapter = await kind.open(kind.options.parse(options), mapping, context, new AbortController().signal);
  onTestFinished(() => adapter[Symbol.asyncDispose]());
  return adapter;
};

/** Starts a server of the sandbox on loopback; it closes when the test ends. */
export const started = async <Server extends SandboxServer>(
  server: Server,
): Promise<{ readonly server: Server; readonly url: string }> => {
  const url = await server.listen(0);
  onTestFinished(() => server.close());
  return { server, url };
};

/** The bench of the conformance suite over servers of the sandbox that all hold the same. */
export const benchOf = <Server extends SandboxServer>(
  adapter: Adapter,
  servers: readonly Server[],
  publish: (server: Server, donors: readonly LocalDonor[]) => void,
): Bench => ({
  adapter,
  async publish(donors) {
    for (const server of servers) publish(server, donors);
  },
  async spoil() {
    for (const { faults } of servers) faults.wrongCount = () => undefined;
  },
  connections: async () =>
    (await Promise.all(servers.map((server) => server.connections()))).reduce((sum, open) => sum + open, 0),
  close: async () => void (await Promise.all(servers.map((server) => server.close()))),
});
