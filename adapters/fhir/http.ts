import { httpClient } from "../../net/http/client.ts";
import type { HttpResponse } from "../../net/http/exchange.ts";
import { asObject, isJson, type JsonObject, printable } from "../../net/http/json-client.ts";
import { DIRECT, type HttpLink } from "../../net/http/link.ts";
import { type Headers, jsonOf } from "../../net/http/response.ts";
import { type StatusCodes, statusFault } from "../../net/http/status-fault.ts";
import { BankError } from "../../schema/bank-error.ts";
import { bankBroken } from "../kit/failures.ts";
import { serverWords } from "../kit/server-words.ts";

const LARGEST_ANSWER = 32 * 1024 * 1024;
/** HTTP statuses by which a server says that it does not take a request. */
const NOT_TAKEN = new Set([400, 404, 405, 410, 414, 415, 422, 501]);

/** The JSON objects in a list; empty where the value is no list. */
export const asObjects = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.map(asObject).filter((item) => item !== undefined) : [];

/** See fhirClient. */
export type FhirClient = ReturnType<typeof fhirClient>;

/** The body of a POST. */
type Body = { readonly type: string; readonly text: string };

/**
 * An HTTP client for one FHIR server, with connections of its own: at most `atOnce` requests at a time, each for at most
 * `timeoutMs`. Every request asks for strict handling of what it sends.
 */
export const fhirClient = (
  bank: string,
  base: string,
  { timeoutMs, atOnce }: { readonly timeoutMs: number; readonly atOnce: number },
  link: HttpLink = DIRECT,
) => {
  const client = httpClient(bank, { timeoutMs, atOnce, largest: LARGEST_ANSWER }, link);
  const root = base.replace(/\/?$/, "/");
  const batches = new URL(root);
  return {
    /**
     * GETs an address below the base, or POSTs to it, and gives the resource that comes back. @throws {BankError} for everything
     * else (BANK_UNSUPPORTED where the server does not take the request), signal.reason when the signal aborts.
     */
    async fetch(path: string, signal: AbortSignal, body?: Body): Promise<JsonObject> {
      const url = path === "" ? batches : new URL(path, root);
      const where = url.pathname;
      if (!url.href.startsWith(root)) {
        throw new BankError("BANK_UNSUPPORTED", bank, `${where}: wanted an address below the bank's own, got another`);
      }
      const headers = {
        ...STRICT,
        ...(path.startsWith("metadata") ? {} : FRESH),
        ...(body === undefined ? {} : { "content-type": body.type }),
      };
      return readAnswer(bank, where, await client.send(url, { headers, body: body?.text }, signal));
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
};

const STRICT = { accept: "application/fhir+json", prefer: "handling=strict" };
/** Servers answer a search that they have answered before from a cache, also after the data have changed. */
const FRESH = { "cache-control": "no-cache" };

const readAnswer = (bank: string, where: string, { status, headers, text }: HttpResponse): JsonObject => {
  const type = headers["content-type"];
  const resource = isJson(type) ? asObject(jsonOf(bank, where, text)) : undefined;
  if (status !== 200) throw failure(bank, where, { status, headers }, resource);
  const kind = resource?.["resourceType"];
  if (resource !== undefined && typeof kind === "string" && kind !== "OperationOutcome") return resource;
  const got = resource === undefined ? `content of type ${printable(String(type ?? "none"))}` : outcomeOf(resource);
  throw bankBroken(bank, `${where}: wanted a FHIR resource, got ${got || "something else"}`, "WRONG_FORM");
};

/** What an HTTP status means, of a whole answer or of one entry of a batch, with the words of its OperationOutcome. */
export const failure = (
  bank: string,
  where: string,
  answer: { readonly status: number; readonly headers?: Headers },
  resource: JsonObject | undefined,
): BankError => {
  const words = resource === undefined ? "" : outcomeOf(resource);
  return statusFault(bank, answer, { where, said: words === "" ? "" : `: ${words}` }, notTaken);
};

const notTaken: StatusCodes = (status) => (NOT_TAKEN.has(status) ? "BANK_UNSUPPORTED" : undefined);

/** The first thing that an OperationOutcome says; empty where it says nothing. */
export const outcomeOf = (resource: JsonObject): string => {
  const [issue] = asObjects(resource["issue"]);
  const text = issue?.["diagnostics"] ?? asObject(issue?.["details"])?.["text"] ?? issue?.["code"];
  return serverWords(text) ?? "";
};
