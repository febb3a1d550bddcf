import { Agent, type Dispatcher, ProxyAgent } from "undici";
import { BankError } from "../../schema/bank-error.ts";
import { limit } from "../pool.ts";
import type { HttpRequest, HttpResponse } from "./exchange.ts";
import { DIRECT, type HttpLink } from "./link.ts";

/** Limits of the requests to one server. */
export type HttpLimits = {
  /** Time limit of a request in ms. */
  readonly timeoutMs: number;
  /** Time limit of connecting in ms; default: `timeoutMs`. */
  readonly connectMs?: number;
  /** Concurrent requests. */
  readonly atOnce: number;
  /** Bytes of a response. */
  readonly largest: number;
};

/** See httpClient. */
export type HttpClient = ReturnType<typeof httpClient>;

/** A client for one server, with connections and, by its link, credentials of its own. */
export const httpClient = (bank: string, limits: HttpLimits, link: HttpLink = DIRECT) => {
  const { timeoutMs, atOnce, largest } = limits;
  const agent = httpAgent(limits, link);
  const exchange = link.exchangeOver(bank, agent, largest);
  const turns = limit(atOnce);
  let closed: Promise<void> | undefined;
  return {
    /**
     * Sends a request once fewer than `atOnce` are under way, and returns the whole response, whatever its status. Its time limit
     * runs from then on.
     * @throws {BankError} where no response comes, signal.reason when the signal aborts
     */
    async send(url: URL, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
      if (closed !== undefined) throw new BankError("BANK_UNREACHABLE", bank, "the adapter is closed");
      return turns.run(signal, () =>
        exchange(url, request, { signal, timeoutMs, until: performance.now() + timeoutMs }),
      );
    },
    [Symbol.asyncDispose](): Promise<void> {
      closed ??= agent.destroy();
      return closed;
    },
  };
};

/**
 * Connections to one server: at most `atOnce`. It decompresses nothing, so that `largest` bounds the memory of a response, and
 * follows no redirect. The exchange has the time limit of a response.
 */
const httpAgent = (
  { timeoutMs, connectMs = timeoutMs, atOnce, largest }: HttpLimits,
  { tls = {}, proxy }: Pick<HttpLink, "tls" | "proxy">,
): Dispatcher => {
  const connect = { timeout: connectMs, ...tls };
  const options = { connections: atOnce, maxResponseSize: largest, headersTimeout: 0, bodyTimeout: 0, connect };
  return proxy === undefined ? new Agent(options) : new ProxyAgent({ ...options, uri: proxy, requestTls: connect });
};
