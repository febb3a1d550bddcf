import type { IncomingMessage, ServerResponse } from "node:http";
import { sendNodeResponse } from "@whatwg-node/server";

/** The part of GraphQL Yoga that makes the response to a Node request. */
type Yoga<Context> = {
  readonly handleNodeRequestAndResponse: (
    request: IncomingMessage,
    response: ServerResponse,
    context: Context,
  ) => Response | PromiseLike<Response>;
};

/** One request, and what Yoga hands on of it. */
type Asked<Context> = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly context: Context;
};

/**
 * Has GraphQL Yoga answer one Node request. As a listener, Yoga would send the stack of whatever it throws to the client:
 * here it is thrown.
 */
export const answerWithYoga = async <Context>(
  yoga: Yoga<Context>,
  { request, response, context }: Asked<Context>,
): Promise<void> => {
  const answer = await yoga.handleNodeRequestAndResponse(request, response, context);
  const { headers } = answer;
  if (headers.get("connection") !== null) {
    // Of a stream. Yoga would keep a connection open that its client, or the end of the server, wants closed, and let caches
    // keep what came over it.
    headers.delete("connection");
    headers.set("cache-control", "no-store");
  }
  await sendNodeResponse(answer, response, request, true);
};
