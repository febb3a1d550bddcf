import { isUtf8 } from "node:buffer";
import type { GraphQLParams, Plugin } from "graphql-yoga";
import { isDeepJson } from "../../net/nesting.ts";
import { refuse } from "../../schema/refusal.ts";
import { text } from "../../schema/text.ts";

/**
 * Reads the parameters of a GraphQL request in place of Yoga, which takes broken JSON in a URL for its own fault and sends
 * broken JSON of a body back whole. Nothing that came is quoted.
 */
export const useRequestParsers = (): Plugin => ({
  onRequestParse({ request: { method }, setRequestParser }) {
    if (method === "GET") setRequestParser(({ url }) => paramsOfUrl(url));
    else if (method === "POST") setRequestParser(async (request) => paramsOfBody(await request.arrayBuffer()));
  },
});

const PARAMETERS = ["query", "operationName", "variables", "extensions"] as const;

/** @throws {Refusal} for a parameter that comes twice or is no JSON */
const paramsOfUrl = (url: string): GraphQLParams => {
  const at = url.indexOf("?");
  const given = new URLSearchParams(at === -1 ? "" : url.slice(at + 1));
  for (const name of PARAMETERS) if (given.getAll(name).length > 1) throw badParameter(name, ONCE);
  const [query, operationName, variables, extensions] = PARAMETERS.map((name) => given.get(name) || undefined);
  return paramsOf({
    query,
    operationName,
    variables: variables && jsonOf(variables, "variables"),
    extensions: extensions && jsonOf(extensions, "extensions"),
  });
};

/** @throws {Refusal} for bytes that are no JSON object in UTF-8 */
const paramsOfBody = (bytes: ArrayBuffer): GraphQLParams => {
  if (!isUtf8(bytes)) throw badParameter("body", UTF_8);
  const params = jsonOf(new TextDecoder().decode(bytes), "body");
  if (typeof params !== "object" || params === null || Array.isArray(params)) throw badParameter("body", OBJECT);
  return paramsOf(params as { readonly [name: string]: unknown });
};

/**
 * The parameters of GraphQL over HTTP; others are left out, since clients send some of their own. Yoga checks the types of
 * the others. @throws {Refusal} for a query or an operationName that is no text, and for a document that is not sent itself
 */
const paramsOf = ({
  query,
  operationName,
  variables,
  extensions,
}: {
  readonly [name: string]: unknown;
}): GraphQLParams => {
  if (query == null && isPersisted(extensions)) throw NOT_KEPT;
  if (typeof query !== "string") throw badParameter("query", STRING);
  if (operationName != null && typeof operationName !== "string") throw badParameter("operationName", STRING);
  return { query, operationName, variables, extensions } as GraphQLParams;
};

/** Whether a client names a document by its digest and does not send it (automatic persisted queries). */
const isPersisted = (extensions: unknown): boolean =>
  typeof extensions === "object" && extensions !== null && "persistedQuery" in extensions;

/** @throws {Refusal} for broken JSON, and for JSON that is nested too deep */
const jsonOf = (json: string, at: string): unknown => {
  if (isDeepJson(json)) throw refuse("TOO_DEEP", { at });
  try {
    return JSON.parse(json);
  } catch {
    throw badParameter(at, JSON_WANTED);
  }
};

/** Clients know the message. */
const NOT_KEPT = refuse("PERSISTED_QUERY_NOT_SUPPORTED", { message: "PersistedQueryNotSupported", at: "extensions" });

const badParameter = (at: string, says: ReturnType<typeof text>) => refuse("BAD_REQUEST", { at, says });

const ONCE = text("wanted the parameter once, got it more than once", "パラメーターは1回だけ指定できます");
const UTF_8 = text("wanted text in UTF-8, got other bytes", "UTF-8 の文字列が必要です");
const OBJECT = text("wanted a JSON object, got something else", "JSON のオブジェクトが必要です");
const STRING = text("wanted a text, got something else or nothing", "文字列が必要です");
const JSON_WANTED = text("wanted JSON, got something else", "JSON が必要です");
