import type { Dispatcher } from "undici";
import { BankError } from "../../schema/bank-error.ts";
import { withDeadline } from "../deadline.ts";
import { cutOff, type Headers } from "./response.ts";

/** What is sent: a POST where there is a body, else a GET. */
export type HttpRequest = { readonly headers: { readonly [name: string]: string }; readonly body?: string | undefined };
/** A whole answer, whatever its status. */
export type HttpResponse = { readonly status: number; readonly headers: Headers; readonly text: string };

/** How long somebody waits: until the signal aborts, and until a moment of `performance.now()`, `timeoutMs` after the start. */
export type Wait = { readonly signal: AbortSignal; readonly timeoutMs: number; readonly until: number };

/**
 * Sends one request and gives the whole answer to it. @throws {BankError} where none came, or none in time; signal.reason when
 * the signal aborts. Nothing is read any more then.
 */
export type Exchange = (url: URL, sent: HttpRequest, wait: Wait) => Promise<HttpResponse>;

/** How long an answer may take from its first byte to its last, where that is less than there is for all of it. */
const SENDING_MS = 2000;

/**
 * Exchanges over a dispatcher, by its events: small answers come sooner without the stream that undici's own `request` makes
 * of each, and without a signal for each that puts the time and the asker together.
 * @param largest what the dispatcher was made with, for those who read the error
 * @param where before the path in errors
 */
export const exchangeOver =
  (bank: string, dispatcher: Dispatcher, largest?: number, where = ""): Exchange =>
  (url, { headers, body }, { signal, timeoutMs, until }) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const path = where + url.pathname;
      let [status, received]: [number, Headers] = [0, {}];
      let parts: Buffer[] = [];
      let request: Dispatcher.DispatchController | undefined;
      let isOver = false;

      const over = (): void => {
        isOver = true;
        clearTimeout(timer);
        signal.removeEventListener("abort", leave);
      };
      const fail = (error: unknown): void => {
        if (isOver) return;
        over();
        reject(error);
        request?.abort(STOPPED);
      };
      const leave = (): void => fail(signal.reason);
      const giveUp = (wanted: string): void => fail(late(bank, path, wanted));
      let timer = setTimeout(giveUp, until - performance.now(), anAnswerIn(timeoutMs));
      signal.addEventListener("abort", leave);

      dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: body === undefined ? "GET" : "POST",
          headers,
          body: body ?? null,
        },
        {
          onRequestStart(controller) {
            request = controller;
            if (isOver) controller.abort(STOPPED);
          },
          onResponseStart(_controller, code, got) {
            if (code < 200) return;
            [status, received, parts] = [code, got as Headers, []];
            if (isCompressed(received)) return fail(compressed(bank, path));
            if (until - performance.now() <= SENDING_MS) return;
            clearTimeout(timer);
            timer = setTimeout(giveUp, SENDING_MS, `the rest of an answer in ${SENDING_MS} ms`);
          },
          onResponseData(_controller, part) {
            parts.push(part);
          },
          onResponseEnd() {
            if (isOver) return;
            over();
            resolve({ status, headers: received, text: textOf(parts) });
          },
          onResponseError(_controller, error) {
            fail(cutOff(bank, path, error, largest));
          },
        },
      );
    });

const STOPPED = new Error("nobody waits for the answer any more");

/** The outcome of work that knows no limit of its own. @throws {BankError} where it takes too long; signal.reason */
export const inTime = <T>(
  work: (signal: AbortSignal) => Promise<T>,
  bank: string,
  path: string,
  { signal, timeoutMs, until }: Wait,
): Promise<T> => withDeadline(work, until - performance.now(), () => late(bank, path, anAnswerIn(timeoutMs)), signal);

const anAnswerIn = (ms: number): string => `an answer in ${ms} ms`;
const late = (bank: string, path: string, wanted: string): BankError =>
  new BankError("BANK_TIMEOUT", bank, `${path}: wanted ${wanted}, got none`);

const isCompressed = ({ "content-encoding": encoding }: Headers): boolean =>
  encoding !== undefined && !/^(identity)?$/i.test(String(encoding));
const compressed = (bank: string, path: string): BankError => {
  const message = `${path}: wanted an answer without content-encoding, got a compressed one`;
  return new BankError("BANK_BROKEN", bank, message, { reason: "COMPRESSED" });
};

const BYTE_ORDER_MARK = "\uFEFF";
const textOf = (parts: readonly Buffer[]): string => {
  const text = (parts.length === 1 ? parts[0]! : Buffer.concat(parts)).toString("utf8");
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
};
