import { isLoopback } from "../../net/loopback.ts";
import { type PublicKey, publicKey } from "../../net/signing/keys.ts";

/** Where a bank is, by one entry of ODAN_BANKS. */
export type BankAddress =
  | { readonly kind: "file"; readonly file: string }
  | {
      readonly kind: "remote";
      /** The id that the bank must have; null: the one that it says. */
      readonly id: string | null;
      /** One at least. */
      readonly urls: readonly URL[];
      /** By which its answers are checked; empty: they are not, and the bank is on this machine. */
      readonly keys: readonly PublicKey[];
    };

/**
 * Reads an entry of ODAN_BANKS: a path, or `bbj=https://a.example/|https://b.example/#KEY+KEY`, a bank's id, addresses and
 * public keys. The keys of all its addresses are good for each of them.
 * @returns what is wrong, as a message, in place of an address
 */
export const bankAddress = (entry: string): BankAddress | string => {
  const [, id = null, places] = /^(?:([^=:/|]+)=)?(https?:.*)$/i.exec(entry) ?? [];
  if (places === undefined) return { kind: "file", file: entry };
  if (id !== null && !/^[a-z][a-z0-9-]*$/.test(id)) return `wanted the id of a bank before =, got ${id}`;
  const urls: URL[] = [];
  const keys = new Map<string, PublicKey>();
  for (const place of places.split("|")) {
    const [address = "", ...marks] = place.split("#");
    if (!URL.canParse(address)) return `wanted the URL of a subgraph such as http://127.0.0.1:4201/, got ${address}`;
    const url = new URL(address);
    if (url.username !== "" || url.password !== "") return `wanted a URL without user and password: ${url.host}`;
    urls.push(url);
    for (const mark of marks.flatMap((text) => text.split("+"))) {
      const key = publicKey(mark);
      if (key === null)
        return `${url.host}: wanted a public key after #, 43 characters such as "x" of a JWK, got ${mark}`;
      keys.set(key.id, key);
    }
  }
  const away = urls.find(({ hostname }) => !isLoopback(hostname));
  if (keys.size === 0 && away !== undefined) return unsigned(id, away);
  if (keys.size > 0 && id === null) return `wanted the bank's id before its address: ID=${places}`;
  return { kind: "remote", id, urls, keys: [...keys.values()] };
};

const unsigned = (id: string | null, { href }: URL): string =>
  `wanted the id and the public key of a bank that is not on this machine: write ${id ?? "ID"}=${href}#KEY, ` +
  `where KEY is what \`odan key\` prints at the bank, got ${href} without`;
