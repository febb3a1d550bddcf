import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { isClientLeft } from "../../net/serve/client-left.ts";
import { withManyListeners } from "../../net/signals.ts";
import { ANSWER_HEADER, type AnswerSigner } from "../../net/signing/answer.ts";
import { REQUEST_HEADER, type RequestVerifier } from "../../net/signing/request.ts";
import { graphqlOf, type Reply, refusal, SUBGRAPH_FAILED } from "./graphql.ts";
import { bodyReader } from "./received-body.ts";
import type { Subgraph } from "./subgraph.ts";

/** How a subgraph checks who asks, and proves what it answers. */
export type Proof = {
  readonly verify: RequestVerifier;
  readonly sign: AnswerSigner;
  /** Whether an order takes this subgraph's own token beside the gateway's word. */
  readonly wantsToken: boolean;
};

export type ListenerOptions = {
  /** Whether a text is the operator's token. */
  readonly isToken: (token: string) => boolean;
  /** Called with errors that are bugs of the subgraph, not faults of the bank. */
  readonly fault: (error: unknown) => void;
  /** Default: every client that reaches the subgraph may ask, and answers are not signed. */
  readonly proof?: Proof | undefined;
  /** Names under which a subgraph without `proof` answers, beside those of this machine: see hostCheck. Default: none. */
  readonly hosts?: readonly string[];
  /** Called with the reason for which a request was refused as no gateway's. Default: nobody is told. */
  readonly refused?: (reason: string) => void;
};

/** Serves GraphQL to POSTs at every path, GET /health, and GET /ready. */
export const subgraphListener = (
  { schema }: Pick<Subgraph, "schema">,
  { isReady, ...options }: ListenerOptions & { readonly isReady: () => boolean },
): RequestListener => {
  const { fault, proof, hosts = [] } = options;
  // Pages of other sites cannot sign: whatever name leads a gateway here will do.
  const readBody = bodyReader(proof === undefined ? hosts : ["*"]);
  const graphql = graphqlOf(schema, { strict: proof !== undefined, fault });

  const answer = async (request: IncomingMessage, signal: AbortSignal): Promise<Answered> => {
    const body = await readBody(request);
    if (!Buffer.isBuffer(body)) return { reply: body, jti: null };
    const caller = await callerOf(request, body, options);
    if ("reply" in caller) return caller;
    const { jti, operator } = caller;
    return { reply: await graphql(body.toString("utf8"), { signal, operator }), jti };
  };

  return async (request, response) => {
    const { method, url } = request;
    if (method === "GET" && url === "/health") return void response.writeHead(200).end();
    if (method === "GET" && url === "/ready") return void response.writeHead(isReady() ? 200 : 503).end();
    const left = new AbortController();
    response.once("close", () => left.abort());
    try {
      const { reply, jti } = await answer(request, withManyListeners(left.signal));
      const { status } = reply;
      const text = JSON.stringify(reply.body);
      const signature = jti === null ? undefined : await proof?.sign({ jti, status, body: text });
      send(request, response, { status, text, signature });
    } catch (error) {
      if (left.signal.aborted || isClientLeft(error)) return;
      fault(error);
      const { status, body } = FAILED;
      send(request, response, { status, text: JSON.stringify(body) });
    }
  };
};

/** A reply, and the id of the request that it is signed for; null: it is not signed. */
type Answered = { readonly reply: Reply; readonly jti: string | null };
type Caller = { readonly jti: string | null; readonly operator: boolean };

/** Who sent a body, or the reply by which the request is refused. */
const callerOf = async (
  { headers }: IncomingMessage,
  body: Buffer,
  { isToken, proof, refused }: ListenerOptions,
): Promise<Caller | Answered> => {
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
  const hasToken = token !== undefined && isToken(token);
  if (proof === undefined) return { jti: null, operator: hasToken };
  const header = headers[REQUEST_HEADER];
  const checked = await proof.verify(typeof header === "string" ? header : undefined, body);
  const { jti } = checked;
  if (!checked.ok) {
    refused?.(checked.message);
    return { reply: refusal(checked.code, checked.message), jti };
  }
  return { jti, operator: checked.operator && (hasToken || !proof.wantsToken) };
};

/** Time to read an answer, in ms. */
const READ_MS = 30_000;

const FAILED = refusal("FAULT_OF_OURS", SUBGRAPH_FAILED);

type Sent = { readonly status: number; readonly text: string; readonly signature?: string | undefined };

const send = (request: IncomingMessage, response: ServerResponse, { status, text, signature }: Sent): void => {
  if (response.headersSent || response.destroyed) return;
  // What is left of a body that was refused is not waited for.
  if (!request.complete) response.setHeader("Connection", "close");
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(signature === undefined ? {} : { [ANSWER_HEADER]: signature }),
  });
  response.end(text);
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), READ_MS).unref();
  response.once("close", () => clearTimeout(timer));
};
