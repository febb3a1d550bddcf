import { type DocumentNode, print } from "graphql";
import { request } from "undici";
import { BankError } from "../adapters/bank-error.ts";
import { asObject, jsonClient } from "../adapters/json-http.ts";
import type { BankLink, BankRequest } from "./executor.ts";
import { LONGEST_PUBLISH_MS } from "./limits.ts";

/** A subgraph may take longer than anybody waits: its answer is good for the next asker. */
const LONGEST_MS = 10_000;
const AT_ONCE = 64;

/** A subgraph that is a process of its own, over HTTP. Its faults are BankErrors. */
export const overHttp = (url: URL): BankLink => {
  const client = jsonClient(url.host, LONGEST_MS, AT_ONCE, { said: firstMessage, badRequest: "BANK_BROKEN" });
  return {
    at: url.href,
    execute: (sent) =>
      sent.token === undefined ? client.fetch(url, sent.signal, bodyOf(sent)) : asOperator(url, sent),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
};

/** What the bank refuses comes back as the errors that it gave, whatever its HTTP status. @throws {BankError} */
const asOperator = async (url: URL, sent: BankRequest): Promise<object> => {
  const text = await textAsOperator(url, sent).catch((cause: unknown) => {
    sent.signal.throwIfAborted();
    const code = asObject(cause)?.["code"];
    const late = code === "UND_ERR_HEADERS_TIMEOUT";
    const message = `${url.pathname}: wanted an answer, got ${typeof code === "string" ? code : "an error"}`;
    throw new BankError(late ? "BANK_TIMEOUT" : "BANK_UNREACHABLE", url.host, message, { cause });
  });
  const answer = objectOf(text);
  if (answer !== undefined) return answer;
  throw new BankError("BANK_BROKEN", url.host, `${url.pathname}: wanted a JSON object, got something else`);
};

const objectOf = (text: string): object | undefined => {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
};

const textAsOperator = async (url: URL, sent: BankRequest): Promise<string> => {
  const { body } = await request(url, {
    method: "POST",
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      authorization: `Bearer ${sent.token ?? ""}`,
    },
    body: bodyOf(sent),
    signal: sent.signal,
    headersTimeout: LONGEST_PUBLISH_MS,
  });
  return body.text();
};

const bodyOf = ({ document, variables }: BankRequest): string => JSON.stringify({ query: textOf(document), variables });

const texts = new WeakMap<DocumentNode, string>();
const textOf = (document: DocumentNode): string => {
  const text = texts.get(document) ?? print(document);
  texts.set(document, text);
  return text;
};

const firstMessage = (answer: { readonly [key: string]: unknown }): unknown => {
  const { errors } = answer;
  return Array.isArray(errors) ? asObject(errors[0])?.["message"] : undefined;
};
