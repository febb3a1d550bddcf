import { GraphQLError, getOperationAST } from "graphql";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";
import type { Logger } from "pino";
import { isExact } from "../schema/count.ts";
import type { GatewayContext, ServerContext } from "./context.ts";
import { isTooDeep } from "./depth.ts";
import { publicError } from "./errors.ts";
import { type Execute, fastPath } from "./fast-path.ts";
import { meter } from "./meter.ts";
import type { ResolveWith } from "./resolvers.ts";
import { gatewaySchema } from "./schema.ts";

/** GraphQL over HTTP. Called with a Node request, its response and a ServerContext. */
export type GraphQLHandler = YogaServerInstance<ServerContext, OwnContext>;

type OwnContext = Pick<GatewayContext, "charge">;

/** Where GraphQL is served. */
export const GRAPHQL_PATH = "/graphql";

/** Serves the gateway's schema. CORS, size of the body, GraphiQL and the other paths are the HTTP server's. */
export const graphqlHandler = (gateway: ResolveWith, log: Logger): GraphQLHandler =>
  createYoga<ServerContext, OwnContext>({
    schema: gatewaySchema(gateway),
    context: () => ({ charge: meter() }),
    plugins: [useFastPath(), usePublicFace()],
    graphqlEndpoint: GRAPHQL_PATH,
    graphiql: false,
    landingPage: false,
    batching: false,
    multipart: false,
    cors: false,
    maxRequestBodySize: false,
    disposeOnProcessTerminate: false,
    // Yoga compares it with the end of the whole URL: this one no URL can have.
    healthCheckEndpoint: " ",
    logging: {
      debug: (...args) => log.trace({ args: args.map(String) }, "graphql-yoga"),
      info: (...args) => log.debug({ args: args.map(String) }, "graphql-yoga"),
      warn: (...args) => log.warn({ args: args.map(String) }, "graphql-yoga"),
      error: (...args) => log.error({ args: args.map(String) }, "graphql-yoga"),
    },
  });

/** Executes plain queries quickly. */
const useFastPath = (): Plugin => {
  const executors = new WeakMap<Execute, Execute>();
  return {
    onExecute({ executeFn, setExecuteFn }) {
      const fast = executors.get(executeFn) ?? fastPath({ Count: { exact: isExact } }, executeFn);
      executors.set(executeFn, fast);
      setExecuteFn(fast);
    },
  };
};

/** Makes errors fit to be seen, and notes what the request's line in the log says. */
const usePublicFace = (): Plugin<GatewayContext, ServerContext> => ({
  onParams({ params, setResult }) {
    if (isTooDeep(params)) setResult({ errors: [TOO_DEEP] });
  },
  onExecute({ args }) {
    const { notes } = args.contextValue;
    const name = getOperationAST(args.document, args.operationName)?.name?.value;
    if (name !== undefined) notes.operationName = name.slice(0, 64);
    return {
      onExecuteDone({ result, setResult }) {
        const errors = errorsOf(result);
        if (errors.length > 0)
          setResult({ ...result, errors: errors.map((error) => publicError(error, args.contextValue)) });
      },
    };
  },
  onResultProcess({ result, serverContext }) {
    const codes = errorsOf(result).map((error) => String(error.extensions["code"] ?? "GRAPHQL_ERROR"));
    if (codes.length > 0) serverContext.notes.errorCodes = [...new Set(codes)];
  },
});

const TOO_DEEP = new GraphQLError("The document or its variables are nested too deep.", {
  extensions: { code: "TOO_DEEP", http: { status: 400 } },
});

const errorsOf = (result: object): readonly GraphQLError[] =>
  "errors" in result && Array.isArray(result.errors) ? result.errors : [];
