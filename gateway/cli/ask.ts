import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { FAULTS, isFaultCode } from "../../schema/faults.ts";
import { LONGEST_PUBLISH_MS } from "../limits.ts";
import type { Question } from "./command-line.ts";
import { DOCUMENTS } from "./documents.ts";
import type { Language } from "./print/words.ts";

/** What came of asking the gateway: its data, or one line that says what went wrong and whose fault it is. */
export type Reply =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly fault: "asker" | "gateway"; readonly line: string };

/** Time limit of every request but `publish`, in milliseconds: more than any deadline that a gateway allows. */
const TIMEOUT_MS = 120_000;

/**
 * Sends one command's document to the gateway's public endpoint and gives the root field's value. Never throws.
 * @param token null: asks as nobody in particular
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
  const headers = {
    "content-type": "application/json",
    accept: "application/graphql-response+json, application/json",
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  const body = JSON.stringify({ query: DOCUMENTS[name], variables });
  try {
    const response = await post(url, headers, body, name === "publish" ? LONGEST_PUBLISH_MS : TIMEOUT_MS);
    const status = response.statusCode!;
    const result = resultOf(await text(response));
    if (result?.errors?.length) return refusal(result.errors, status, language);
    const data = result?.data?.[name];
    if (typeof data === "object" && data !== null) return { ok: true, data };
    const { "content-type": contentType = "", location } = response.headers;
    const target = location === undefined ? contentType : `to ${location}`;
    return silent(`wanted a GraphQL answer, got HTTP ${status} ${target}`.trim());
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return silent(code === "ABORT_ERR" ? "no answer" : (code ?? message));
  }
};

/**
 * Sends one POST request, which has to end within `timeoutMs` with its whole response; a redirect is not followed. Uses
 * node:http, because the built-in fetch takes 75 ms to load. @throws errors of the connection, with a `code`: ECONNREFUSED,
 * ABORT_ERR (too late)
 */
const post = async (
  url: string,
  headers: { readonly [name: string]: string },
  body: string,
  timeoutMs: number,
): Promise<IncomingMessage> => {
  const { request } = url.startsWith("https:") ? await import("node:https") : await import("node:http");
  const options = { method: "POST", headers, agent: false, signal: AbortSignal.timeout(timeoutMs) };
  return new Promise((resolve, reject) => {
    request(url, options, resolve).once("error", reject).end(body);
  });
};

/** A GraphQL response, as far as it is one: any member may be absent. */
type Result = { readonly data?: { readonly [name: string]: unknown } | null; readonly errors?: readonly Fault[] };
type Fault = { readonly message?: string; readonly extensions?: Extensions } | null;
type Extensions = {
  readonly code?: string;
  readonly at?: string | null;
  readonly says?: { readonly [language: string]: string };
  readonly suggestions?: readonly string[];
};

const resultOf = (body: string): Result | null => {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
};

/** The first error in the asker's language, and how many more there are. */
const refusal = (errors: readonly Fault[], status: number, language: Language): Reply => {
  const { message = "an error without a message", extensions } = errors[0] ?? {};
  const { code, at, says, suggestions = [] } = extensions ?? {};
  const said = `${says?.[language] ?? message}`;
  const isNew = !suggestions.some((suggestion) => said.includes(suggestion));
  const parts = [
    ...(!at || said.startsWith(at) ? [] : [`${at}:`]),
    said,
    ...(isNew && suggestions.length > 0 ? [`(${suggestions.join(", ")}?)`] : []),
    ...(errors.length > 1 ? [`(and ${errors.length - 1} more)`] : []),
  ];
  const failed = (isFaultCode(code) ? FAULTS[code].status : status) >= 500;
  return { ok: false, fault: failed ? "gateway" : "asker", line: parts.join(" ").replace(/\s+/g, " ") };
};
