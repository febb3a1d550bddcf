import { type Agent, request } from "node:http";
import { connect } from "node:net";
import type { Shot } from "./requests.ts";

export type Reply = {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  /** Code of the first error; null: none. */
  readonly code: string | null;
  readonly ms: number;
  readonly bytes: number;
};

export type Sender = {
  readonly url: string;
  /** The address that it comes from. Default: 127.0.0.1. */
  readonly from?: string;
  /** Default: a connection of its own. */
  readonly agent?: Agent;
};

/** Sends one request and reads its answer to the end. Never rejects. */
export const send = async (sender: Sender, shot: Shot): Promise<Reply> => {
  const started = performance.now();
  const { status, body } = await ("bytes" in shot ? sendBytes(sender, shot.bytes) : sendQuery(sender, shot)).catch(
    () => ({ status: 0, body: "" }),
  );
  const code = /"extensions":\{[^{}]*?"code":"([A-Z_]+)"/.exec(body)?.[1] ?? null;
  return { status, code, ms: performance.now() - started, bytes: body.length };
};

type Answer = { readonly status: number; readonly body: string };

const sendQuery = (
  { url, from = "127.0.0.1", agent }: Sender,
  { query, variables, accept }: Exclude<Shot, { bytes: string }>,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({ query, variables });
    const headers = {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
      Accept: accept ?? (query.includes("@stream") ? "multipart/mixed" : "application/graphql-response+json"),
    };
    const sent = request(
      `${url}/graphql`,
      { method: "POST", headers, localAddress: from, agent: agent ?? false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("latin1") }),
        );
      },
    );
    sent.once("error", reject).end(body);
  });

const sendBytes = ({ url, from = "127.0.0.1" }: Sender, bytes: string): Promise<Answer> =>
  new Promise((resolve) => {
    const { port, hostname } = new URL(url);
    const socket = connect({ port: Number(port), host: hostname, localAddress: from });
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
    });
    socket.once("connect", () => socket.write(bytes));
    // A server that refuses a body may close before all of it was sent.
    socket.once("error", () => undefined);
    socket.once("close", () => resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), body: text }));
  });
