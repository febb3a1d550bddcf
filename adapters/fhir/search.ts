import type { JsonObject } from "../../net/http/json-client.ts";
import { asObjects } from "./http.ts";

/** One search parameter: name with its modifiers, and value. */
export type Param = readonly [name: string, value: string];

/** A FHIR search: parameters are joined by AND, the commas within one by OR. */
export type Search = { readonly resource: string; readonly params: readonly Param[] };

/** The search with further parameters. */
export const withParams = (search: Search, more: readonly Param[]): Search => {
  const params = [...search.params, ...more];
  queries.set(params, [queryOf(search), encoded(more)].filter(Boolean).join("&"));
  return { resource: search.resource, params };
};

/** The parameters as a query, without the question mark. */
export const queryOf = ({ params }: Search): string => encoded(params);

/** A search as an address below the base. */
export const pathOf = (search: Search): string => {
  const query = queryOf(search);
  return query === "" ? search.resource : `${search.resource}?${query}`;
};

/** Encoded once: a query is sent more than once, and compared with the self link that comes back. */
const encoded = (params: readonly Param[]): string => {
  const query = queries.get(params) ?? new URLSearchParams(params.map(([n, v]) => [n, v])).toString();
  queries.set(params, query);
  return query;
};
const queries = new WeakMap<readonly Param[], string>();

/** The first parameter that the self link repeats less often than it was sent; undefined where none was left out. */
export const ignoredBy = (bundle: JsonObject, search: Search): string | undefined => {
  const self = linkOf(bundle, "self") ?? "";
  const query = self.includes("?") ? self.slice(self.indexOf("?") + 1) : "";
  if (query === queryOf(search)) return undefined;
  const taken = [...new URLSearchParams(query).keys()];
  const times = (names: readonly string[], name: string) => names.filter((other) => other === name).length;
  const sent = search.params.map(([name]) => name).filter((name) => !UNSPOKEN.has(name));
  return sent.find((name) => times(taken, name) < times(sent, name));
};

/** What a self link may leave out without changing what is counted. */
const UNSPOKEN = new Set(["_summary", "_total", "_count", "_elements"]);

/** Where the next page is; undefined on the last one. */
export const nextPage = (bundle: JsonObject): string | undefined => linkOf(bundle, "next");

const linkOf = (bundle: JsonObject, relation: string): string | undefined => {
  const url = asObjects(bundle["link"]).find((link) => link["relation"] === relation)?.["url"];
  return typeof url === "string" ? url : undefined;
};
