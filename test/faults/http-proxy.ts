import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { gzipSync } from "node:zlib";
import type { Certificate } from "../certificates.ts";
import { tcpProxy } from "./tcp-proxy.ts";

/** What happens to the connections to a server, or to what it answers. */
export type HttpFault =
  | { readonly kind: "pass" | "refuse" | "reset" | "half-open" }
  /** Takes requests and never answers them: not even when it answers others again. */
  | { readonly kind: "silent" }
  /** Delays what is sent, in ms. */
  | { readonly kind: "delay"; readonly ms: number }
  /** The body byte by byte, with this time after each. */
  | { readonly kind: "drip"; readonly ms: number }
  /** The body ends in the middle: the connection is reset, or one in chunks is ended as if nothing were missing. */
  | { readonly kind: "cut"; readonly how: "reset" | "end" }
  /** `bytes`: none of HTTP. `body`: no JSON, though its type says so. `page`: HTML. `tls`: a server that speaks TLS. */
  | { readonly kind: "garbage"; readonly what: "bytes" | "body" | "page" | "tls" }
  /** Redirects to the same address, endlessly. */
  | { readonly kind: "redirect" }
  /** `gzip`: 256 MB of zeros. `endless`: blanks. `deep`: a million lists in one another. */
  | { readonly kind: "flood"; readonly what: "gzip" | "endless" | "deep" }
  /** Too much to do. `after`: what Retry-After says of the two seconds. */
  | { readonly kind: "busy"; readonly status: 429 | 503; readonly after: "seconds" | "date" }
  /** The server's clock is so much ahead. */
  | { readonly kind: "skew"; readonly ms: number }
  /** Every other request has its connection reset. */
  | { readonly kind: "flap" }
  /** Only of one that speaks TLS: the certificate that it shows. */
  | { readonly kind: "certificate"; readonly which: WrongCertificate };

/** Certificates that do not hold. */
export type WrongCertificate = "untrusted" | "expired" | "of another host";
/** What a server may show: `good`, and what does not hold. */
export type Certificates = { readonly [W in WrongCertificate | "good"]: Certificate };

/** A reverse proxy with switchable faults. Disposing it closes all its connections. */
export type HttpProxy = AsyncDisposable & {
  readonly port: number;
  readonly set: (fault: HttpFault) => Promise<void>;
  /** Connections open now. */
  readonly open: () => number;
};

/**
 * @param target origin, such as http://127.0.0.1:4000
 * @param certificates with them the proxy speaks TLS
 */
