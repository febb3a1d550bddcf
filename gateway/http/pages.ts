import { randomUUID } from "node:crypto";
import { getRequestListener, type HttpBindings, RequestError } from "@hono/node-server";
import { Hono } from "hono";
import type { Logger } from "pino";
import { type Refusal, refuse, statusOf } from "../../schema/refusal.ts";
import { GRAPHQL_PATH } from "./graphql.ts";
import { faultOfOurs, JSON_TYPE, refusalJson } from "./json-response.ts";

type PagesOptions = { readonly development: boolean; readonly log: Logger };

/**
 * Routes what browsers open. In development that is GraphiQL, and `/` leads there. Everything else is a 404 that names the
 * paths of the gateway.
 */
export const pages = ({ development, log }: PagesOptions) => {
  const app = new Hono<{ Bindings: HttpBindings }>();
  if (development) {
    app.get("/", (context) => context.redirect(GRAPHQL_PATH));
    app.get(GRAPHQL_PATH, async (context) => context.html(await graphiql()));
  }
  app.notFound(() => refusalResponse(NOT_FOUND));
  app.onError((err, { env }) => {
    const requestId = String(env.outgoing.getHeader("X-Request-Id"));
    log.error({ err, requestId }, "a fault of the gateway");
    return refusalResponse(faultOfOurs(requestId));
  });
  // By default an error here, such as one of `Host: a b`, would go out with its message.
  const errorHandler = (error: unknown) => {
    if (error instanceof RequestError) return refusalResponse(BAD_TARGET);
    const reference = randomUUID();
    log.error({ err: error, reference }, "a fault of the gateway");
    return refusalResponse(faultOfOurs(reference));
  };
  return getRequestListener(app.fetch, { overrideGlobalObjects: false, errorHandler });
};

const refusalResponse = (refusal: Refusal): Response =>
  new Response(refusalJson(refusal), { status: statusOf(refusal), headers: { "Content-Type": JSON_TYPE } });

const NOT_FOUND = refuse("NOT_FOUND", {
  message: `Nothing here. Try POST ${GRAPHQL_PATH}, GET /health, GET /ready.`,
});
const BAD_TARGET = refuse("BAD_REQUEST", { message: "wanted a valid Host and path, got others" });

let page: Promise<string> | undefined;

/** GraphiQL as one page of nine megabytes that loads nothing and so works offline. Read at its first request. */
const graphiql = (): Promise<string> => {
  page ??= import("@graphql-yoga/render-graphiql").then(({ renderGraphiQL }) =>
    String(renderGraphiQL({ title: "Odan", defaultQuery: DEFAULT_QUERY })),
  );
  return page;
};

const DEFAULT_QUERY = `# Women with type 2 diabetes who gave plasma
{
  search(where: { disease: { codes: ["ICD10:E11"] }, sex: [FEMALE], sample: { type: [PLASMA] } }) {
    question { says { en ja } }
    donors { min max because }
    samples { min max because }
    banks { bank { id name { en ja } } status donors { min max because } }
    complete
  }
}
`;
