import { BankError } from "../../schema/bank-error.ts";
import { redacted } from "../redact.ts";
import { httpClient } from "./client.ts";
import type { HttpResponse } from "./exchange.ts";
import { DIRECT, type HttpLink } from "./link.ts";
import { type Headers, jsonOf } from "./response.ts";
import { type StatusCodes, statusFault } from "./status-fault.ts";

const LARGEST_ANSWER = 8 * 1024 * 1024;

/** See jsonClient. */
export type JsonClient = ReturnType<typeof jsonClient>;

/** A JSON object with unchecked members. */
export type JsonObject = { readonly [key: string]: unknown };

/** The value as a JSON object; undefined for any other value. */
export const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

/** How servers of one kind report faults: the member with their error text, and the meaning of further statuses. */
export type Dialect = { readonly said: (answer: JsonObject) => unknown; readonly statuses?: StatusCodes };

export type JsonClientOptions = {
  /** Time limit of a request in ms. */
  readonly timeoutMs: number;
  /** Concurrent requests, and connections. */
  readonly atOnce: number;
  readonly dialect: Dialect;
  /** Default: no credentials, public certificate authorities, no proxy. */
  readonly link?: HttpLink;
};

/** An HTTP client for one server that speaks JSON, with connections of its own. */
export const jsonClient = (bank: string, { timeoutMs, atOnce, dialect, link = DIRECT }: JsonClientOptions) => {
  const client = httpClient(bank, { timeoutMs, atOnce, largest: LARGEST_ANSWER }, link);
  return {
    /**
     * GETs the URL, or POSTs `body` to it, and returns the JSON object of the answer.
     * @throws {BankError} for any other answer, signal.reason when the signal aborts
     */
    async fetch(url: URL, signal: AbortSignal, body?: string): Promise<JsonObject> {
      const headers = body === undefined ? ASKING : POSTING;
      return readAnswer(bank, url.pathname, dialect, await client.send(url, { headers, body }, signal));
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
};

const ASKING = { accept: "application/json" };
const POSTING = { ...ASKING, "content-type": "application/json" };

const readAnswer = (
  bank: string,
  where: string,
  dialect: Dialect,
  { status, headers, text }: HttpResponse,
): JsonObject => {
  const answer = isJson(headers["content-type"]) ? asObject(jsonOf(bank, where, text)) : undefined;
  if (status === 200) {
    if (answer !== undefined && answer["error"] === undefined) return answer;
    const got = kindOf(headers, answer);
    throw new BankError("BANK_BROKEN", bank, `${where}: wanted a JSON object, got ${got}`, {
      reason: "WRONG_FORM",
    });
  }
  const said = answer === undefined ? undefined : dialect.said(answer);
  const words = typeof said === "string" ? `: ${printable(said)}` : "";
  throw statusFault(bank, { status, headers }, { where, said: words }, dialect.statuses);
};

/** A server's text, fit for a line of a log: secrets redacted, no control characters, 200 characters at most. */
export const printable = (text: string): string =>
  redacted(text)
    .replace(/\p{C}+/gu, " ")
    .trim()
    .slice(0, 200);

/** Whether a content type is JSON, such as application/fhir+json. */
export const isJson = (type: Headers[string]): boolean =>
  typeof type === "string" && /^application\/([\w.-]+\+)?json\b/i.test(type);

const kindOf = (headers: Headers, answer: JsonObject | undefined): string => {
  if (answer?.["error"] !== undefined) return "an error under HTTP 200";
  const type = headers["content-type"];
  return isJson(type) ? "something else" : `content of type ${printable(String(type ?? "none"))}`;
};
