import { randomUUID } from "node:crypto";
import { type ExecutionArgs, GraphQLError, getOperationAST } from "graphql";
import { handleStreamOrSingleExecutionResult, type Plugin } from "graphql-yoga";
import { QuestionError } from "../../schema/question-error.ts";
import type { GatewayContext, ServerContext } from "../context.ts";

/** Turns the errors of every result into public ones, and notes their codes and the operation's name for the log. */
export const usePublicErrors = (): Plugin<GatewayContext, ServerContext> => ({
  onExecute({ args }) {
    noteName(args, args.contextValue);
    return { onExecuteDone: (payload) => handleStreamOrSingleExecutionResult(payload, publish) };
  },
  onSubscribe({ args }) {
    noteName(args, args.contextValue);
    return { onSubscribeResult: (payload) => handleStreamOrSingleExecutionResult(payload, publish) };
  },
  onResultProcess({ result, serverContext }) {
    noteCodes(errorsOf(result), serverContext);
  },
});

/**
 * The error that the asker gets for what was thrown. A QuestionError has HTTP status 400; GraphQL's own errors stay as they
 * are. Anything else is a fault of the gateway: the log has it under a reference, and the asker gets the reference.
 */
export const publicError = (
  error: unknown,
  { log, request }: Pick<GatewayContext, "log" | "request">,
): GraphQLError => {
  // The abort caused the error, and the response has no reader.
  if (request.signal.aborted) return new GraphQLError("The client closed the connection.");
  const original = originalOf(error);
  if (original instanceof GraphQLError) return error instanceof GraphQLError ? withStatus(error) : original;
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

/** What was thrown first: execution wraps it in GraphQLErrors. */
const originalOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError ? originalOf(error.originalError) : error;

/** An error without a path is about variables. GraphQL over HTTP wants status 400 for it. */
const withStatus = (error: GraphQLError): GraphQLError => {
  if (error.path !== undefined || error.extensions["code"] !== undefined) return error;
  const { message, nodes, source } = error;
  const extensions = { code: "BAD_USER_INPUT", http: { status: 400, spec: true } };
  return new GraphQLError(message, { nodes: nodes ?? null, source: source ?? null, extensions });
};

type Payload = Parameters<Parameters<typeof handleStreamOrSingleExecutionResult<GatewayContext>>[1]>[0];

/** Replaces the errors of a whole result, or of one part of it. Only the first part has an HTTP status. */
const publish = ({ args: { contextValue }, result, setResult }: Payload): void => {
  const publicOf = (part: object): readonly GraphQLError[] => {
    const errors = errorsOf(part).map((error) => publicError(error, contextValue));
    noteCodes(errors, contextValue);
    return errors;
  };
  const errors = publicOf(result);
  const incremental = partsOf(result)?.map((part) => {
    const errors = publicOf(part).map(withoutStatus);
    return errors.length === 0 ? part : { ...part, errors };
  });
  if (errors.length === 0 && incremental === undefined) return;
  const replaced = { ...(errors.length > 0 && { errors }), ...(incremental && { incremental }) };
  setResult({ ...result, ...replaced } as typeof result);
};

const partsOf = (result: Payload["result"]) => ("incremental" in result ? result.incremental : undefined);

const withoutStatus = (error: GraphQLError): GraphQLError => {
  const { http: _, ...extensions } = error.extensions;
  const { message, nodes, source, path } = error;
  return new GraphQLError(message, { nodes: nodes ?? null, source: source ?? null, path: path ?? null, extensions });
};

const errorsOf = (result: object): readonly GraphQLError[] =>
  "errors" in result && Array.isArray(result.errors) ? result.errors : [];

const noteName = (args: Pick<ExecutionArgs, "document" | "operationName">, { notes }: ServerContext): void => {
  const name = getOperationAST(args.document, args.operationName)?.name?.value;
  if (name !== undefined) notes.operationName = name.slice(0, 64);
};

const noteCodes = (errors: readonly GraphQLError[], { notes }: Pick<ServerContext, "notes">): void => {
  const codes = errors.map((error) => String(error.extensions["code"] ?? "GRAPHQL_ERROR"));
  if (codes.length > 0) notes.errorCodes = [...new Set([...(notes.errorCodes ?? []), ...codes])];
};
