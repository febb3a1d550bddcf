import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { whenOver } from "../../net/serve/when-over.ts";

export type UnreadLimits = {
  /** Time for a client to read an answer, from its end on, in ms. */
  readonly readMs: number;
  /** Bytes of answers that wait for their clients, in all. */
  readonly bytes: number;
  /** Is called with the number of answers that were cut off. */
  readonly cut: (answers: number) => void;
};

/** Time between two looks, in ms. */
const LOOK_MS = 1000;

/**
 * Cuts off answers that nobody reads: those not read within their time, and while too many bytes wait, those that have waited
 * longest.
 */
export const cutUnread = (server: Server, { readMs, bytes, cut }: UnreadLimits): Disposable => {
  /** Answers that are under way, and since when they have been complete; null: they are not. */
  const answers = new Map<ServerResponse, { readonly request: IncomingMessage; since: number | null }>();
  server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    answers.set(response, { request, since: null });
    whenOver(request, response, () => answers.delete(response));
  });

  const look = (): void => {
    const now = performance.now();
    const late: IncomingMessage[] = [];
    const waiting: { readonly request: IncomingMessage; readonly size: number; readonly since: number }[] = [];
    for (const [response, answer] of answers) {
      const size = response.writableLength;
      if (response.writableEnded) answer.since ??= now;
      if (answer.since !== null && now - answer.since >= readMs) late.push(answer.request);
      else if (size > 0) waiting.push({ request: answer.request, size, since: answer.since ?? now });
    }
    waiting.sort((a, b) => a.since - b.since);
    let all = waiting.reduce((sum, { size }) => sum + size, 0);
    for (const { request, size } of waiting) {
      if (all <= bytes) break;
      all -= size;
      late.push(request);
    }
    for (const { socket } of late) socket.destroy();
    if (late.length > 0) cut(late.length);
  };
  const timer = setInterval(look, LOOK_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
};
