import { type ExecutionArgs, GraphQLError, getOperationAST } from "graphql";
import { handleStreamOrSingleExecutionResult, type Plugin } from "graphql-yoga";
import { isDeepDocument, isDeepValue } from "../../net/nesting.ts";
import type { GatewayContext, ServerContext } from "../context.ts";
import { LIMITS } from "../limits.ts";
import { isIncremental } from "../search/incremental.ts";
import { publicError } from "./errors.ts";

/** Makes errors fit to be seen, and notes what the request's line in the log says. */
export const usePublicFace = (): Plugin<GatewayContext, ServerContext> => ({
  onParams({ params, setResult }) {
    if (isDeepDocument(params.query ?? "") || isDeepValue(params.variables)) setResult({ errors: [TOO_DEEP] });
  },
  onExecute({ args, setResultAndStopExecution }) {
    noteName(args, args.contextValue);
    if (isIncremental(args.document) && !args.contextValue.openStream())
      setResultAndStopExecution({ errors: [TOO_MANY_STREAMS] });
    return { onExecuteDone: (payload) => handleStreamOrSingleExecutionResult(payload, showErrors) };
  },
  onSubscribe({ args, setResultAndStopExecution }) {
    noteName(args, args.contextValue);
    if (!args.contextValue.openStream()) setResultAndStopExecution({ errors: [TOO_MANY_STREAMS] });
    return { onSubscribeResult: (payload) => handleStreamOrSingleExecutionResult(payload, showErrors) };
  },
  onResultProcess({ result, serverContext }) {
    noteCodes(errorsOf(result), serverContext);
  },
});

const noteName = (args: Pick<ExecutionArgs, "document" | "operationName">, { notes }: ServerContext): void => {
  const name = getOperationAST(args.document, args.operationName)?.name?.value;
  if (name !== undefined) notes.operationName = name.slice(0, 64);
};

const noteCodes = (errors: readonly GraphQLError[], { notes }: Pick<ServerContext, "notes">): void => {
  const codes = errors.map((error) => String(error.extensions["code"] ?? "GRAPHQL_ERROR"));
  if (codes.length > 0) notes.errorCodes = [...new Set([...(notes.errorCodes ?? []), ...codes])];
};

type Shown = Parameters<Parameters<typeof handleStreamOrSingleExecutionResult<GatewayContext>>[1]>[0];

/** Of a whole answer, or of one part of it. Only the first part has a status. */
const showErrors = ({ args, result, setResult }: Shown): void => {
  const { contextValue } = args;
  const show = (error: GraphQLError) => publicError(error, contextValue);
  const errors = errorsOf(result);
  if (errors.length > 0) {
    const shown = errors.map(show);
    noteCodes(shown, contextValue);
    setResult({ ...result, errors: shown });
  }
  if (!("incremental" in result) || !result.incremental?.some((part) => errorsOf(part).length > 0)) return;
  const incremental = result.incremental.map((part) => {
    if (errorsOf(part).length === 0) return part;
    const shown = errorsOf(part).map(show).map(withoutStatus);
    noteCodes(shown, contextValue);
    return { ...part, errors: shown };
  });
  setResult({ ...result, incremental } as typeof result);
};

const withoutStatus = (error: GraphQLError): GraphQLError => {
  const { http: _, ...extensions } = error.extensions;
  const { message, nodes, source, path } = error;
  return new GraphQLError(message, { nodes: nodes ?? null, source: source ?? null, path: path ?? null, extensions });
};

const TOO_MANY_STREAMS = new GraphQLError(
  `wanted at most ${LIMITS.streams} subscriptions or queries in parts at a time on one connection, got more`,
  { extensions: { code: "TOO_MANY_STREAMS", http: { status: 429 } } },
);

const TOO_DEEP = new GraphQLError("The document or its variables are nested too deep.", {
  extensions: { code: "TOO_DEEP", http: { status: 400 } },
});

const errorsOf = (result: object): readonly GraphQLError[] =>
  "errors" in result && Array.isArray(result.errors) ? result.errors : [];
