import type { IncomingMessage } from "node:http";
import { parseHost } from "../../net/serve/hosts.ts";
import { type Refusal, refuse } from "../../schema/refusal.ts";
import { text } from "../../schema/text.ts";
import { mayAsk } from "./allowed-origins.ts";

/** Any page that sends this header has passed a preflight, and so is of an origin that may ask. */
const PREFLIGHT = "graphql-require-preflight";

/**
 * Why a request that would be executed is refused: it comes from a page of another site (cross-site request forgery). Browsers
 * say so in Sec-Fetch-Site; older ones in Origin or Referer. Programs send none of these. Null: it is executed.
 * @param allowed origins whose pages may ask (see mayAsk)
 */
export const originRefusal = (
  { headers, method }: Pick<IncomingMessage, "headers" | "method">,
  allowed: readonly string[],
): Refusal | null => {
  if (headers[PREFLIGHT]) return null;
  if (method === "GET" && PAGE.test(headers.accept ?? "")) return FOR_PAGE;
  const { origin } = headers;
  if (origin !== undefined && mayAsk(allowed, origin)) return null;
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin" || site === "none" ? null : OTHER_SITE;
  const { referer } = headers;
  if (origin === undefined && (referer === undefined || /^\/(?!\/)/.test(referer))) return null;
  return isOwn(origin ?? referer ?? "", headers.host ?? "") ? null : OTHER_SITE;
};

/** What a browser accepts for a page, an image or another element of a page, and a program does not. */
const PAGE = /^\s*(?:text\/(?:html|css)|application\/xhtml\+xml|image\/|audio\/|video\/|font\/)/i;

/** Whether an absolute address is of the host that the request is for. */
const isOwn = (address: string, host: string): boolean => {
  const own = parseHost(host);
  if (own === null || !URL.canParse(address)) return false;
  const { hostname, port, protocol } = new URL(address);
  if (protocol !== "http:" && protocol !== "https:") return false;
  return parseHost(hostname)?.name === own.name && isPort(port, protocol, own.port);
};

/** The page's port is that of Host. A proxy may have ended TLS, so that a port left out may be either's default. */
const isPort = (port: string, protocol: string, own: number | null): boolean => {
  const usual = protocol === "https:" ? 443 : 80;
  return (port === "" ? usual : Number(port)) === (own ?? usual);
};

const OTHER_SITE = refuse("ORIGIN_NOT_ALLOWED", {
  says: text(
    "wanted a request of a program or of a page of an allowed origin, got one of another site's page",
    "プログラムまたは許可されたオリジンのページからのリクエストが必要ですが、別サイトのページからのリクエストです",
  ),
});

const FOR_PAGE = refuse("ORIGIN_NOT_ALLOWED", {
  at: "Accept",
  says: text(
    "wanted a program that accepts application/json, got a browser that wants a page or an image",
    "application/json を受け付けるプログラムが必要ですが、ページや画像を求めるブラウザからのリクエストです",
  ),
});
