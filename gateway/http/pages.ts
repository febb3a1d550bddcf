import { randomUUID } from "node:crypto";
import { getRequestListener, type HttpBindings, RequestError } from "@hono/node-server";
import { Hono } from "hono";
import type { Logger } from "pino";
import { refuse } from "../../schema/refusal.ts";
import { graphiqlPage } from "./graphiql.ts";
import { GRAPHQL_PATH } from "./graphql.ts";
import { faultOfOurs, refusalResponse } from "./json-response.ts";

type PagesOptions = { readonly graphiql: boolean; readonly log: Logger };

/**
 * Routes what browsers open. Where GraphiQL is switched on, it is at `/graphiql`, and `/` leads there. Everything else is a
 * 404 that names the paths of the gateway.
 */
export const pages = ({ graphiql, log }: PagesOptions) => {
  const app = new Hono<{ Bindings: HttpBindings }>();
  if (graphiql) {
    app.get("/", (context) => context.redirect(GRAPHIQL_PATH));
    app.get(GRAPHIQL_PATH, async (context) => {
      const page = await graphiqlPage();
      return page === null ? refusalResponse(NOT_INSTALLED) : context.html(page.html, 200, page.headers);
    });
  }
  app.notFound(() => refusalResponse(NOT_FOUND));
  app.onError((err, { env }) => {
    const reference = randomUUID();
    log.error({ err, reference, requestId: env.outgoing.getHeader("X-Request-Id") }, "a fault of the gateway");
    return refusalResponse(faultOfOurs(reference));
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

const GRAPHIQL_PATH = "/graphiql";

const NOT_FOUND = refuse("NOT_FOUND", {
  message: `Nothing here. Try POST ${GRAPHQL_PATH}, GET /health, GET /ready.`,
});
const NOT_INSTALLED = refuse("NOT_FOUND", {
  message: "GraphiQL is not installed: it is a development dependency. Run npm install, or unset ODAN_GRAPHIQL.",
});
const BAD_TARGET = refuse("BAD_REQUEST", { message: "wanted a valid Host and path, got others" });
