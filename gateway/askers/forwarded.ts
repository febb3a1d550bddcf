import { plainAddress } from "./address-id.ts";

/**
 * The addresses that X-Forwarded-For names, the client's first. Null stands for an entry that is no address: `unknown`, a
 * name, anything else.
 */
export const forwardedFor = (header: string): readonly (string | null)[] => header.split(",").map(addressOf);

/** The same of Forwarded (RFC 7239): its `for` parameters. */
export const forwarded = (header: string): readonly (string | null)[] =>
  // No node has a comma or a semicolon in it, so a quote that is not closed spoils only its own entry.
  header.split(",").map((element) => {
    const [, node = ""] = /(?:^|;)\s*for\s*=([^;]*)/i.exec(element) ?? [];
    return addressOf(node);
  });

/** Most characters of an entry: an IPv6 address with zone, port, brackets and quotes. */
const LONGEST = 80;

/** An address with or without quotes, brackets and port. */
const addressOf = (entry: string): string | null => {
  if (entry.length > LONGEST) return null;
  const node = entry.trim().replace(/^"(.*)"$/, "$1");
  const [, bracketed, withPort] = /^\[([^\]]*)\](?::\w*)?$|^([\d.]+):\w*$/.exec(node) ?? [];
  return plainAddress(bracketed ?? withPort ?? node);
};
