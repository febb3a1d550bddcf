import { type DocumentNode, print } from "graphql";
import { request } from "undici";
import { asObject, jsonClient } from "../adapters/json-http.ts";
import type { BankLink, BankRequest } from "./executor.ts";

/** A subgraph may take longer than anybody waits: its answer is good for the next asker. */
const LONGEST_MS = 10_000;
const AT_ONCE = 64;
/** Publishing waits for the longest lease. */
const PUBLISH_MS = 120_000;

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

/** What the bank refuses comes back as the errors that it gave, whatever its HTTP status. */
const asOperator = async (url: URL, sent: BankRequest): Promise<object> => {
  const { body } = await request(url, {
    method: "POST",
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      authorization: `Bearer ${sent.token ?? ""}`,
    },
    body: bodyOf(sent),
    signal: sent.signal,
    headersTimeout: PUBLISH_MS,
  });
  return (await body.json()) as object;
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
