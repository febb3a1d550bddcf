import { type DocumentNode, type ExecutionResult, execute, parse } from "graphql";
import { withManyListeners } from "../../../net/signals.ts";
import { isTurnOver, nextTurn } from "../../../net/turns.ts";
import type { Subgraph, SubgraphContext } from "../subgraph.ts";
import type { Ask, FromThread, LoggedError, ToThread } from "./messages.ts";

/** The thread's end of its channel to the gateway. */
export type Port = {
  readonly postMessage: (message: FromThread) => void;
  readonly on: (event: "message", listener: (message: ToThread) => void) => unknown;
};

/**
 * Answers what the gateway asks of these banks, until it closes them.
 * @param banks open; the gateway names each by its place
 */
export const hostBanks = (port: Port, banks: readonly Subgraph[]): void => {
  const running = new Map<number, AbortController>();
  const documentOf = parsedOnce();

  const resultOf = async (
    { bank, document, variables, operator }: Ask,
    signal: AbortSignal,
  ): Promise<ExecutionResult> =>
    execute({
      schema: banks[bank]!.schema,
      document: documentOf(document),
      variableValues: variables,
      contextValue: { signal, operator } satisfies SubgraphContext,
    });
  const answer = async (id: number, ask: Ask): Promise<void> => {
    const stop = new AbortController();
    const signal = withManyListeners(stop.signal);
    running.set(id, stop);
    const fault = (error: unknown): void => {
      // What a bank says after its asker has left is no fault.
      if (!signal.aborted) port.postMessage({ kind: "fault", bank: banks[ask.bank]!.id, error: loggedError(error) });
    };
    let json: string;
    try {
      if (isTurnOver()) await nextTurn(undefined, signal);
      const result = await resultOf(ask, signal);
      for (const error of faultsIn(result)) fault(error);
      json = JSON.stringify(result);
    } catch (error) {
      fault(error);
      json = JSON.stringify({ errors: [{ message: loggedError(error).message }] });
    }
    running.delete(id);
    port.postMessage({ kind: "answer", id, json });
  };
  const close = async (id: number): Promise<void> => {
    await Promise.allSettled(banks.map((bank) => bank[Symbol.asyncDispose]()));
    port.postMessage({ kind: "answer", id, json: "null" });
  };

  port.on("message", ({ kind, id, ...ask }) => {
    if (kind === "ask") void answer(id, ask as Ask);
    else if (kind === "abort") running.get(id)?.abort(LEFT);
    else if (kind === "close") void close(id);
    else port.postMessage({ kind: "answer", id, json: "null" });
  });
  port.postMessage({ kind: "ready", ids: banks.map(({ id }) => id) });
};

/** What the log shows of an error: the error itself may hold what cannot be cloned. */
export const loggedError = (error: unknown): LoggedError => {
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  return { message, stack };
};

const LEFT = new DOMException("the asker has left", "AbortError");

/** Parses each document once. A gateway has a handful of them. */
const parsedOnce = (): ((text: string) => DocumentNode) => {
  const parsed = new Map<string, DocumentNode>();
  return (text) => {
    const document = parsed.get(text) ?? parse(text);
    parsed.set(text, document);
    return document;
  };
};

/** The errors of a result that are bugs: what a subgraph refuses has a code. */
const faultsIn = ({ errors = [] }: ExecutionResult): readonly Error[] =>
  errors.flatMap((error) => (error.extensions["code"] === undefined ? [error.originalError ?? error] : []));
