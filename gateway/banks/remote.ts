import { type DocumentNode, print } from "graphql";
import { type Dispatcher, request } from "undici";
import { BankError } from "../../adapters/bank-error.ts";
import { answerText, httpAgent, jsonOf } from "../../adapters/http/answer.ts";
import { asObject, jsonClient } from "../../adapters/http/json.ts";
import { severalAddresses } from "../../adapters/remote/addresses.ts";
import { LONGEST_PUBLISH_MS } from "../limits.ts";
import type { BankLink, BankRequest } from "./executor.ts";

/** A subgraph may take longer than anybody waits: its answer is good for the next asker. */
const LONGEST_MS = 10_000;
const AT_ONCE = 64;
/** In bytes, of what an operator is told. */
const LARGEST_ANSWER = 1024 * 1024;

/**
 * A subgraph that is a process of its own, over HTTP, at one or several addresses: one that fails or is slow is helped out
 * by the next. Its faults are BankErrors.
 */
export const overHttp = (urls: readonly URL[]): BankLink => {
  const [first] = urls;
  if (first === undefined) throw new Error("wanted at least one address of a bank, got none");
  const operators = httpAgent(LONGEST_MS, 4, LARGEST_ANSWER);
  const client = jsonClient(first.host, LONGEST_MS, AT_ONCE, { said: firstMessage, badRequest: "BANK_BROKEN" });
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
      await Promise.all([client[Symbol.asyncDispose](), operators.destroy()]);
    },
  };
};

/** What the bank refuses comes back as the errors that it gave, whatever its HTTP status. @throws {BankError} */
const asOperator = async (dispatcher: Dispatcher, url: URL, sent: BankRequest): Promise<object> => {
  const { pathname, host } = url;
  const text = await textAsOperator(dispatcher, url, sent).catch((cause: unknown) => {
    sent.signal.throwIfAborted();
    if (cause instanceof BankError) throw cause;
    const code = asObject(cause)?.["code"];
    const late = code === "UND_ERR_HEADERS_TIMEOUT";
    const message = `${pathname}: wanted an answer, got ${typeof code === "string" ? code : "an error"}`;
    throw new BankError(late ? "BANK_TIMEOUT" : "BANK_UNREACHABLE", host, message, { cause });
  });
  const answer = asObject(jsonOf(host, pathname, text));
  if (answer !== undefined) return answer;
  throw new BankError("BANK_BROKEN", host, `${pathname}: wanted a JSON object, got something else`);
};

const textAsOperator = async (dispatcher: Dispatcher, url: URL, sent: BankRequest): Promise<string> => {
  const response = await request(url, {
    dispatcher,
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
  return answerText(url.host, url.pathname, response);
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
