import type { ServerResponse } from "node:http";
import { extensionsOf, headersOf, type Refusal, refuse, statusOf } from "../../schema/refusal.ts";

/** Media type of every JSON answer but those of GraphQL. */
export const JSON_TYPE = "application/json; charset=utf-8";

/** The body of a refusal, in the shape of GraphQL's errors. */
export const refusalJson = (refusal: Refusal): string =>
  `${JSON.stringify({ errors: [{ message: refusal.message, extensions: extensionsOf(refusal) }] })}\n`;

/** Answers with JSON. */
export const sendJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { "Content-Type": JSON_TYPE }).end(`${JSON.stringify(body)}\n`);
};

/** Answers a request of HTTP itself, before GraphQL, with a refusal. */
export const sendRefusal = (response: ServerResponse, refusal: Refusal): void => {
  const headers = { "Content-Type": JSON_TYPE, ...headersOf(refusal) };
  response.writeHead(statusOf(refusal), headers).end(refusalJson(refusal));
};

/** A fault of the gateway outside GraphQL. The log has its cause under the request's id. */
export const faultOfOurs = (requestId: string): Refusal =>
  refuse("FAULT_OF_OURS", {
    message: `The gateway failed. Its log has the cause under ${requestId}.`,
    reference: requestId,
  });
