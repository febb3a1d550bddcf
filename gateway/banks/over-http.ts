import { type DocumentNode, print } from "graphql";
import { severalAddresses } from "../../net/addresses.ts";
import { type HttpClient, httpClient } from "../../net/http/client.ts";
import { asObject, jsonClient } from "../../net/http/json-client.ts";
import { jsonOf } from "../../net/http/response.ts";
import { BankError } from "../../schema/bank-error.ts";
import { LIMITS, LONGEST_PUBLISH_MS } from "../limits.ts";
import type { BankLink, BankRequest } from "./link.ts";

/** Longest time for one request, in ms. The caller's signal ends it earlier. */
const REQUEST_MS = LIMITS.deadlineMs;
const CONNECT_MS = 10_000;
/** Requests at the same time. */
const AT_ONCE = 64;
/** Limits of what operators order: publishing waits for leases. */
const ORDERS = { timeoutMs: LONGEST_PUBLISH_MS, connectMs: CONNECT_MS, atOnce: 4, largest: 1024 * 1024 };

/**
 * A link to a subgraph that is a process of its own, over HTTP. Of several addresses, the next one serves where one fails or
 * is slow. Faults of the transport are BankErrors.
 */
export const overHttp = (urls: readonly URL[]): BankLink => {
  const [first] = urls;
  if (first === undefined) throw new Error("wanted at least one address of a bank, got none");
  const operators = httpClient(first.host, ORDERS);
  const client = jsonClient(first.host, {
    timeoutMs: REQUEST_MS,
    atOnce: AT_ONCE,
    dialect: { said: firstMessage },
  });
  const addresses = severalAddresses(urls.length);

  const ask = (sent: BankRequest): Promise<object> => {
    const body = bodyOf(sent);
    if (urls.length === 1) return client.fetch(first, sent.signal, body);
    return addresses.ask((at, signal) => client.fetch(urls[at] ?? first, signal, body), sent.signal);
  };
  return {
    at: urls.map(({ href }) => href).join(" or "),
    execute: (sent) => (sent.token === undefined ? ask(sent) : asOperator(operators, first, sent)),
    async [Symbol.asyncDispose]() {
      await Promise.all([client[Symbol.asyncDispose](), operators[Symbol.asyncDispose]()]);
    },
  };
};

/** What the bank refuses comes back as the errors that it gave, whatever its HTTP status. @throws {BankError} */
const asOperator = async (client: HttpClient, url: URL, sent: BankRequest): Promise<object> => {
  const { pathname, host } = url;
  const headers = {
    accept: "application/json",
    "content-type": "application/json",
    authorization: `Bearer ${sent.token ?? ""}`,
  };
  const { text } = await client.send(url, { headers, body: bodyOf(sent) }, sent.signal);
  const answer = asObject(jsonOf(host, pathname, text));
  if (answer !== undefined) return answer;
  throw new BankError("BANK_BROKEN", host, `${pathname}: wanted a JSON object, got something else`);
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
