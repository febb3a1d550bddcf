import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A proxy in front of a bank's process that counts its requests. */
export type CountingProxy = AsyncDisposable & {
  readonly port: number;
  /** Questions that reached the bank. */
  readonly answers: () => number;
  /** Holds every request from now on until the returned function is called. */
  readonly hold: () => () => void;
};

/** @param target where the bank is now */
export const countingProxy = async (target: () => string): Promise<CountingProxy> => {
  let answers = 0;
  let held: Promise<void> | undefined;
  const server = createServer(async (request, response) => {
    try {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      if (body.includes("query answers")) {
        answers += 1;
        await held;
      }
      const { authorization = "" } = request.headers;
      const headers = { "content-type": "application/json", ...(authorization === "" ? {} : { authorization }) };
      const answer = await fetch(target(), { method: "POST", headers, body });
      response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    answers: () => answers,
    hold() {
      let release = (): void => undefined;
      held = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
