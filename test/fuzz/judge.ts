import { FAULTS, isFaultCode } from "../../schema/faults.ts";

/** One HTTP response: its status, and its body as text. */
export type Reply = { readonly status: number; readonly type: string; readonly body: string };

/** What is wrong with what came back, in one line; null: nothing. And what kind of answer it was, for the corpus. */
export type Verdict = { readonly wrong: string | null; readonly kind: string; readonly replies: readonly Reply[] };

/** Most bytes of all answers of one case: the limit of one answer, and its head. */
const MOST_BYTES = 17 * 2 ** 20;

/** Judges all bytes that a gateway sent on one connection. */
export const judged = (received: Buffer): Verdict => {
  const { replies, rest } = repliesOf(received);
  const kinds = new Set<string>();
  const wrong =
    received.length > MOST_BYTES
      ? `${received.length} bytes of answer`
      : rest !== null
        ? `no HTTP: ${JSON.stringify(rest.slice(0, 80))}`
        : (replies.map((reply) => wrongWith(reply, kinds)).find((each) => each !== null) ?? null);
  return { wrong, kind: [...kinds].sort().join(" "), replies };
};

const wrongWith = (reply: Reply, kinds: Set<string>): string | null => {
  const { status, type, body } = reply;
  kinds.add(`${status} ${type}`);
  if (status >= 500) return `status ${status}: ${body.slice(0, 300)}`;
  if (/\n\s+at .*[:(]\d|node_modules|file:\/\//.test(body) && !type.includes("html"))
    return `a stack: ${body.slice(0, 300)}`;
  const parts = partsOf(reply);
  if (parts === null) return `status ${status}: no JSON in ${JSON.stringify(body.slice(0, 200))}`;
  for (const error of parts.flatMap(errorsIn)) {
    const strange = strangeIn(error, kinds);
    if (strange !== null) return `status ${status}: ${strange}`;
  }
  return status >= 400 && body !== "" && parts.flatMap(errorsIn).length === 0
    ? `status ${status} without an error`
    : null;
};

type GraphQLError = { readonly message?: unknown; readonly extensions?: { readonly [name: string]: unknown } };

/** What an error has that is not of the closed set. */
const strangeIn = ({ message, extensions = {} }: GraphQLError, kinds: Set<string>): string | null => {
  const { code } = extensions;
  const shown = JSON.stringify({ message, extensions }).slice(0, 400);
  if (typeof message !== "string" || message.length > 2000) return `a strange message: ${shown}`;
  if (!isFaultCode(code)) return `an unknown code: ${shown}`;
  if (code === "FAULT_OF_OURS" || FAULTS[code].status >= 500) return `a fault: ${shown}`;
  for (const name of ["says", "remedy"]) {
    const text = extensions[name] as { readonly en?: unknown; readonly ja?: unknown } | undefined;
    if (typeof text?.en !== "string" || typeof text.ja !== "string") return `no ${name}: ${shown}`;
  }
  if (!("at" in extensions) || !Array.isArray(extensions["suggestions"])) return `no at or suggestions: ${shown}`;
  kinds.add(`${code} ${message.replace(/"[^"]*"|\d+|[^ -~]+/g, "#").slice(0, 60)}`);
  return null;
};

const errorsIn = (part: object): readonly GraphQLError[] => {
  const { errors = [], incremental = [] } = part as {
    errors?: GraphQLError[];
    incremental?: { errors?: GraphQLError[] }[];
  };
  return [...errors, ...incremental.flatMap(({ errors: inner = [] }) => inner)];
};

/** The JSON objects of an answer: one, or those of a stream. Null where one of them is none. */
const partsOf = ({ type, body }: Reply): readonly object[] | null => {
  const texts = type.includes("event-stream")
    ? [...body.matchAll(/^data: ?(.+)$/gm)].map(([, data]) => data!)
    : type.includes("multipart")
      ? [...body.matchAll(/\r\n\r\n(\{.*\})\r\n---/g)].map(([, data]) => data!)
      : type.includes("json")
        ? [body]
        : [];
  try {
    return texts.filter((text) => text !== "").map((text) => JSON.parse(text) as object);
  } catch {
    return null;
  }
};

/** Takes the responses of a connection apart. `rest`: what is none; a last response that was cut off is left out. */
const repliesOf = (received: Buffer): { readonly replies: readonly Reply[]; readonly rest: string | null } => {
  const replies: Reply[] = [];
  let at = 0;
  while (at < received.length) {
    const end = received.indexOf("\r\n\r\n", at);
    if (end === -1) return { replies, rest: received.toString("latin1", at) };
    const head = received.toString("latin1", at, end);
    const [, digits] = /^HTTP\/1\.1 (\d{3})/.exec(head) ?? [];
    if (digits === undefined) return { replies, rest: head };
    at = end + 4;
    if (digits === "100") continue;
    const { body, next } = bodyAt(received, at, head);
    at = next;
    const [, type = ""] = /^content-type: *([^;\r]*)/im.exec(head) ?? [];
    replies.push({ status: Number(digits), type, body });
  }
  return { replies, rest: null };
};

const bodyAt = (received: Buffer, from: number, head: string): { readonly body: string; readonly next: number } => {
  if (/^transfer-encoding: chunked/im.test(head)) return chunksAt(received, from);
  const [, length] = /^content-length: (\d+)/im.exec(head) ?? [];
  // The answer to HEAD names a length and has no body: the next response, or nothing, follows.
  const isHead = received.toString("latin1", from, from + 5) === "HTTP/" || from >= received.length;
  // To a client of HTTP/1.0 a stream goes on until the connection ends.
  const untilEnd = length === undefined ? received.length : from + Number(length);
  const next = isHead ? from : untilEnd;
  return { body: received.toString("utf8", from, next), next };
};

const chunksAt = (received: Buffer, from: number): { readonly body: string; readonly next: number } => {
  const chunks: Buffer[] = [];
  let at = from;
  while (at < received.length) {
    const end = received.indexOf("\r\n", at);
    const size = Number.parseInt(received.toString("latin1", at, end), 16);
    if (end === -1 || Number.isNaN(size)) break;
    if (size === 0) return { body: Buffer.concat(chunks).toString("utf8"), next: end + 4 };
    chunks.push(received.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  // Cut off, or the answer to a HEAD.
  return { body: "", next: chunks.length === 0 ? from : received.length };
};
