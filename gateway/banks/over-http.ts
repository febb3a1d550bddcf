import type { KeyObject } from "node:crypto";
import { type DocumentNode, print } from "graphql";
import { severalAddresses } from "../../net/addresses.ts";
import { type HttpClient, httpClient } from "../../net/http/client.ts";
import { exchangeOver } from "../../net/http/exchange.ts";
import { asObject, jsonClient, printable } from "../../net/http/json-client.ts";
import type { HttpLink } from "../../net/http/link.ts";
import { jsonOf } from "../../net/http/response.ts";
import { isLoopback } from "../../net/loopback.ts";
import { answerVerifier } from "../../net/signing/answer.ts";
import { provenExchange } from "../../net/signing/exchange.ts";
import type { PublicKey } from "../../net/signing/keys.ts";
import { NOT_PROVEN, requestSigner } from "../../net/signing/request.ts";
import type { TlsTexts } from "../../net/tls.ts";
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

/** How a bank's own process is told from others, and reached. */
export type RemoteBank = {
  /** The id that it must have. Default: the one that its card says. */
  readonly id?: string;
  /** With which requests are signed, and by which answers are checked. Default: neither. `id` is the audience then. */
  readonly signing?: { readonly key: KeyObject; readonly bankKeys: readonly PublicKey[] };
  /** Certificates for https. Default: the public authorities, and none to show. */
  readonly tls?: TlsTexts;
};

/**
 * A link to a subgraph that is a process of its own, over HTTP. Of several addresses, the next one serves where one fails or
 * is slow. Faults of the transport are BankErrors. Orders of operators have connections of their own.
 */
export const overHttp = (urls: readonly URL[], remote: RemoteBank = {}): BankLink => {
  const [first] = urls;
  if (first === undefined) throw new Error("wanted at least one address of a bank, got none");
  const { id } = remote;
  const name = id ?? first.host;
  const operators = httpClient(name, ORDERS, linkTo(name, remote, true));
  const client = jsonClient(name, {
    timeoutMs: REQUEST_MS,
    atOnce: AT_ONCE,
    dialect: { said: firstMessage },
    link: linkTo(name, remote, false),
  });
  const addresses = severalAddresses(urls.length);

  const ask = (sent: BankRequest): Promise<object> => {
    const body = bodyOf(sent);
    if (urls.length === 1) return client.fetch(first, sent.signal, body);
    return addresses.ask((at, signal) => client.fetch(urls[at] ?? first, signal, body), sent.signal);
  };
  return {
    at: urls.map(({ href }) => href).join(" or "),
    ...(id === undefined ? {} : { id }),
    // Without pinned keys the bank's own token file judges once more.
    isHosted: remote.signing === undefined,
    execute: (sent) => (sent.operator === undefined ? ask(sent) : order(operators, first, sent)),
    async [Symbol.asyncDispose]() {
      await Promise.all([client, operators].map((one) => one[Symbol.asyncDispose]()));
    },
  };
};

const linkTo = (bank: string, { signing, tls }: RemoteBank, operator: boolean): HttpLink => {
  const certificates = tls === undefined ? {} : { tls };
  if (signing === undefined) return { exchangeOver, ...certificates };
  const sign = requestSigner(signing.key, bank);
  const verify = answerVerifier(signing.bankKeys, bank);
  return { exchangeOver: provenExchange({ sign, verify, operator }), ...certificates };
};

/** What the bank refuses comes back as the errors that it gave, whatever its HTTP status. @throws {BankError} */
const order = async (client: HttpClient, url: URL, sent: BankRequest): Promise<object> => {
  const { pathname, host } = url;
  const headers = {
    accept: "application/json",
    "content-type": "application/json",
    ...(isPrivate(url) && { authorization: `Bearer ${sent.operator?.token ?? ""}` }),
  };
  const { status, text } = await client.send(url, { headers, body: bodyOf(sent) }, sent.signal);
  const answer = asObject(jsonOf(host, pathname, text));
  if (answer === undefined) {
    throw new BankError("BANK_BROKEN", host, `${pathname}: wanted a JSON object, got something else`);
  }
  const { message, extensions } = asObject(firstError(answer)) ?? {};
  if (asObject(extensions)?.["code"] !== NOT_PROVEN) return answer;
  const said = printable(String(message));
  throw new BankError("BANK_REFUSED", host, `${pathname}: wanted it to take the order, got HTTP ${status}: ${said}`);
};

/** Whether nobody on the way can read what is sent there. */
const isPrivate = ({ protocol, hostname }: URL): boolean => protocol === "https:" || isLoopback(hostname);

const bodyOf = ({ document, variables }: BankRequest): string => JSON.stringify({ query: textOf(document), variables });

const texts = new WeakMap<DocumentNode, string>();
const textOf = (document: DocumentNode): string => {
  const text = texts.get(document) ?? print(document);
  texts.set(document, text);
  return text;
};

const firstError = ({ errors }: { readonly [key: string]: unknown }): unknown =>
  Array.isArray(errors) ? errors[0] : undefined;
const firstMessage = (answer: { readonly [key: string]: unknown }): unknown =>
  asObject(firstError(answer))?.["message"];
