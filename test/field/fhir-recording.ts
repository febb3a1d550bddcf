import type { Recording } from "./recording.ts";

/** An answer over HTTP. */
export type Reply = { readonly status: number; readonly body: unknown };

type Asked = { readonly method: string; readonly path: string; readonly body: string; readonly base: string };
type Json = { readonly [key: string]: unknown };
type Entry = { readonly resource?: Json; readonly response: { readonly status: string; readonly outcome?: Json } };

/** Keeps what a FHIR server answered to each search, alone or in a batch; false for a request of another kind. */
export const keepFhir = (recording: Recording, part: string, asked: Asked, { status, body }: Reply): boolean => {
  const paths = pathsOf(asked);
  if (paths === undefined) return false;
  const entries = asked.method === "GET" ? [] : ((body as { entry?: readonly Entry[] }).entry ?? []);
  for (const [at, path] of paths.entries()) {
    const entry = entries[at];
    const said = entry === undefined ? body : (entry.resource ?? entry.response.outcome ?? {});
    keepOne(
      recording,
      `${part} ${path}`,
      entry === undefined ? status : Number.parseInt(entry.response.status, 10),
      said,
    );
  }
  return true;
};

/** Answers as it was recorded: undefined where a search was not, null for a request of another kind. */
export const replayFhir = (recording: Recording, part: string, asked: Asked): Reply | undefined | null => {
  const paths = pathsOf(asked);
  if (paths === undefined) return null;
  const found = paths.map((path) => recordedOne(recording, `${part} ${path}`, `${asked.base}/${path}`));
  if (asked.method === "GET") return found[0];
  const entry = found.flatMap((reply) => {
    if (reply === undefined) return [];
    const { status, body } = reply;
    return [status === 200 ? { resource: body, response: { status: "200 OK" } } : failed(status, body)];
  });
  if (entry.length < found.length) return undefined;
  return { status: 200, body: { resourceType: "Bundle", type: "batch-response", entry } };
};

const failed = (status: number, outcome: unknown): object => ({ response: { status: String(status), outcome } });

/** What is read below the base of a FHIR server. */
const pathsOf = ({ method, path, body }: Asked): readonly string[] | undefined => {
  if (method === "GET" && /^\/(?:[A-Z]\w+(?:[?/]|$)|metadata|\?_getpages)/.test(path)) return [path.slice(1)];
  if (method !== "POST" || !body.startsWith('{"resourceType":"Bundle"')) return undefined;
  const { entry } = JSON.parse(body) as { entry: readonly { request: { url: string } }[] };
  return entry.map(({ request }) => request.url);
};

/** A searchset of nothing but its total is kept as that number. */
const keepOne = (recording: Recording, key: string, status: number, body: unknown): void => {
  const { type, total, entry } = body as Json;
  if (status === 200 && type === "searchset" && typeof total === "number" && entry === undefined) {
    recording.counts[key] = total;
    return;
  }
  recording.answers[key] = { status, body };
};

const recordedOne = (recording: Recording, key: string, self: string): Reply | undefined => {
  const total = recording.counts[key];
  if (typeof total !== "number") return recording.answers[key];
  const link = [{ relation: "self", url: self }];
  return { status: 200, body: { resourceType: "Bundle", type: "searchset", total, link } };
};
