import { type DocumentNode, execute, GraphQLError, parse, validate } from "graphql";
import type { Faults } from "../faults.ts";
import { answered, type HttpRequest, type HttpServer, httpServer, type Reply } from "../http-server.ts";
import { Refusal } from "../refusal.ts";
import type { Documents } from "./documents.ts";
import { limitsOf } from "./limits.ts";
import { type CatalogueRelease, type Hidden, rootOf, schemaOf } from "./schema.ts";
import { searchIndex } from "./search-index.ts";

/** How a catalogue differs from one without faults. `maxAliases`: most aliased fields in one request, default 15; `hidden`: see Hidden. */
export type CatalogueOptions = {
  readonly release?: CatalogueRelease;
  readonly maxAliases?: number;
  readonly hidden?: Hidden;
  readonly faults?: Faults;
};

/** A catalogue that can be started and stopped, and given faults and new data. */
export type CatalogueServer = {
  /** Serves on loopback; port 0 takes a free one. Gives the URL of the GraphQL endpoint. */
  listen(port: number): Promise<string>;
  connections: HttpServer["connections"];
  close(): Promise<void>;
  /** Changes data and release at once, between two requests. */
  publish(documents: readonly Documents[], release: CatalogueRelease): void;
  readonly faults: Faults;
  /** GraphQL requests so far. */
  readonly asked: { readonly requests: number };
};

const LARGEST_BODY = 10_000_000;

/** A GraphQL catalogue over any documents, as Overture Arranger serves one: SQON filters, totals and aggregations. */
export const catalogueServer = (documents: readonly Documents[], options: CatalogueOptions = {}): CatalogueServer => {
  const faults: Faults = { ...options.faults };
  const asked = { requests: 0 };
  const rules = limitsOf(options.maxAliases ?? 15);
  let served = prepared(documents, options.release ?? { release: "1", date: "2026-01-01" }, options.hidden);

  const graphql = async (request: GraphqlRequest): Promise<Reply> => {
    asked.requests++;
    const { schema, rootValue } = served;
    let document: DocumentNode;
    try {
      document = parse(request.query);
    } catch (error) {
      return refusal(400, [error as GraphQLError], "GRAPHQL_PARSE_FAILED");
    }
    const errors = validate(schema, document, rules);
    if (errors.length > 0) return refusal(400, errors, "GRAPHQL_VALIDATION_FAILED");
    const result = await execute({ schema, document, rootValue, variableValues: request.variables });
    const data = structuredClone(result.data ?? null) as Data | null;
    if (faults.wrongCount !== undefined) spoil(data, faults.wrongCount);
    return answered({ ...result, data });
  };

  const respond = async ({ method, url, headers, body }: HttpRequest): Promise<Reply> => {
    if (url.pathname !== "/graphql") throw new Refusal(404, "There is only /graphql.");
    if (method !== "POST") throw new Refusal(405, "Only POST is allowed here.", { allow: "POST" });
    if (!/^application\/json\b/.test(headers["content-type"] ?? "")) {
      throw new Refusal(415, "The request body must be application/json.");
    }
    const request = requestOf(await body());
    if (request === null) throw new Refusal(400, "The request body must be { query, variables }.");
    return graphql(request);
  };

  const http = httpServer({ contentType: "application/json", largestBody: LARGEST_BODY, respond, refused }, faults);
  return {
    faults,
    asked,
    publish: (next, release) => {
      served = prepared(next, release, options.hidden);
    },
    listen: async (port) => `${await http.listen(port)}/graphql`,
    connections: http.connections,
    close: http.close,
  };
};

type GraphqlRequest = { readonly query: string; readonly variables: Readonly<Record<string, unknown>> };
type Data = { [name: string]: { [alias: string]: { total?: unknown } | null } | null };

const prepared = (documents: readonly Documents[], release: CatalogueRelease, hidden: Hidden | undefined) => {
  const indices = documents.map(searchIndex);
  return { schema: schemaOf(indices), rootValue: rootOf(indices, release, hidden) };
};

const refusal = (status: number, errors: readonly GraphQLError[], code: string): Reply => ({
  status,
  headers: {},
  body: { errors: errors.map((error) => ({ ...error.toJSON(), extensions: { code } })) },
});
const refused = ({ status, message }: Refusal): object =>
  refusal(status, [new GraphQLError(message)], status === 401 ? "UNAUTHENTICATED" : "BAD_REQUEST").body;

const spoil = (data: Data | null, wrongCount: NonNullable<Faults["wrongCount"]>): void => {
  for (const [name, fields] of Object.entries(data ?? {})) {
    for (const hits of Object.values(fields ?? {})) {
      if (typeof hits?.total === "number") hits.total = wrongCount(hits.total, name);
    }
  }
};

const requestOf = (body: string): GraphqlRequest | null => {
  try {
    const { query, variables } = JSON.parse(body) ?? {};
    if (typeof query !== "string" || (variables !== undefined && typeof (variables ?? {}) !== "object")) return null;
    return { query, variables: variables ?? {} };
  } catch {
    return null;
  }
};
