import { useDeferStream } from "@graphql-yoga/plugin-defer-stream";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";
import type { Logger } from "pino";
import { yogaOptions } from "../../net/serve/yoga-options.ts";
import { isExact } from "../../schema/count.ts";
import type { Federation, GatewayContext, ServerContext } from "../context.ts";
import { type Execute, fastPath } from "./fast-path/execute.ts";
import { usePublicErrors } from "./public-errors.ts";
import { requestBudget, useRequestLimits } from "./request-limits.ts";
import { gatewaySchema } from "./schema.ts";

/** GraphQL over HTTP. Called with a Node request, its response and a ServerContext. */
export type GraphQLHandler = YogaServerInstance<ServerContext, OwnContext>;

type OwnContext = Pick<GatewayContext, "charge">;

/** Where GraphQL is served. */
export const GRAPHQL_PATH = "/graphql";

/** Serves the gateway's schema. CORS, size of the body, GraphiQL and the other paths are the HTTP server's. */
export const graphqlHandler = (gateway: Federation, log: Logger): GraphQLHandler =>
  createYoga<ServerContext, OwnContext>({
    schema: gatewaySchema(gateway),
    context: () => ({ charge: requestBudget() }),
    plugins: [useDeferStream(), useFastPath(), usePublicErrors(), useRequestLimits()],
    ...yogaOptions(),
    graphqlEndpoint: GRAPHQL_PATH,
    maxRequestBodySize: false,
    // Yoga compares it with the end of the whole URL: this one no URL can have.
    healthCheckEndpoint: " ",
    logging: {
      debug: (...args) => log.trace({ args: args.map(String) }, "graphql-yoga"),
      info: (...args) => log.debug({ args: args.map(String) }, "graphql-yoga"),
      warn: (...args) => log.warn({ args: args.map(String) }, "graphql-yoga"),
      error: (...args) => log.error({ args: args.map(String) }, "graphql-yoga"),
    },
  });

/** Executes plain queries on the fast path. */
const useFastPath = (): Plugin<GatewayContext> => {
  const executors = new WeakMap<Execute, Execute>();
  const fastOf = (execute: Execute): Execute =>
    fastPath({
      computed: { Count: { exact: isExact } },
      execute,
      report: (err, { contextValue }) =>
        (contextValue as GatewayContext).log.error({ err }, "the fast path failed: ordinary execution answers"),
    });
  return {
    onExecute({ executeFn, setExecuteFn }) {
      const fast = executors.get(executeFn) ?? fastOf(executeFn);
      executors.set(executeFn, fast);
      setExecuteFn(fast);
    },
  };
};
