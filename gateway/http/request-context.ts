import { setMaxListeners } from "node:events";
import type { GatewayContext, RequestContext } from "../context.ts";

/** What the search needs to know of a request: who asks, until when, and where to log. */
export const requestContext = ({ asker, request, log }: GatewayContext): RequestContext => ({
  asker,
  signal: clientSignal(request),
  log,
});

const signals = new WeakMap<object, AbortSignal>();

/**
 * A signal of Node's own that aborts when the client closes the connection; one for each request. The signal of Yoga's
 * request no longer calls its listeners after it was passed to AbortSignal.any.
 */
export const clientSignal = (request: { readonly signal: AbortSignal }): AbortSignal => {
  const known = signals.get(request);
  if (known !== undefined) return known;
  const controller = new AbortController();
  // Every bank of every search in the request adds a listener.
  setMaxListeners(0, controller.signal);
  const abort = () => controller.abort(request.signal.reason);
  if (request.signal.aborted) abort();
  else request.signal.addEventListener("abort", abort, { once: true });
  signals.set(request, controller.signal);
  return controller.signal;
};
