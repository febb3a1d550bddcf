import { isAsyncIterable, type Plugin } from "graphql-yoga";
import { refusedError } from "../../net/serve/refused.ts";
import type { Refusal } from "../../schema/refusal.ts";
import type { GatewayContext } from "../context.ts";
import { DONE, iterate } from "../search/arrivals.ts";

/**
 * Ends a subscription at its next event once its asker's token no longer counts: the refusal takes that event's place. A query
 * that has begun is answered, also in parts.
 */
export const useTokenEnd = (): Plugin<GatewayContext> => ({
  onSubscribe({ args: { contextValue } }) {
    const { asker, ended } = contextValue;
    if (asker.tier === "ANONYMOUS") return undefined;
    return {
      onSubscribeResult({ result, setResult }) {
        if (isAsyncIterable(result)) setResult(untilEnd(result, () => ended(asker)));
      },
    };
  },
});

const untilEnd = <Event>(events: AsyncIterable<Event>, ended: () => Refusal | null) => {
  const iterator = events[Symbol.asyncIterator]();
  const leave = (): void => void iterator.return?.();
  let isOver = false;
  return iterate<Event | Refused>(async () => {
    if (isOver) return DONE;
    const { done, value } = await iterator.next();
    if (done === true) return DONE;
    const refusal = ended();
    if (refusal === null) return { done: false, value };
    isOver = true;
    leave();
    return { done: false, value: { errors: [refusedError(refusal)] } };
  }, leave);
};

type Refused = { readonly errors: readonly ReturnType<typeof refusedError>[] };
