import type { IncomingMessage } from "node:http";
import { bodyTypeRefusal } from "../../net/serve/body-type.ts";
import { hostCheck } from "../../net/serve/hosts.ts";
import { type Refusal, refuse } from "../../schema/refusal.ts";
import { type Reply, replyOf } from "./graphql.ts";

/** Bytes of a request's body. */
const LARGEST = 1024 * 1024;

/** See bodyReader. Rejects where the client leaves. */
export type BodyReader = (request: IncomingMessage) => Promise<Buffer | Reply>;

/**
 * Reads the whole body of a POST with JSON, or gives the reply by which the request is refused before it is read.
 * @param hosts names under which the server answers, beside those of this machine: see hostCheck
 */
export const bodyReader = (hosts: readonly string[]): BodyReader => {
  const hostRefusal = hostCheck(hosts);
  return async (request) => {
    const refusal = hostRefusal(request) ?? headRefusal(request);
    if (refusal !== null) return replyOf(refusal);
    const parts: Buffer[] = [];
    // Node holds the body to its Content-Length.
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    return Buffer.concat(parts);
  };
};

const headRefusal = (request: IncomingMessage): Refusal | null => {
  const { method, headers } = request;
  if (method !== "POST") return NOT_POST;
  if (headers["transfer-encoding"] !== undefined) return NO_LENGTH;
  return Number(headers["content-length"] ?? 0) > LARGEST ? TOO_LARGE : bodyTypeRefusal(request);
};

const NOT_POST = refuse("METHOD_NOT_ALLOWED", { message: "wanted a POST, got another method" });
const NO_LENGTH = refuse("LENGTH_REQUIRED", { message: "wanted a body with Content-Length, got one without" });
const TOO_LARGE = refuse("BODY_TOO_LARGE", { message: `wanted a body of at most ${LARGEST} bytes, got more` });
