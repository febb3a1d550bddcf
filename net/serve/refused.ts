import { GraphQLError, type GraphQLErrorOptions } from "graphql";
import { extensionsOf, headersOf, type Refusal, statusOf } from "../../schema/refusal.ts";

/** Where in a document or an answer an error stands. */
export type ErrorPlace = Pick<GraphQLErrorOptions, "nodes" | "source" | "path">;

/** A refusal as a GraphQL error. GraphQL Yoga takes the HTTP status and headers from it, whatever the answer. */
export const refusedError = (refusal: Refusal, place: ErrorPlace = {}): GraphQLError => {
  const http = { status: statusOf(refusal), headers: headersOf(refusal), spec: false };
  return new GraphQLError(refusal.message, { ...place, extensions: { ...extensionsOf(refusal), http } });
};
