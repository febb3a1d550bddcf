import { Agent, type Dispatcher, ProxyAgent } from "undici";
import { BankError } from "../../schema/bank-error.ts";
import { pool } from "../pool.ts";
import type { Answer, Sent } from "./exchange.ts";
import { DIRECT, type HttpLink } from "./link.ts";

/** Limits of one server. */
export type HttpLimits = {
  /** For each request. */
  readonly timeoutMs: number;
  /** For a connection; default: `timeoutMs`. */
  readonly connectMs?: number;
  /** Requests at a time. */
  readonly atOnce: number;
  /** Bytes in an answer. */
  readonly largest: number;
};

/** One server that speaks HTTP. */
export type HttpServer = AsyncDisposable & {
  /** The whole answer, whatever its status. @throws {BankError} where there is none, signal.reason when the signal aborts */
  ask(url: URL, sent: Sent, signal: AbortSignal): Promise<Answer>;
};

/** Opens connections of its own to a server, and shows it who we are. What waits for its turn has all its time still. */
export const httpServer = (bank: string, limits: HttpLimits, link: HttpLink = DIRECT): HttpServer => {
  const { timeoutMs, atOnce, largest } = limits;
  const agent = httpAgent(limits, link);
  const exchange = link.exchangeOver(bank, agent, largest);
  const turns = pool(Array.from({ length: atOnce }, (_, index) => index));
  let closed: Promise<void> | undefined;
  return {
    async ask(url, sent, signal) {
      if (closed !== undefined) throw new BankError("BANK_UNREACHABLE", bank, "the adapter is closed");
      return turns.use(signal, () => exchange(url, sent, { signal, timeoutMs, until: performance.now() + timeoutMs }));
    },
    [Symbol.asyncDispose]() {
      closed ??= agent.destroy();
      return closed;
    },
  };
};

/**
 * Connections to one server: at most `atOnce`. Nothing is decompressed, so that `largest`, in bytes, bounds what an answer
 * takes; no redirect is followed. How long an answer may take, its first byte included, is for those who ask.
 */
const httpAgent = (
  { timeoutMs, connectMs = timeoutMs, atOnce, largest }: HttpLimits,
  { tls = {}, proxy }: Pick<HttpLink, "tls" | "proxy">,
): Dispatcher => {
  const connect = { timeout: connectMs, ...tls };
  const options = { connections: atOnce, maxResponseSize: largest, headersTimeout: 0, bodyTimeout: 0, connect };
  return proxy === undefined ? new Agent(options) : new ProxyAgent({ ...options, uri: proxy, requestTls: connect });
};
