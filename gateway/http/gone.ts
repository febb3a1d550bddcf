import { setMaxListeners } from "node:events";

const known = new WeakMap<object, AbortSignal>();

/**
 * The signal that aborts when the asker has gone, as one of Node's own. That of Yoga's request stops telling its listeners
 * once it has been given to AbortSignal.any.
 */
export const goneSignal = (request: { readonly signal: AbortSignal }): AbortSignal => {
  const before = known.get(request);
  if (before !== undefined) return before;
  const { signal } = request;
  const gone = new AbortController();
  // One for every bank of every search in the request.
  setMaxListeners(0, gone.signal);
  if (signal.aborted) gone.abort(signal.reason);
  else signal.addEventListener("abort", () => gone.abort(signal.reason), { once: true });
  known.set(request, gone.signal);
  return gone.signal;
};
