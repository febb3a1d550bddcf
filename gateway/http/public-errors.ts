import { randomUUID } from "node:crypto";
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from "graphql";
import { isAsyncIterable, mapAsyncIterator, type Plugin } from "graphql-yoga";
import { isClientLeft } from "../../net/serve/client-left.ts";
import { type ErrorPlace, refusedError } from "../../net/serve/refused.ts";
import { FAULTS, type FaultCode, isFaultCode } from "../../schema/faults.ts";
import { Refusal, refuse } from "../../schema/refusal.ts";
import type { GatewayContext, ServerContext } from "../context.ts";
import { faultOfOurs, JSON_TYPE, refusalResponse } from "./json-response.ts";
import { failedItem } from "./streamed-items.ts";

/**
 * Turns the errors of every result, also those of GraphQL and of Yoga, into refusals of the closed table, and notes their
 * codes and the operation's name for the log.
 */
export const usePublicErrors = (): Plugin<GatewayContext, ServerContext> => ({
  onExecute({ args }) {
    noteName(args, args.contextValue);
  },
  onSubscribe({ args }) {
    noteName(args, args.contextValue);
  },
  onResultProcess({ request, result, setResult, resultProcessor, setResultProcessor, serverContext }) {
    const asking = { ...serverContext, request };
    if (Array.isArray(result)) return;
    if (resultProcessor === undefined) {
      // The request has been executed, as far as it was no stream.
      if (isAsyncIterable(result)) void result[Symbol.asyncIterator]().return?.();
      noteCodes([NOT_ACCEPTABLE.code], asking);
      setResultProcessor((_, { Response }) => refusalResponse(NOT_ACCEPTABLE, Response), JSON_TYPE);
    } else if (!isAsyncIterable(result)) setResult(publicResult(result, asking));
    else setResult(mapAsyncIterator(result, (part) => publicResult(part, asking)));
  },
});

const NOT_ACCEPTABLE = refuse("NOT_ACCEPTABLE", { at: "Accept" });

/** Whose result it is. */
type Asking = Pick<ServerContext, "log" | "notes"> & Pick<GatewayContext, "request">;

/**
 * The error that the asker gets for what was thrown. A Refusal goes out as it is; an error of GraphQL about the document is
 * a BAD_REQUEST. Anything else is a fault of the gateway: the log has it under a reference, and the asker gets the reference.
 */
export const publicError = (error: unknown, { log, request }: Pick<Asking, "log" | "request">): GraphQLError => {
  const original = originalOf(error);
  // The response has no reader.
  if (request.signal.aborted || isClientLeft(original))
    return refusedError(refuse("BAD_REQUEST", { message: "The client closed the connection." }));
  const { nodes, source, path } = error instanceof GraphQLError ? error : {};
  const place = { nodes: nodes ?? null, source: source ?? null, path: path ?? null };
  if (original instanceof Refusal) return refusedError(original, place);
  if (original instanceof GraphQLError) {
    if (isRefused(original)) return original;
    // An execution error has a path. One of an argument's value has nodes of its own; one of a value to serve has none.
    if (place.path === null || original.nodes !== undefined)
      return badDocument(error instanceof GraphQLError ? error : original, place);
  }
  const reference = randomUUID();
  log.error({ err: original, reference }, "a fault of the gateway");
  return refusedError(faultOfOurs(reference), place);
};

/** What was thrown first: execution wraps it in GraphQLErrors. */
const originalOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError ? originalOf(error.originalError) : error;

/** Whether an error was made by `refusedError`. */
const isRefused = ({ extensions }: GraphQLError): boolean => isFaultCode(extensions["code"]) && "remedy" in extensions;

/**
 * An error of GraphQL itself, or of Yoga, as a refusal. GraphQL over HTTP wants status 200 for an error in a document, where
 * the answer is `application/json`: `spec` says so to Yoga.
 */
const badDocument = (error: GraphQLError, place: ErrorPlace): GraphQLError => {
  const { status, headers = {}, spec = status === undefined } = error.extensions.http ?? {};

  const code = CODES[status ?? 400] ?? "BAD_REQUEST";
  const message = cut(error.message);
  const refused = refusedError(refuse(code, { message, suggestions: suggestionsIn(message) }), place);
  refused.extensions.http = { status: FAULTS[code].status, headers, spec };
  return refused;
};

/** Codes of the HTTP statuses that Yoga gives. */
const CODES: { readonly [status: number]: FaultCode } = {
  405: "METHOD_NOT_ALLOWED",
  406: "NOT_ACCEPTABLE",
  413: "BODY_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
};

/** Most characters of one quoted part of a message, and of all of it: GraphQL quotes whatever came. */
const MOST_QUOTED = 100;
const MOST = 500;

const cut = (message: string): string => {
  const parts = message.split('"').map((part) => (part.length > MOST_QUOTED ? `${part.slice(0, MOST_QUOTED)}…` : part));
  const text = parts.join('"');
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
};

/** What GraphQL suggests: `Did you mean "search" or "banks"?` */
const suggestionsIn = (message: string): readonly string[] => {
  const [, list = ""] = /Did you mean (.*)\?$/.exec(message) ?? [];
  return [...list.matchAll(/"([^"]*)"/g)].map(([, name]) => name!);
};

/** A part of an answer, or all of it. */
type Part = ExecutionResult & {
  readonly incremental?: readonly {
    readonly errors?: readonly GraphQLError[];
    readonly items?: readonly unknown[] | null;
  }[];
};

/** Replaces the errors of a whole result, or of one part of it; the same object where there are none. */
const publicResult = <Result extends Part>(result: Result, asking: Asking): Result => {
  const { errors: found = [], incremental: parts = [] } = result;
  const errors = publicErrors(found, asking);
  const incremental = parts.map((part) => {
    const { errors = [] } = part;
    return errors.length === 0
      ? part
      : failedItem({ ...part, errors: publicErrors(errors, asking).map(withoutStatus) });
  });
  if (errors.length === 0 && parts.every((part, i) => part === incremental[i])) return result;
  return { ...result, ...(errors.length > 0 && { errors }), ...(parts.length > 0 && { incremental }) };
};

/** A part that comes later has no HTTP status, and Yoga would leave it in the body. */
const withoutStatus = (error: GraphQLError): GraphQLError => {
  delete error.extensions.http;
  return error;
};

const publicErrors = (found: readonly GraphQLError[], asking: Asking): readonly GraphQLError[] => {
  if (found.length === 0) return found;
  const errors = found.map((error) => publicError(error, asking));
  if (!asking.request.signal.aborted)
    noteCodes(
      errors.map(({ extensions }) => String(extensions["code"])),
      asking,
    );
  return errors;
};

const noteName = (args: Pick<ExecutionArgs, "document" | "operationName">, { notes }: ServerContext): void => {
  const name = getOperationAST(args.document, args.operationName)?.name?.value;
  if (name !== undefined) notes.operationName = name.slice(0, 64);
};

const noteCodes = (codes: readonly string[], { notes }: Pick<ServerContext, "notes">): void => {
  notes.errorCodes = [...new Set([...(notes.errorCodes ?? []), ...codes])];
};
