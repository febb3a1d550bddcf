import { randomUUID } from "node:crypto";
import { GraphQLError } from "graphql";
import { QuestionError } from "../../schema/question-error.ts";
import type { GatewayContext } from "../context.ts";

/**
 * Makes of whatever was thrown what the asker may see. A QuestionError goes out with HTTP 400, GraphQL's own complaints go
 * out as they are, and anything else is a fault of ours: it is logged under a reference, and only the reference goes out.
 */
export const publicError = (
  error: unknown,
  { log, request }: Pick<GatewayContext, "log" | "request">,
): GraphQLError => {
  // Nobody reads it any more; what the abort broke off is no fault.
  if (request.signal.aborted) return new GraphQLError("The asker has gone.");
  const original = originalOf(error);
  if (original instanceof GraphQLError) return error instanceof GraphQLError ? fromGraphQL(error) : original;
  const { nodes, source, path } = error instanceof GraphQLError ? error : {};
  const place = { nodes: nodes ?? null, source: source ?? null, path: path ?? null };
  if (original instanceof QuestionError) {
    const { code, at, says, suggestions } = original;
    const extensions = { code, at, says, suggestions, http: { status: 400 } };
    return new GraphQLError(original.message, { ...place, extensions });
  }
  const reference = randomUUID();
  log.error({ err: original, reference }, "a fault of the gateway");
  const extensions = { code: "INTERNAL_SERVER_ERROR", reference, http: { status: 500 } };
  return new GraphQLError(`The gateway failed. Its log has the cause under ${reference}.`, { ...place, extensions });
};

/** Before any field is resolved, execution only complains about variables. Their status goes by GraphQL over HTTP. */
const fromGraphQL = (error: GraphQLError): GraphQLError => {
  if (error.path !== undefined || error.extensions["code"] !== undefined) return error;
  const { message, nodes, source } = error;
  const extensions = { code: "BAD_USER_INPUT", http: { status: 400, spec: true } };
  return new GraphQLError(message, { nodes: nodes ?? null, source: source ?? null, extensions });
};

/** What was thrown first: execution wraps it in GraphQLErrors. */
const originalOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError ? originalOf(error.originalError) : error;
