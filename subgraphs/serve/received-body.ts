import type { IncomingMessage } from "node:http";
import { type Reply, refusal } from "./graphql.ts";

/** Bytes of a request's body. */
const LARGEST = 1024 * 1024;

/** The whole body of a POST with JSON, or the reply by which the request is refused. Rejects where the client leaves. */
export const receivedBody = async (request: IncomingMessage): Promise<Buffer | Reply> => {
  const fault = faultOf(request);
  if (fault !== null) return fault;
  const parts: Buffer[] = [];
  // Node holds the body to its Content-Length.
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
};

const faultOf = ({ method, headers }: IncomingMessage): Reply | null => {
  if (method !== "POST") return refusal("METHOD_NOT_ALLOWED", "wanted a POST, got another method");
  if (headers["transfer-encoding"] !== undefined) {
    return refusal("LENGTH_REQUIRED", "wanted a body with Content-Length, got one without");
  }
  if (Number(headers["content-length"] ?? 0) > LARGEST) {
    return refusal("BODY_TOO_LARGE", `wanted a body of at most ${LARGEST} bytes, got more`);
  }
  return null;
};
