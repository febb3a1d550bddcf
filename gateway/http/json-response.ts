import type { ServerResponse } from "node:http";
import { extensionsOf, headersOf, type Refusal, refuse, statusOf } from "../../schema/refusal.ts";

/** Media type of every JSON answer but those of GraphQL. */
export const JSON_TYPE = "application/json; charset=utf-8";

/** The body of a refusal, in the shape of GraphQL's errors. */
export const refusalJson = (refusal: Refusal): string =>
  `${JSON.stringify({ errors: [{ message: refusal.message, extensions: extensionsOf(refusal) }] })}\n`;

/** A refusal as a response of Fetch. */
export const refusalResponse = (refusal: Refusal, Response = globalThis.Response): Response =>
  new Response(refusalJson(refusal), {
    status: statusOf(refusal),
    headers: { "Content-Type": JSON_TYPE, ...headersOf(refusal) },
  });

/** Answers with JSON. */
export const sendJson = (response: ServerResponse, status: number, body: object): void => {
  send(response, { status, body: `${JSON.stringify(body)}\n` });
};

/** Answers a request of HTTP itself, before GraphQL, with a refusal. */
export const sendRefusal = (response: ServerResponse, refusal: Refusal): void => {
  send(response, { status: statusOf(refusal), body: refusalJson(refusal), headers: headersOf(refusal) });
};

type Answer = {
  readonly status: number;
  readonly body: string;
  readonly headers?: { readonly [name: string]: string };
};

const send = (response: ServerResponse, { status, body, headers }: Answer): void => {
  const own = { "Content-Type": JSON_TYPE, "Content-Length": Buffer.byteLength(body) };
  response.writeHead(status, { ...own, ...headers }).end(body);
};

/** A fault of the gateway, whose cause the log has under the reference. */
export const faultOfOurs = (reference: string): Refusal =>
  refuse("FAULT_OF_OURS", { message: `The gateway failed. Its log has the cause under ${reference}.`, reference });
