import { type Gateway, type GatewayOptions, startGateway } from "../../gateway/http/server.ts";
import type { Subgraph } from "../../subgraphs/serve/subgraph.ts";
import { gatewayOf, memoryLog } from "./fake-subgraph.ts";

const open: (() => Promise<unknown>)[] = [];

/** Closes what `toClose` was given, the latest first. */
export const closeAll = async (): Promise<void> => {
  for (const close of open.splice(0).reverse()) await close();
};
export const toClose = (close: () => Promise<unknown>): void => void open.push(close);

export type Started = Gateway & ReturnType<typeof memoryLog>;

/** A gateway over these banks, until closeAll. */
export const start = async (
  subgraphs: readonly Subgraph[],
  options: Partial<GatewayOptions> = {},
): Promise<Started> => {
  const { log, lines } = memoryLog();
  const byDefault = { port: 0, host: "127.0.0.1", cors: [], deadlineMs: 20_000, log };
  const gateway = await startGateway({ ...byDefault, ...gatewayOf(subgraphs), ...options });
  toClose(gateway.close);
  return { ...gateway, log, lines };
};
