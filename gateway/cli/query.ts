import type { Command } from "./arguments.ts";
import type { CommandName } from "./options.ts";

/** What came of asking the gateway: its data, or one line that says what went wrong and whose fault it is. */
export type Reply =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly fault: "asker" | "gateway"; readonly line: string };

const COUNT = "{ min max because }";
const COUNTS = `donors ${COUNT} samples ${COUNT}`;
const TEXT = "{ en ja }";
const VALUE = `{ value label ${TEXT} }`;
const UNDERSTANDING = `understanding { criterion { path field says ${TEXT} } verdict local ${VALUE} says ${TEXT} }`;
const QUESTION = `question { id where says ${TEXT} criteria { path field says ${TEXT} } }`;
const BANK = `bank { id name ${TEXT} }`;
const RELEASE = "release { id date kind }";

/** One document per command; every one of them has a single root field, named like the command. */
const DOCUMENTS: { readonly [C in CommandName]: string } = {
  search: `query Search($where: Where!, $banks: [ID!], $facets: [FacetInput!], $deadlineMs: Int) {
  search(where: $where, banks: $banks, facets: $facets, deadlineMs: $deadlineMs) {
    id ${QUESTION} ${COUNTS} people ${COUNT}
    facets {
      by across level overlapping more unlisted { ${COUNTS} }
      cells { by ${VALUE} across ${VALUE} counts { ${COUNTS} } }
    }
    banks {
      id ${BANK} status ${COUNTS} ${UNDERSTANDING} ${RELEASE} tookMs
      problem { code message ${TEXT} remedy ${TEXT} retryAfterMs }
    }
    waiting complete
  }
}`,
  reading: `query Reading($where: Where!, $banks: [ID!], $facets: [FacetInput!]) {
  reading(where: $where, banks: $banks, facets: $facets) { ${QUESTION} banks { ${BANK} ${UNDERSTANDING} lostFacets } }
}`,
  banks: `query Banks {
  banks { id name ${TEXT} adapter state size { donors samples } ${RELEASE} contact { email } access { requestUrl } }
}`,
  fields: `query Fields { fields { field label ${TEXT} values ${VALUE} } }`,
};

/** Longer than any deadline that a gateway allows: after this it counts as silent. */
const PATIENCE_MS = 120_000;

/** Sends one command's document to the gateway's public endpoint and gives the root field's value. Never throws. */
export const ask = async (name: CommandName, command: Command): Promise<Reply> => {
  const { where, facets, banks, deadlineMs, url, language } = command;
  const variables = { where, banks, facets: facets.length === 0 ? null : facets, deadlineMs };
  const silent = (why: string): Reply => ({
    ok: false,
    fault: "gateway",
    line: `no gateway at ${url}: ${why}. Start one with npm start, or name another with --url.`,
  });
  let response: Response;
  let body: string;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/graphql-response+json, application/json" },
      body: JSON.stringify({
        query: DOCUMENTS[name],
        variables: name === "search" || name === "reading" ? variables : {},
      }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    body = await response.text();
  } catch (error) {
    return silent(reason(error));
  }
  const result = object(parsed(body));
  const errors = result?.["errors"];
  if (Array.isArray(errors) && errors.length > 0) return refusal(errors, response.status, language);
  const data = object(result?.["data"])?.[name];
  if (typeof data === "object" && data !== null) return { ok: true, data };
  return silent(
    `wanted a GraphQL answer, got HTTP ${response.status} ${response.headers.get("content-type") ?? ""}`.trim(),
  );
};

/** The first error in the asker's language, and how many more there are. */
const refusal = (errors: readonly unknown[], status: number, language: "en" | "ja"): Reply => {
  const error = object(errors[0]);
  const extensions = object(error?.["extensions"]);
  const said = object(extensions?.["says"])?.[language] ?? error?.["message"] ?? "an error without words";
  const at = extensions?.["at"];
  const suggestions = extensions?.["suggestions"];
  const near = Array.isArray(suggestions) && !suggestions.some((one) => String(said).includes(String(one)));
  const parts = [
    typeof at === "string" && !String(said).startsWith(at) ? `${at}: ${said}` : String(said),
    ...(near && suggestions.length > 0 ? [`(${suggestions.join(", ")}?)`] : []),
    ...(errors.length > 1 ? [`(and ${errors.length - 1} more)`] : []),
  ];
  const failed =
    extensions?.["code"] === "INTERNAL_SERVER_ERROR" || (extensions?.["code"] === undefined && status >= 500);
  return { ok: false, fault: failed ? "gateway" : "asker", line: parts.join(" ").replace(/\s+/g, " ") };
};

/** Node says why a fetch failed only in the cause: a code, or one per address that was tried. */
const reason = (error: unknown): string => {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return name === "TimeoutError" ? "no answer" : (cause?.code ?? cause?.message ?? message);
};

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const object = (value: unknown): { readonly [key: string]: unknown } | undefined =>
  typeof value === "object" && value !== null ? (value as { readonly [key: string]: unknown }) : undefined;
