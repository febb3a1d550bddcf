import type { ExecutionResult } from "graphql";
import { isAsyncIterable, type Plugin } from "graphql-yoga";
import { refusedError } from "../../../net/serve/refused.ts";
import { type Refusal, refuse } from "../../../schema/refusal.ts";
import { text } from "../../../schema/text.ts";
import type { GatewayContext, ServerContext } from "../../context.ts";
import { LIMITS } from "../../limits.ts";
import { DONE, iterate } from "../../search/arrivals.ts";

/** An answer, or a part of one. One of the fast path is JSON already, and writing it has kept to the limit. */
type Part = ExecutionResult & { readonly stringify?: unknown };

/**
 * Refuses answers that would take more than LIMITS.answerBytes, before they are written. Of an answer in parts the part that
 * goes over the limit is an error, and the last one. The cost of a request says nothing of how long texts are.
 */
export const useAnswerBytes = (): Plugin<GatewayContext, ServerContext> => ({
  onExecute: () => ({
    onExecuteDone({ result, setResult }) {
      if (isAsyncIterable(result)) setResult(cut(result));
      else if (!Array.isArray(result)) setResult(withinLimit(result, LIMITS.answerBytes).part);
    },
  }),
  onSubscribe: () => ({
    onSubscribeResult({ result, setResult }) {
      if (isAsyncIterable(result)) setResult(cut(result));
    },
  }),
});

/** An answer in parts, cut off where it goes over the limit. */
const cut = (parts: AsyncIterable<Part>): AsyncIterableIterator<Part, undefined> => {
  const coming = parts[Symbol.asyncIterator]();
  let left: number = LIMITS.answerBytes;
  const leave = (): void => void coming.return?.();
  const next = async (): Promise<IteratorResult<Part, undefined>> => {
    if (left < 0) return DONE;
    const { done, value } = await coming.next();
    if (done) return DONE;
    const { part, rest } = withinLimit(value, left);
    left = rest;
    if (left < 0) leave();
    return { done: false, value: part };
  };
  return iterate(next, leave);
};

/** A part, or the error in its place. `rest`: what it leaves of the bytes; below 0 where it goes over them. */
const withinLimit = (part: Part, left: number): { readonly part: Part; readonly rest: number } => {
  const rest = part.stringify === undefined ? bytesLeft(part, left) : left;
  return rest >= 0 ? { part, rest } : { part: { errors: [refusedError(answerTooLong())] }, rest };
};

export const answerTooLong = (): Refusal => {
  const limit = LIMITS.answerBytes;
  const says = text(
    `wanted at most ${limit} bytes of answer, got more`,
    `回答は${limit}バイトまでですが、それを超えています`,
  );
  const remedy = text(
    "Select fewer fields, name fewer banks or ask for fewer rows with first.",
    "フィールドを減らすか、banks で絞るか、first で行数を減らしてください。",
  );
  return refuse("TOO_COSTLY", { says, remedy, over: { cost: null, limit } });
};

/** What a value leaves of some bytes as JSON; counting stops below 0. Escapes in texts are not counted. */
const bytesLeft = (value: unknown, left: number): number => {
  if (typeof value === "string") return left - Buffer.byteLength(value) - 2;
  if (typeof value !== "object" || value === null) return left - String(value).length;
  let rest = left - 2;
  for (const [key, member] of Object.entries(value)) {
    rest = bytesLeft(member, rest - (Array.isArray(value) ? 1 : key.length + 4));
    if (rest < 0) break;
  }
  return rest;
};
