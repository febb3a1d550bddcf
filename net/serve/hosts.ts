import type { IncomingMessage } from "node:http";
import { isIPv4, isIPv6 } from "node:net";
import { type Refusal, refuse } from "../../schema/refusal.ts";
import { text } from "../../schema/text.ts";

/** A host as a header or a setting names it. */
export type Host = {
  /** A name in lower case without a final dot, or an IP address without brackets. */
  readonly name: string;
  /** null: not given. */
  readonly port: number | null;
};

/** Reads `name`, `name:port`, `192.0.2.1:port` or `[2001:db8::1]:port`; null for anything else. */
export const parseHost = (given: string): Host | null => {
  const [, address, plain, digits = ""] = HOST.exec(given) ?? [];
  const port = digits === "" ? null : Number(digits);
  if (port !== null && port > 65_535) return null;
  if (address !== undefined) return isIPv6(address) ? { name: address.toLowerCase(), port } : null;
  const name = plain?.toLowerCase().replace(/\.$/, "") ?? "";
  return isName(name) ? { name, port } : null;
};

const HOST = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{0,5}))?$/i;

/** A name whose last label is a number would be read as an IPv4 address, so it has to be one. */
const isName = (name: string): boolean => {
  const labels = name.split(".");
  if (name.length > 253 || !labels.every((label) => LABEL.test(label))) return false;
  return isIPv4(name) || !/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1)!);
};

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Checks that a request is meant for this server, before anything else is done with it: else a page of another site could
 * read answers, by having its own name point here (DNS rebinding). Names of the loopback interface and IP addresses are
 * always allowed, since no page can be reached under them from elsewhere.
 * @param hosts further names: `odan.example.org`, `.example.org` with all names below it, or `*` for any
 */
export const hostCheck = (hosts: readonly string[]): ((request: IncomingMessage) => Refusal | null) => {
  const names = new Set(hosts.map((name) => name.toLowerCase()));
  const isAllowed = (name: string): boolean =>
    name === "localhost" ||
    name.endsWith(".localhost") ||
    isIPv4(name) ||
    isIPv6(name) ||
    names.has("*") ||
    names.has(name) ||
    name.split(".").some((_, i, labels) => names.has(`.${labels.slice(i + 1).join(".")}`));
  return (request) => {
    const { rawHeaders, httpVersion } = request;
    const given = valuesOf(rawHeaders, "host");
    // Node refuses HTTP/1.1 without one. Only probes speak HTTP/1.0, and no browser does.
    if (given.length === 0 && httpVersion === "1.0") return null;
    const host = given.length === 1 ? parseHost(given[0]!) : null;
    if (host === null) return BAD_HOST;
    return isAllowed(host.name) ? null : notAllowed(host.name);
  };
};

/** The values of a header that came more than once, in order. */
export const valuesOf = (rawHeaders: readonly string[], name: string): readonly string[] =>
  rawHeaders.flatMap((header, i) => (i % 2 === 0 && header.toLowerCase() === name ? [rawHeaders[i + 1]!] : []));

const BAD_HOST = refuse("BAD_REQUEST", {
  at: "Host",
  says: text(
    "wanted one host name or address, perhaps with a port, got something else",
    "ホスト名またはアドレス1つ（ポートは任意）が必要です",
  ),
});

const notAllowed = (name: string): Refusal => {
  const got = name.slice(0, 100);
  return refuse("HOST_NOT_ALLOWED", {
    at: "Host",
    says: text(
      `wanted a host under which this server answers, got ${got}`,
      `このサーバーが応答するホスト名が必要ですが、${got} が指定されました`,
    ),
  });
};
