import type { ServerResponse } from "node:http";

/** An answer of HTTP itself, not of GraphQL, that is an error. */
export type HttpError = { readonly status: number; readonly code: string; readonly message: string };

/** Media type of every JSON answer but those of GraphQL. */
export const JSON_TYPE = "application/json; charset=utf-8";

/** The body of an error, in the shape of GraphQL's errors. */
export const errorJson = ({ code, message }: HttpError): string =>
  `${JSON.stringify({ errors: [{ message, extensions: { code } }] })}\n`;

/** Answers with JSON. */
export const sendJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { "Content-Type": JSON_TYPE }).end(`${JSON.stringify(body)}\n`);
};

/** Answers with an error. */
export const sendError = (response: ServerResponse, error: HttpError): void => {
  response.writeHead(error.status, { "Content-Type": JSON_TYPE }).end(errorJson(error));
};

/** A fault of the gateway. The log has its cause under the request's id. */
export const GATEWAY_FAILED: HttpError = {
  status: 500,
  code: "INTERNAL_SERVER_ERROR",
  message: "The gateway failed. Its log has the cause under X-Request-Id.",
};
