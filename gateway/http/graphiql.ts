import { createHash } from "node:crypto";
import { GRAPHQL_PATH } from "./graphql.ts";

/** A page that explores the schema, with its headers. */
export type GraphiqlPage = { readonly html: string; readonly headers: Readonly<Record<string, string>> };

let page: Promise<GraphiqlPage | null> | undefined;

/**
 * GraphiQL as one page of nine megabytes that loads nothing and so works offline. Made at its first request. Null where the
 * package is not installed: it is for development, and no part of the product.
 */
export const graphiqlPage = (): Promise<GraphiqlPage | null> => {
  page ??= import("@graphql-yoga/render-graphiql").then(
    ({ renderGraphiQL }) =>
      pageOf(String(renderGraphiQL({ title: "Odan", endpoint: GRAPHQL_PATH, defaultQuery: DEFAULT_QUERY }))),
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ERR_MODULE_NOT_FOUND") return null;
      throw error;
    },
  );
  return page;
};

/** The page's own scripts may run, and talk to this server; nothing else may be loaded, and no page may frame it. */
const pageOf = (html: string): GraphiqlPage => {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script]) => script!);
  const digests = scripts.map((script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`);
  const policy = [
    "default-src 'none'",
    `script-src ${digests.join(" ")}`,
    "worker-src blob:",
    "style-src 'unsafe-inline'",
    "img-src data:",
    "font-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return { html, headers: { "Content-Security-Policy": policy.join("; ") } };
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
