import type { GraphQLParams, Plugin } from "graphql-yoga";
import type { GatewayContext } from "../context.ts";

/** The media type whose HTTP status tells of errors in a well-formed request. */
const STRICT = "application/graphql-response+json";
/** Statuses that any client has to see: with a token, of another origin, by another method, for another Accept, or later. */
const ALWAYS: ReadonlySet<number> = new Set([401, 403, 405, 406, 429, 503]);

/**
 * Answers every request that is one of GraphQL with 200 where the answer is `application/json` or a stream: its errors are in
 * the body, and many clients do not read a body with another status. Other statuses are left to
 * `application/graphql-response+json`, and to requests that are not of GraphQL.
 */
export const useAnswerStatus = (): Plugin<GatewayContext> => {
  const wellFormed = new WeakSet<Request>();
  return {
    onParams({ request, params }) {
      if (isWellFormed(params)) wellFormed.add(request);
    },
    onResponse({ request, response, setResponse, fetchAPI }) {
      const { status, headers, body } = response;
      if (status < 400 || ALWAYS.has(status) || !wellFormed.has(request)) return;
      if (headers.get("content-type")?.startsWith(STRICT)) return;
      setResponse(new fetchAPI.Response(body, { status: 200, headers }));
    },
  };
};

/** Yoga checks the same after this, and refuses what is not. */
const isWellFormed = ({ query, variables, extensions }: GraphQLParams): boolean =>
  typeof query === "string" && [variables, extensions].every(isObject);

const isObject = (value: unknown): boolean => value == null || (typeof value === "object" && !Array.isArray(value));
