import type { Dispatcher } from "undici";
import { BankError } from "../../schema/bank-error.ts";
import { withDeadline } from "../deadline.ts";
import { cutOff, type Headers } from "./response.ts";

/** A POST where there is a body, else a GET. */
export type HttpRequest = { readonly headers: { readonly [name: string]: string }; readonly body?: string | undefined };
/** A complete response, whatever its status. */
export type HttpResponse = { readonly status: number; readonly headers: Headers; readonly text: string };

/** Time limit: the signal, and the moment `until` of `performance.now()`, which is `timeoutMs` after the start. */
export type TimeLimit = { readonly signal: AbortSignal; readonly timeoutMs: number; readonly until: number };

/**
 * Sends one request and returns the complete response. @throws {BankError} where none comes in time; signal.reason when the
 * signal aborts, which also ends the request
 */
export type Exchange = (url: URL, request: HttpRequest, limit: TimeLimit) => Promise<HttpResponse>;

/**
 * Exchanges by the events of an undici dispatcher. undici's own `request` makes a stream for each response, and would need a
 * signal that joins time limit and asker: a third of a request to a bank that answers in 0.5 ms.
 * @param largest the dispatcher's maxResponseSize, for errors
 * @param where prefix of the path in errors
 */
export const exchangeOver =
  (bank: string, dispatcher: Dispatcher, largest?: number, where = ""): Exchange =>
  (url, { headers, body }, { signal, timeoutMs, until }) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const path = where + url.pathname;
      let status = 0;
      let received: Headers = {};
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
      const expire = (): void => fail(late(bank, path, timeoutMs));
      const timer = setTimeout(expire, until - performance.now());
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
            if (isCompressed(received)) fail(compressed(bank, path));
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

const STOPPED = new Error("the request was given up");

/** Runs work within the time limit of an exchange. @throws {BankError} BANK_TIMEOUT; signal.reason */
export const inTime = <T>(
  work: (signal: AbortSignal) => Promise<T>,
  bank: string,
  path: string,
  { signal, timeoutMs, until }: TimeLimit,
): Promise<T> => withDeadline(work, until - performance.now(), () => late(bank, path, timeoutMs), signal);

const late = (bank: string, path: string, ms: number): BankError =>
  new BankError("BANK_TIMEOUT", bank, `${path}: wanted an answer in ${ms} ms, got none`);

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
