import { hash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { keepFhir, type Reply, replayFhir } from "./fhir-recording.ts";

/**
 * What a server of others answered, by the canonical request: for each count of a GraphQL request its number or its error, for
 * each search of a FHIR batch its total or its answer, for any other request its whole answer. Requests are taken apart, since
 * how counts are put together depends on timing.
 */
export type Recording = {
  readonly version: string;
  readonly counts: { [key: string]: number | string };
  readonly answers: { [key: string]: { readonly status: number; readonly body: unknown } };
};

/** How many of the questions are recorded. */
export const RECORDED = 40;

const fileOf = (name: string): string => fileURLToPath(new URL(`recordings/${name}.json.gz`, import.meta.url));

/** Reads the recording of a server. */
export const readRecording = async (name: string): Promise<Recording> =>
  JSON.parse(gunzipSync(await readFile(fileOf(name))).toString());

/** Writes the recording of a server. */
export const writeRecording = async (name: string, recording: Recording): Promise<void> =>
  writeFile(fileOf(name), gzipSync(JSON.stringify(recording), { level: 9 }));

/** Names of parts of a server -> their URLs. */
export type Urls = { readonly [part: string]: string };

/** Stands before the parts of a server and keeps what they answer. */
export const startRecorder = async (urls: Urls, recording: Recording): Promise<{ urls: Urls; stop: () => void }> => {
  const servers = Object.entries(urls).map(([part, url]) => {
    const record = async (asked: Asked): Promise<Reply> => {
      const { method, path, body, headers, base } = asked;
      const answer = await fetch(`${url}${path}`, { method, headers, ...(method === "POST" ? { body } : {}) });
      const text = (await answer.text()).replaceAll(url, BASE);
      keep(recording, part, asked, { status: answer.status, body: JSON.parse(text, withoutTrace) });
      return { status: answer.status, body: JSON.parse(text.replaceAll(BASE, base)) };
    };
    return [part, record] as const;
  });
  return serveParts(servers);
};

/** Answers in place of a server as it was recorded. @param renew the command that records it anew */
export const startReplay = (parts: readonly string[], recording: Recording, renew: string) =>
  serveParts(
    parts.map((part) => [
      part,
      async (asked: Asked): Promise<Reply> => {
        const reply = replay(recording, part, asked);
        if (reply !== undefined) return JSON.parse(JSON.stringify(reply).replaceAll(BASE, asked.base));
        const message = `run ${renew}: wanted a request that was recorded, got another`;
        const issue = [{ severity: "error", code: "exception", diagnostics: message }];
        return { status: 500, body: { errors: [{ message }], resourceType: "OperationOutcome", issue } };
      },
    ]),
  );

/** A reviver for JSON that leaves out stack traces, which name the folders of the machine that records. */
const withoutTrace = (name: string, value: unknown): unknown => (name === "stacktrace" ? undefined : value);

/** Stands in recorded answers for the address of the server. */
const BASE = "http://recorded.example";
/** Headers that change what is answered. */
const TOLD = ["accept", "cache-control", "content-type", "prefer"];

/** `base`: the address that it was asked at. */
type Asked = {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: { readonly [name: string]: string };
  readonly base: string;
};
type Counts = readonly { readonly alias: string; readonly index: string; readonly key: string }[];

const keyOf = (text: string): string => hash("sha256", text, "base64url").slice(0, 12);
const wholeKey = (part: string, { method, path, body }: Asked): string => `${part} ${method} ${path} ${keyOf(body)}`;

/** The counts of a GraphQL request that asks for nothing else; undefined for any other request. */
const countsOf = (part: string, { method, body }: Asked): Counts | undefined => {
  if (method !== "POST") return undefined;
  const { query, variables = {} } = JSON.parse(body) as { query: string; variables?: { [alias: string]: unknown } };
  if (!/ hits\(first: 0\)/.test(query) || /aggregations|configs/.test(query)) return undefined;
  return [...query.matchAll(/(\w+) \{ hits\(first: 0\) \{ total \}((?: q\d+: hits\([^)]*\) \{ total \})*)/g)].flatMap(
    ([, index = "", aliases = ""]) => [
      { alias: "hits", index, key: `${part} ${index}` },
      ...[...aliases.matchAll(/q\d+/g)]
        .map(([alias]) => alias)
        .filter((alias, at, all) => all.indexOf(alias) === at)
        .map((alias) => ({ alias, index, key: `${part} ${index} ${keyOf(JSON.stringify(variables[alias]))}` })),
    ],
  );
};

type GraphqlAnswer = {
  readonly data?: { readonly [index: string]: { readonly [alias: string]: { readonly total: number } | null } | null };
  readonly errors?: readonly { readonly message: string; readonly path?: readonly string[] }[];
};

const keep = (recording: Recording, part: string, asked: Asked, reply: Reply): void => {
  if (keepFhir(recording, part, asked, reply)) return;
  const counts = reply.status === 200 ? countsOf(part, asked) : undefined;
  if (counts === undefined) {
    recording.answers[wholeKey(part, asked)] = reply;
    return;
  }
  const { data, errors = [] } = reply.body as GraphqlAnswer;
  for (const { alias, index, key } of counts) {
    const total = data?.[index]?.[alias]?.total;
    const error = errors.find(({ path }) => path?.[0] === index && path[1] === alias);
    recording.counts[key] = total ?? error?.message.slice(0, 200) ?? "no total";
  }
};

const replay = (recording: Recording, part: string, asked: Asked): Reply | undefined => {
  const found = replayFhir(recording, part, asked);
  if (found !== null) return found;
  const counts = countsOf(part, asked);
  if (counts === undefined) return recording.answers[wholeKey(part, asked)];
  const data: { [index: string]: { [alias: string]: { total: number } | null } } = {};
  const errors: object[] = [];
  for (const { alias, index, key } of counts) {
    const total = recording.counts[key];
    if (total === undefined) return undefined;
    const ofIndex = data[index] ?? {};
    data[index] = ofIndex;
    ofIndex[alias] = typeof total === "number" ? { total } : null;
    if (typeof total === "string") {
      errors.push({ message: total, path: [index, alias], extensions: { code: "INTERNAL_SERVER_ERROR" } });
    }
  }
  return { status: 200, body: { data, ...(errors.length === 0 ? {} : { errors }) } };
};

type Part = readonly [name: string, answer: (asked: Asked) => Promise<Reply>];

const serveParts = async (parts: readonly Part[]): Promise<{ urls: Urls; stop: () => void }> => {
  const servers: Server[] = [];
  const urls: { [part: string]: string } = {};
  for (const [name, answer] of parts) {
    // A connection that is closed for being idle is lost to a client that writes just then.
    const server = createServer(
      { keepAliveTimeout: 0 },
      (message, response) => void respond(message, response, answer),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.push(server);
    urls[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const stop = (): void => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  return { urls, stop };
};

const respond = async (message: IncomingMessage, response: ServerResponse, answer: Part[1]): Promise<void> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const { method = "GET", url: path = "/", headers: given } = message;
  const headers = Object.fromEntries(
    TOLD.flatMap((name) => (given[name] === undefined ? [] : [[name, `${given[name]}`]])),
  );
  const asked = { method, path, body: Buffer.concat(chunks).toString(), headers, base: `http://${given.host}` };
  const { status, body } = await answer(asked).catch((error) => ({ status: 502, body: { error: String(error) } }));
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};
