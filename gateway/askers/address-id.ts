import { isIPv4, isIPv6 } from "node:net";

/** Id of an asker whose address is not known: a connection that has closed, or a unix socket. */
export const NO_ADDRESS = "ip:none";

/**
 * The id of an asker by address. An IPv6 address counts by its /64, since one household has that many; IPv4 within IPv6 is
 * IPv4.
 */
export const addressId = (address: string | null | undefined): string => {
  const plain = plainAddress(address ?? "");
  if (plain === null) return NO_ADDRESS;
  return isIPv4(plain) ? `ip:${plain}` : `ip:${network64(plain)}`;
};

/** An address without zone, and as IPv4 where it is IPv4 within IPv6; null for any other text. */
export const plainAddress = (text: string): string | null => {
  if (isIPv4(text)) return text;
  const [bare = ""] = text.split("%", 1);
  if (!isIPv6(bare)) return null;
  const groups = groupsOf(bare);
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return isMapped ? dotted(groups[6]!, groups[7]!) : bare;
};

const network64 = (address: string): string => {
  const network = groupsOf(address).slice(0, 4);
  return `${network.map((group) => group.toString(16)).join(":")}::/64`;
};

/** The eight groups of an IPv6 address. */
const groupsOf = (address: string): readonly number[] => {
  const [head = "", tail] = address.split("::");
  const [before, after] = [numbersOf(head), numbersOf(tail ?? "")];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
};

const numbersOf = (groups: string): readonly number[] =>
  groups === "" ? [] : groups.split(":").flatMap((group) => (group.includes(".") ? ofDotted(group) : [ofHex(group)]));

const ofHex = (group: string): number => Number.parseInt(group, 16);

const ofDotted = (text: string): readonly number[] => {
  const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
  return [a * 256 + b, c * 256 + d];
};

const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join(".");
