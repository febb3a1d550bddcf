import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { json, type Reply } from "./queue-server.ts";

/** Decides about one request: a reply of its own, or undefined to let the server behind answer. */
export type Intercept = (path: string, answer: () => Promise<Bundle>) => Reply | Promise<Reply> | undefined;
type Bundle = { entry: { resource: object; response: object }[] };

/** Stands before a FHIR server. With `intercept` set a test decides what is answered; until then the server does. */
export async function fhirProxy(target: string) {
  const state: { intercept?: Intercept; readonly prefers: Set<unknown>; posts: number } = {
    prefers: new Set(),
    posts: 0,
  };
  const server = createServer(async (message, response) => {
    let text = "";
    for await (const chunk of message) text += String(chunk);
    state.prefers.add(message.headers["prefer"]);
    if (message.method === "POST") state.posts += 1;
    const { accept, prefer, "content-type": type } = message.headers;
    const headers = Object.fromEntries(
      Object.entries({ accept, prefer, "content-type": type }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)]],
      ),
    );
    const path = (message.url ?? "/").slice(1);
    const behind = () =>
      fetch(`${target}/${path}`, {
        method: message.method ?? "GET",
        headers,
        ...(text === "" ? {} : { body: text }),
      });
    const own = await state.intercept?.(path, async () => (await (await behind()).json()) as Bundle);
    if (own === "silent") return;
    if (typeof own === "function") own(response);
    else if (own !== undefined) json(200, own)(response);
    else {
      const answer = await behind();
      json(answer.status, (await answer.json()) as object)(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, state };
}
