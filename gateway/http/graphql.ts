import { useDeferStream } from "@graphql-yoga/plugin-defer-stream";
import type { ExecutionArgs } from "graphql";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";
import type { Logger } from "pino";
import { yogaOptions } from "../../net/serve/yoga-options.ts";
import type { GatewayContext, ServerContext } from "../context.ts";
import { noRate } from "../fairness/no-rate.ts";
import type { Federation } from "../search/search.ts";
import { useAnswerStatus } from "./answer-status.ts";
import { useAnswerBytes } from "./cost/answer-bytes.ts";
import { type RequestRate, useCost } from "./cost/use-cost.ts";
import { type Execute, fastPath } from "./fast-path/execute.ts";
import { pacedField } from "./paced-lists.ts";
import { usePublicErrors } from "./public-errors.ts";
import { useRequestLimits } from "./request-limits.ts";
import { useRequestParsers } from "./request-parsers.ts";
import { COMPUTED_FIELDS } from "./resolvers.ts";
import { gatewaySchema } from "./schema.ts";
import { useStreamArguments } from "./stream-arguments.ts";
import { useStreamedItems } from "./streamed-items.ts";
import { useSubscriptionRoot } from "./subscription-root.ts";
import { useTokenEnd } from "./token-end.ts";

/** Serves GraphQL over HTTP. Called with a Node request, its response and a ServerContext. */
export type GraphQLHandler = YogaServerInstance<ServerContext, object>;

export type GraphQLOptions = {
  readonly log: Logger;
  /** Default: nobody is refused. */
  readonly rate?: RequestRate;
};

/** The path of GraphQL. */
export const GRAPHQL_PATH = "/graphql";

/** Makes the handler for the gateway's schema. The listener checks who asks and what, before it; pages.ts has GraphiQL. */
export const graphqlHandler = (federation: Federation, { log, rate = noRate() }: GraphQLOptions): GraphQLHandler =>
  createYoga<ServerContext>({
    schema: gatewaySchema(federation),
    plugins: [
      useRequestParsers(),
      useAnswerStatus(),
      useDeferStream(),
      useFastPath(),
      usePublicErrors(),
      useSubscriptionRoot(),
      useStreamArguments(),
      useCost(federation, rate),
      useStreamedItems(),
      useAnswerBytes(),
      useRequestLimits(),
      useTokenEnd(),
    ],
    ...yogaOptions(),
    graphqlEndpoint: GRAPHQL_PATH,
    maxRequestBodySize: false,
    // Every error of the result becomes a public one, wherever it was thrown.
    maskedErrors: false,
    // Switches Yoga's own health check off: it compares this with the end of the URL, and no URL ends in a space.
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
      computed: COMPUTED_FIELDS,
      execute: (args) => execute({ ...args, fieldResolver: pacedField }),
      report: (err, { contextValue }) =>
        (contextValue as GatewayContext).log.error({ err }, "the fast path failed: ordinary execution answers"),
    });
  return {
    onExecute({ executeFn, setExecuteFn }) {
      const fast = executors.get(executeFn) ?? fastOf(executeFn);
      executors.set(executeFn, fast);
      setExecuteFn(fast);
    },
    // Events are executed one by one in the ordinary way.
    onSubscribe({ subscribeFn, setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => subscribeFn({ ...args, fieldResolver: pacedField }));
    },
  };
};
