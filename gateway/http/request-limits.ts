import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Plugin } from "graphql-yoga";
import { isDeepDocument, isDeepValue } from "../../net/nesting.ts";
import { refusedError } from "../../net/serve/refused.ts";
import { type Refusal, refuse } from "../../schema/refusal.ts";
import { text } from "../../schema/text.ts";
import type { GatewayContext, ServerContext } from "../context.ts";
import { LIMITS } from "../limits.ts";
import { isIncremental } from "../search/incremental.ts";

/** Why a request's body is refused before it is read; null: it is not. Node holds the body to its Content-Length. */
export const bodyRefusal = ({ headers }: IncomingMessage): Refusal | null => {
  if (headers["transfer-encoding"] !== undefined)
    return refuse("LENGTH_REQUIRED", { message: "Send the body with a Content-Length." });
  if (Number(headers["content-length"] ?? 0) <= LIMITS.bodyBytes) return null;
  return refuse("BODY_TOO_LARGE", { message: `The body may have ${LIMITS.bodyBytes} bytes at most.` });
};

/** Refuses documents and variables that are nested too deep, and one stream more than its connection may have. */
export const useRequestLimits = (): Plugin<GatewayContext, ServerContext> => ({
  onParams({ params, setResult }) {
    // Yoga refuses a query that is no text, after this.
    const isDeep = typeof params.query === "string" && isDeepDocument(params.query);
    if (isDeep || isDeepValue(params.variables)) setResult({ errors: [refusedError(refuse("TOO_DEEP"))] });
  },
  onExecute({ args: { document, contextValue }, setResultAndStopExecution }) {
    if (isIncremental(document) && !contextValue.openStream())
      setResultAndStopExecution({ errors: [refusedError(TOO_MANY_STREAMS)] });
  },
  onSubscribe({ args: { contextValue }, setResultAndStopExecution }) {
    if (!contextValue.openStream()) setResultAndStopExecution({ errors: [refusedError(TOO_MANY_STREAMS)] });
  },
});

/** Longest time that a client may take to read the end of a stream after the longest deadline of the banks, in ms. */
const READ_MS = 30_000;

const openStreams = new WeakMap<Socket, number>();

/**
 * Counts a response as a stream of its connection until it closes, asks proxies not to buffer it, and closes it if nobody
 * reads it.
 * @returns false if the connection has LIMITS.streams already
 */
export const openStream = ({ socket }: IncomingMessage, response: ServerResponse): boolean => {
  const open = openStreams.get(socket) ?? 0;
  if (open >= LIMITS.streams) return false;
  openStreams.set(socket, open + 1);
  const timer = setTimeout(() => response.destroy(), LIMITS.deadlineMs + READ_MS).unref();
  response.once("close", () => {
    clearTimeout(timer);
    openStreams.set(socket, openStreams.get(socket)! - 1);
  });
  response.setHeader("X-Accel-Buffering", "no");
  return true;
};

const TOO_MANY_STREAMS = refuse("TOO_MANY_REQUESTS", {
  says: text(
    `wanted at most ${LIMITS.streams} subscriptions or queries in parts at a time on one connection, got more`,
    `1つの接続で同時に開けるサブスクリプションと分割応答は${LIMITS.streams}個までです`,
  ),
  remedy: text("Ask again when one of them has ended.", "いずれかが終わってから再度送ってください。"),
});
