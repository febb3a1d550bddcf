import { execute, GraphQLError, type GraphQLSchema } from "graphql";
import { DEEPEST, isDeepJson } from "../../net/nesting.ts";
import { BankError } from "../../schema/bank-error.ts";
import { FAULTS, type FaultCode, isFaultCode } from "../../schema/faults.ts";
import { extensionsOf, Refusal, refuse, statusOf } from "../../schema/refusal.ts";
import { isRecord, WrongAnswer } from "../../schema/wire/shape.ts";
import { contractDocuments } from "./documents.ts";
import type { SubgraphContext } from "./subgraph.ts";

/** An answer over HTTP. */
export type Reply = { readonly status: number; readonly body: object };

export type GraphqlOptions = {
  /** Whether documents that no gateway sends are refused. */
  readonly strict: boolean;
  /** Called with errors that are bugs of the subgraph. */
  readonly fault: (error: unknown) => void;
};

/** Answers the body of one POST. An error has a code, and a status other than 200; a bug leaves with neither its text nor its stack. */
export const graphqlOf = (schema: GraphQLSchema, { strict, fault }: GraphqlOptions) => {
  const documents = contractDocuments(schema, strict);
  return async (text: string, contextValue: SubgraphContext): Promise<Reply> => {
    const params = paramsOf(text);
    if ("status" in params) return params;
    const { query, variables, operationName } = params;
    const document = documents(query);
    // Errors of a call that was given up are those of its end.
    const report = (error: unknown): void => {
      if (contextValue.signal?.aborted !== true) fault(error);
    };
    if (!("kind" in document)) return failed(document, report);
    const { data, errors = [] } = await execute({
      schema,
      document,
      variableValues: variables,
      operationName,
      contextValue,
    });
    return errors.length === 0 ? { status: 200, body: { data } } : failed(errors, report);
  };
};

type Params = {
  readonly query: string;
  readonly variables: { readonly [name: string]: unknown } | null;
  readonly operationName: string | null;
};

const paramsOf = (text: string): Params | Reply => {
  if (isDeepJson(text)) return refusal("TOO_DEEP", `wanted JSON of at most ${DEEPEST} levels, got more`);
  const json = jsonOf(text);
  if (!isRecord(json)) return badRequest("wanted a JSON object, got something else");
  const { query, variables = null, operationName = null } = json;
  if (typeof query !== "string") return badRequest("query: wanted a text, got something else");
  if (variables !== null && !isRecord(variables)) return badRequest("variables: wanted an object, got something else");
  if (operationName === null || typeof operationName === "string") return { query, variables, operationName };
  return badRequest("operationName: wanted a text, got something else");
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A refusal of HTTP itself, in the shape of an error of GraphQL. */
export const replyOf = (refusal: Refusal): Reply => ({
  status: statusOf(refusal),
  body: { errors: [{ message: refusal.message, extensions: extensionsOf(refusal) }] },
});
export const refusal = (code: FaultCode, message: string): Reply => replyOf(refuse(code, { message }));
const badRequest = (message: string): Reply => refusal("BAD_REQUEST", message);

type Report = GraphqlOptions["fault"];

const failed = (errors: readonly GraphQLError[], fault: Report): Reply => {
  const shown = errors.map((error) => shownError(error, fault));
  return {
    status: Math.max(...shown.map(({ status }) => status)),
    body: { errors: shown.map(({ error }) => error) },
  };
};

/** Longest message of an error. */
const MESSAGE = 300;
/** The message of a fault of the subgraph itself. */
export const SUBGRAPH_FAILED = "The subgraph failed. Its log has the cause.";

const shownError = (error: GraphQLError, fault: Report) => {
  const { message, path } = error;
  const { http: _, ...extensions } = shownExtensions(error);
  const { code } = extensions;
  const isOurs = code === "FAULT_OF_OURS";
  if (isOurs) fault(error.originalError ?? error);
  return {
    status: FAULTS[code].status,
    error: {
      message: isOurs ? SUBGRAPH_FAILED : message.slice(0, MESSAGE),
      ...(path === undefined ? {} : { path }),
      extensions,
    },
  };
};

type Extensions = { readonly code: FaultCode; readonly [name: string]: unknown };

/** The code of an error, and what belongs to it. */
const shownExtensions = ({ extensions, originalError }: GraphQLError): Extensions => {
  if (originalError instanceof WrongAnswer) {
    return { code: originalError.reason === "TOO_LARGE" ? "TOO_COSTLY" : "BAD_QUESTION" };
  }
  if (originalError instanceof Refusal) return extensionsOf(originalError);
  if (originalError instanceof BankError) return { code: originalError.code };
  if (originalError !== undefined && !(originalError instanceof GraphQLError)) return { code: "FAULT_OF_OURS" };
  const { code } = extensions;
  return { ...extensions, code: isFaultCode(code) ? code : "BAD_REQUEST" };
};