export const httpProxy = async (target: string, certificates?: Certificates): Promise<HttpProxy> => {
  let fault: HttpFault = { kind: "pass" };
  let turn = 0;

  const take = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    outgoing.on("error", () => undefined);
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  };
  const showing = (which: keyof Certificates) => {
    const { certificate: cert, key } = certificates?.[which] ?? {};
    return { cert, key };
  };
  const https = certificates === undefined ? undefined : createHttpsServer(showing("good"), take);
  const server = https ?? createServer(take);
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const now = fault;
    if (now.kind === "flap" && turn++ % 2 === 0) return void incoming.socket.resetAndDestroy();
    if (now.kind === "silent") return void incoming.resume();
    if (now.kind === "redirect") return void outgoing.writeHead(302, { location: incoming.url ?? "/" }).end();
    if (now.kind === "busy") return void outgoing.writeHead(now.status, retryAfter(now.after)).end("{}");
    const { status, type, body } = await forwarded(target, incoming);
    const head = { "content-type": type };
    switch (now.kind) {
      case "garbage":
        if (now.what === "page") return void outgoing.writeHead(200, { "content-type": "text/html" }).end("<p>Hello.");
        return void outgoing.writeHead(200, head).end(body.map((byte) => byte ^ 0xff));
      case "flood":
        return flood(outgoing, head, now.what);
      case "drip":
        outgoing.writeHead(status, { ...head, "content-length": body.length });
        return drip(outgoing, body, now.ms);
      case "cut": {
        const half = body.subarray(0, body.length >> 1);
        outgoing.writeHead(status, now.how === "end" ? head : { ...head, "content-length": body.length });
        const cut = () => (now.how === "end" ? incoming.socket.end() : incoming.socket.resetAndDestroy());
        return void outgoing.write(half, cut);
      }
      case "skew":
        return void outgoing
          .writeHead(status, { ...head, date: new Date(Date.now() + now.ms).toUTCString() })
          .end(body);
      default:
        return void outgoing.writeHead(status, { ...head, "content-length": body.length }).end(body);
    }
  };
  const http = await listening(server);
  const noise = createTcpServer((socket) => {
    const say = () => socket.end("\u0000\u0001 nonsense\r\n\r\n");
    socket.on("error", () => undefined).once("data", say);
  });
  // A server without a certificate is enough for those who do not speak TLS.
  const secure = createTlsServer({}).on("tlsClientError", (_, socket) => socket.destroy());
  const [noisePort, securePort] = [await listening(noise), await listening(secure)];
  const front = await tcpProxy(http);
  const ports = [noise, secure, server];
  let aimed = http;

  return {
    port: front.port,
    open: front.open,
    async set(next) {
      fault = next;
      const aims = { bytes: noisePort, tls: securePort };
      const aim = next.kind === "garbage" && (next.what === "bytes" || next.what === "tls") ? aims[next.what] : http;
      // Aiming ends open connections, so only where the port changes.
      if (aim !== aimed) front.aim(aim);
      aimed = aim;
      if (https !== undefined) {
        https.setSecureContext(showing(next.kind === "certificate" ? next.which : "good"));
        // An open connection has seen a certificate already.
        front.aim(aim);
      }
      if (next.kind === "delay") return front.set(next);
      if (next.kind === "half-open") return front.set({ kind: "drop" });
      await front.set({ kind: next.kind === "refuse" || next.kind === "reset" ? next.kind : "pass" });
    },
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      server.closeAllConnections();
      await Promise.all(ports.map((one) => new Promise<void>((resolve) => one.close(() => resolve()))));
    },
  };
};

const listening = async (server: ReturnType<typeof createTcpServer>): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

const forwarded = (target: string, incoming: IncomingMessage) =>
  new Promise<{ readonly status: number; readonly type: string; readonly body: Buffer }>((resolve, reject) => {
    const { method, headers } = incoming;
    const asked = request(
      `${target}${incoming.url ?? "/"}`,
      { method: method ?? "GET", headers: { ...headers, connection: "close" }, agent: false },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part)).on("error", reject);
        response.on("end", () => {
          const type = response.headers["content-type"] ?? "application/json";
          resolve({ status: response.statusCode ?? 500, type, body: Buffer.concat(parts) });
        });
      },
    );
    asked.on("error", reject);
    incoming.pipe(asked);
  });

const WAIT_MS = 2000;

/** By a clock that is an hour ahead, where it is a date. */
const retryAfter = (after: "seconds" | "date"): { readonly [name: string]: string } => {
  const type = { "content-type": "application/json" };
  if (after === "seconds") return { ...type, "retry-after": String(WAIT_MS / 1000) };
  const now = Math.floor(Date.now() / 1000) * 1000 + 3_600_000;
  return { ...type, date: new Date(now).toUTCString(), "retry-after": new Date(now + WAIT_MS).toUTCString() };
};

const BOMB = gzipSync(Buffer.alloc(2 ** 28));
const DEEP = `{"data":${"[".repeat(1_000_000)}`;
const BLANKS = Buffer.alloc(2 ** 16, " ");

const flood = (outgoing: ServerResponse, head: { readonly "content-type": string }, what: string): void => {
  if (what === "gzip") return void outgoing.writeHead(200, { ...head, "content-encoding": "gzip" }).end(BOMB);
  if (what === "deep") return void outgoing.writeHead(200, head).end(DEEP);
  outgoing.writeHead(200, head);
  const more = (): void => {
    while (!outgoing.destroyed && outgoing.write(BLANKS));
  };
  outgoing.on("drain", more);
  more();
};

const drip = (outgoing: ServerResponse, body: Buffer, ms: number): void => {
  let at = 0;
  const timer = setInterval(() => {
    if (outgoing.destroyed || at === body.length) {
      clearInterval(timer);
      outgoing.end();
    } else outgoing.write(body.subarray(at, ++at));
  }, ms);
  outgoing.on("close", () => clearInterval(timer));
};
