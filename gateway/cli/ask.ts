import { LONGEST_PUBLISH_MS } from "../limits.ts";
import type { Question } from "./command-line.ts";
import { DOCUMENTS } from "./documents.ts";
import { type Posted, post } from "./post.ts";

/** What came of asking the gateway: its data, or one line that says what went wrong and whose fault it is. */
export type Reply =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly fault: "asker" | "gateway"; readonly line: string };

/** Longer than any deadline that a gateway allows: after this it counts as silent. */
const PATIENCE_MS = 120_000;

/**
 * Sends one command's document to the gateway's public endpoint and gives the root field's value. Never throws.
 * @param token the operator's, for `publish`
 */
export const ask = async (
  { name, variables, url, language }: Question,
  token: string | null = null,
): Promise<Reply> => {
  const silent = (why: string): Reply => ({
    ok: false,
    fault: "gateway",
    line: `no gateway at ${url}: ${why}. Start one with npm start, or name another with --url.`,
  });
  let posted: Posted;
  try {
    const headers = {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    };
    const body = JSON.stringify({ query: DOCUMENTS[name], variables });
    posted = await post(url, { headers, body, timeoutMs: name === "publish" ? LONGEST_PUBLISH_MS : PATIENCE_MS });
  } catch (error) {
    return silent(reason(error));
  }
  const result = object(parsed(posted.body));
  const errors = result?.["errors"];
  if (Array.isArray(errors) && errors.length > 0) return refusal(errors, posted.status, language);
  const data = object(result?.["data"])?.[name];
  if (typeof data === "object" && data !== null) return { ok: true, data };
  const target = posted.location === undefined ? posted.contentType : `to ${posted.location}`;
  return silent(`wanted a GraphQL answer, got HTTP ${posted.status} ${target}`.trim());
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
  const { code } = extensions ?? {};
  const failed = code === undefined ? status >= 500 : /^(INTERNAL_SERVER_ERROR$|BANK_)/.test(String(code));
  return { ok: false, fault: failed ? "gateway" : "asker", line: parts.join(" ").replace(/\s+/g, " ") };
};

const reason = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ABORT_ERR" ? "no answer" : (code ?? message);
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
