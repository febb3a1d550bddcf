import type { KeyObject } from "node:crypto";
import path from "node:path";
import type { Logger } from "pino";
import type { TlsTexts } from "../../net/tls.ts";
import { type Config, ConfigError } from "../settings/config.ts";
import { type BankAddress, bankAddress } from "./address.ts";
import type { BankLink } from "./link.ts";
import { inThreads } from "./threads/in-threads.ts";

/** How a gateway proves itself to banks that are processes of their own. */
export type Identity = {
  /** Signs requests to banks whose keys are pinned. */
  readonly signing?: KeyObject;
  /** Certificates for https. Default: the public authorities, and none to show. */
  readonly tls?: TlsTexts | undefined;
};

/**
 * The links to the banks that the configuration names. The banks of bank.yaml files run on threads of this
 * process; their release states are kept in the data folder.
 * @throws {BankYamlError} {ConfigError}
 */
export const openBanks = async (
  { banks, data, env, leaseMs }: BanksConfig,
  log: Logger,
  identity: Identity = {},
): Promise<readonly BankLink[]> => {
  const addresses = banks.map(addressOf);
  const files = addresses.flatMap((address) => (address.kind === "file" ? [address.file] : []));
  const hosting = inThreads(files, { env, leaseMs, stateFolder: path.join(data, "releases"), log });
  const remote = addresses.flatMap((address) => (address.kind === "remote" ? [remoteBank(address, identity)] : []));
  const [hosted, ...others] = await Promise.all([hosting, ...remote]);
  return [...others, ...hosted];
};

const addressOf = (bank: string): BankAddress => {
  const address = bankAddress(bank);
  if (typeof address !== "string") return address;
  throw new ConfigError(`ODAN_BANKS: ${address}`);
};

type BanksConfig = Pick<Config, "banks" | "data" | "env" | "leaseMs">;
type RemoteAddress = Extract<BankAddress, { readonly kind: "remote" }>;

const remoteBank = async (
  { id, urls, keys: bankKeys }: RemoteAddress,
  { signing: key, tls }: Identity,
): Promise<BankLink> => {
  if (bankKeys.length > 0 && key === undefined) throw new Error("wanted a key to sign requests with, got none");
  const { overHttp } = await import("./over-http.ts");
  return overHttp(urls, {
    ...(id === null ? {} : { id }),
    ...(bankKeys.length === 0 || key === undefined ? {} : { signing: { key, bankKeys } }),
    ...(tls === undefined ? {} : { tls }),
  });
};
