import { BlockList, isIPv4, isIPv6 } from "node:net";
import { plainAddress } from "./address-id.ts";

/** Whether a plain address is one of the proxies whose word about addresses counts. */
export type IsTrusted = (address: string) => boolean;

/** @param blocks addresses and CIDR blocks that `isAddressBlock` accepts */
export const trustedProxies = (blocks: readonly string[]): IsTrusted => {
  const list = new BlockList();
  for (const { network, prefix, family } of blocks.flatMap((block) => blockOf(block) ?? []))
    list.addSubnet(network, prefix, family);
  return (address) => blocks.length > 0 && list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
};

/** Whether a text is an address such as 192.0.2.1, or a CIDR block such as 10.0.0.0/8 or fd00::/8. */
export const isAddressBlock = (text: string): boolean => blockOf(text) !== null;

type Block = { readonly network: string; readonly prefix: number; readonly family: "ipv4" | "ipv6" };

const blockOf = (text: string): Block | null => {
  const [, address = "", bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (!isIPv4(address) && !isIPv6(address)) return null;
  // A single address may be IPv4 within IPv6. A block of such addresses is refused: it is surely a mistake.
  const network = bits === undefined ? plainAddress(address) : address;
  if (network === null) return null;
  const [family, longest] = isIPv4(network) ? (["ipv4", 32] as const) : (["ipv6", 128] as const);
  const prefix = bits === undefined ? longest : Number(bits);
  return prefix <= longest ? { network, prefix, family } : null;
};
