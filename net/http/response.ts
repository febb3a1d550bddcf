import { BankError } from "../../schema/bank-error.ts";
import { tlsFault } from "./tls-faults.ts";

/** How deep what a server sends may be nested. */
const DEEPEST = 100;

/** As they came. */
export type Headers = { readonly [name: string]: string | readonly string[] | undefined };

/** The JSON in a text, undefined where it is none. @throws {BankError} BANK_BROKEN for one that is nested too deep */
export const jsonOf = (bank: string, where: string, text: string): unknown => {
  if (opensMore(text, DEEPEST) && isDeep(text)) {
    const message = `${where}: wanted JSON of at most ${DEEPEST} levels, got more`;
    throw new BankError("BANK_BROKEN", bank, message, { reason: "TOO_DEEP" });
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Whether a list or an object begins more often than that, be it in a string: which is soon told of a short answer. */
const opensMore = (text: string, times: number): boolean => {
  let left = times;
  for (const sign of ["{", "["]) {
    for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) {
      left -= 1;
      if (left < 0) return true;
    }
  }
  return false;
};

const QUOTE = 34;
const BACKSLASH = 92;
/** Brackets differ from braces in this bit alone. */
const BRACE = 32;
const OPENS = 123;
const CLOSES = 125;

/** Looked at before it is parsed: what is parsed takes many times the memory. */
const isDeep = (text: string): boolean => {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = endOfString(text, at);
    else if ((char | BRACE) === CLOSES) depth -= 1;
    else if ((char | BRACE) === OPENS) {
      depth += 1;
      if (depth > DEEPEST) return true;
    }
  }
  return false;
};

/** Where the string that begins at `from` ends; the end of the text where it does not. Most are too short to be worth a search. */
const endOfString = (text: string, from: number): number => {
  let at = from + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
};

/** The longest wait that is believed. */
const LONGEST_WAIT_MS = 86_400_000;

/** Retry-After: seconds, or a date by the server's own clock, which its Date header tells; without one, by ours. */
export const retryAfter = (headers: Headers): { readonly retryAfterMs?: number } => {
  const wait = waitOf(headers["retry-after"], headers["date"]);
  return wait === undefined ? {} : { retryAfterMs: Math.min(Math.max(0, wait), LONGEST_WAIT_MS) };
};

const waitOf = (after: Headers[string], date: Headers[string]): number | undefined => {
  if (typeof after !== "string") return undefined;
  if (/^\d{1,9}$/.test(after)) return Number(after) * 1000;
  const [at, now] = [Date.parse(after), typeof date === "string" ? Date.parse(date) : Number.NaN];
  return Number.isNaN(at) ? undefined : at - (Number.isNaN(now) ? Date.now() : now);
};

/** What a request failed of that brought no whole answer. `largest`: what the agent was made with, where that is known. */
export const cutOff = (bank: string, where: string, cause: unknown, largest?: number): BankError => {
  const { code, name } = cause as { readonly code?: unknown; readonly name?: unknown };
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE" || code === "UND_ERR_HEADERS_OVERFLOW") {
    const message = `${where}: wanted at most ${largest ?? "so many"} bytes, got more`;
    return new BankError("BANK_BROKEN", bank, message, { cause, reason: "TOO_LARGE" });
  }
  // Not every such error has a code. A body in chunks that ends before the last of them is a lost connection.
  if (name === "HTTPParserError" && code !== "HPE_INVALID_EOF_STATE") {
    const message = `${where}: wanted HTTP, got something else`;
    return new BankError("BANK_BROKEN", bank, message, { cause, reason: "NOT_HTTP" });
  }
  if (code === "UND_ERR_CONNECT_TIMEOUT") {
    return new BankError("BANK_TIMEOUT", bank, `${where}: wanted a connection, got none in time`, { cause });
  }
  const secure = tlsFault(cause);
  if (secure !== undefined)
    return new BankError(secure.code, bank, `${where}: wanted TLS, got ${secure.got}`, { cause });
  const got = typeof code === "string" ? code : "an error";
  return new BankError("BANK_UNREACHABLE", bank, `${where}: wanted an answer, got ${got}`, { cause });
};
