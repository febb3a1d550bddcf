import { json, serve } from "../loopback.ts";
import { type Reply, send } from "./scripted-beacon.ts";

/** Decides about one request: a reply of its own, or undefined to let the server answer. */
export type Intercept = (path: string, answer: () => Promise<Bundle>) => Reply | undefined | Promise<Reply | undefined>;
type Bundle = { entry: { resource: object; response: object }[] };

/** Stands before a FHIR server. With `intercept` set a test decides what is answered; until then the server does. */
export const fhirProxy = async (target: string) => {
  const state: {
    intercept?: Intercept;
    readonly prefers: Set<unknown>;
    readonly caching: Map<string, Set<unknown>>;
    posts: number;
  } = {
    prefers: new Set(),
    caching: new Map([
      ["metadata", new Set()],
      ["search", new Set()],
    ]),
    posts: 0,
  };
  const { url } = await serve(async ({ method = "GET", url: asked = "/", headers }, body, response) => {
    state.prefers.add(headers["prefer"]);
    state.caching.get(asked.startsWith("/metadata") ? "metadata" : "search")!.add(headers["cache-control"]);
    if (method === "POST") state.posts += 1;
    const kept = ["accept", "prefer", "content-type"].flatMap((name) =>
      headers[name] === undefined ? [] : [[name, String(headers[name])]],
    );
    const path = asked.slice(1);
    const upstream = () =>
      fetch(`${target}/${path}`, { method, headers: Object.fromEntries(kept), ...(body === "" ? {} : { body }) });
    const own = await state.intercept?.(path, async () => (await (await upstream()).json()) as Bundle);
    if (own !== undefined) return send(own, response);
    const answer = await upstream();
    json(answer.status, (await answer.json()) as object)(response);
  });
  return { url, state };
};
