import { BankError } from "../bank-error.ts";
import { answerText, cutOff, type Headers, httpAgent, jsonOf, patience, retryAfter } from "../http/answer.ts";
import { asObject, clean, type JsonObject, reasonOf } from "../http/json.ts";
import { DIRECT, type HttpLink } from "../http/link.ts";
import { pool } from "../pool.ts";
import { unlessAborted } from "../signals.ts";

const LARGEST_ANSWER = 32 * 1024 * 1024;
const REFUSED = new Set([401, 403]);
const BUSY = new Set([429, 503]);
const NOT_TAKEN = new Set([400, 404, 405, 410, 414, 415, 422, 501]);

/** The value as a list of JSON objects; whatever is none is left out. */
export const asObjects = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.map(asObject).filter((item) => item !== undefined) : [];

/** What is sent with a POST. */
export type Sent = { readonly type: string; readonly text: string };

/** An HTTP client for one FHIR server. Every request asks for strict handling of what it sends. */
export type FhirClient = AsyncDisposable & {
  /**
   * GETs an address below the base, or POSTs to it, and gives the resource that comes back. @throws {BankError} for everything
   * else (BANK_UNSUPPORTED where the server does not take the request), signal.reason when the signal aborts.
   */
  fetch(path: string, signal: AbortSignal, sent?: Sent): Promise<JsonObject>;
};

/** Opens a client with connections of its own: at most `atOnce` requests at a time, each for at most `timeoutMs`. */
export function fhirClient(
  bank: string,
  base: string,
  { timeoutMs, atOnce }: { readonly timeoutMs: number; readonly atOnce: number },
  link: HttpLink = DIRECT,
): FhirClient {
  const agent = httpAgent(timeoutMs, atOnce, LARGEST_ANSWER, link);
  const turns = pool(Array.from({ length: atOnce }, (_, index) => index));
  const root = base.replace(/\/?$/, "/");
  const batches = new URL(root);
  let closed: Promise<void> | undefined;

  const ask = async (path: string, signal: AbortSignal, sent: Sent | undefined): Promise<JsonObject> => {
    const url = path === "" ? batches : new URL(path, root);
    const where = url.pathname;
    if (!url.href.startsWith(root)) {
      throw new BankError("BANK_UNSUPPORTED", bank, `${where}: wanted an address below the bank's own, got another`);
    }
    const controller = new AbortController();
    const abort = () => controller.abort(signal.reason);
    let late: BankError | undefined;
    const time = patience(timeoutMs, (wanted) => {
      late = new BankError("BANK_TIMEOUT", bank, `${where}: wanted ${wanted}, got none`);
      controller.abort(late);
    });
    signal.addEventListener("abort", abort, { once: true });
    try {
      const response = await link.send(url, {
        dispatcher: agent,
        method: sent === undefined ? "GET" : "POST",
        headers: {
          accept: "application/fhir+json",
          prefer: "handling=strict",
          ...(sent === undefined ? {} : { "content-type": sent.type }),
        },
        body: sent?.text ?? null,
        signal: controller.signal,
      });
      time.began();
      const text = await answerText(bank, where, response);
      const type = response.headers["content-type"];
      const resource = isJson(type) ? asObject(jsonOf(bank, where, text)) : undefined;
      if (response.statusCode !== 200) {
        throw failure(bank, where, response.statusCode, resource, response.headers);
      }
      if (typeof resource?.["resourceType"] === "string" && resource["resourceType"] !== "OperationOutcome")
        return resource;
      const got = resource === undefined ? `content of type ${clean(String(type ?? "none"))}` : outcomeOf(resource);
      throw new BankError("BANK_BROKEN", bank, `${where}: wanted a FHIR resource, got ${got || "something else"}`, {
        reason: "WRONG_FORM",
      });
    } catch (error) {
      signal.throwIfAborted();
      if (late !== undefined) throw late;
      throw error instanceof BankError ? error : cutOff(bank, where, error, LARGEST_ANSWER);
    } finally {
      time.over();
      signal.removeEventListener("abort", abort);
    }
  };

  return {
    async fetch(path, signal, sent) {
      if (closed !== undefined) throw new BankError("BANK_UNREACHABLE", bank, "the adapter is closed");
      return unlessAborted(
        turns.use(signal, () => ask(path, signal, sent)),
        signal,
      );
    },
    [Symbol.asyncDispose]() {
      closed ??= agent.destroy();
      return closed;
    },
  };
}

/** What an HTTP status means, of a whole answer or of one entry of a batch, with the words of its OperationOutcome. */
export function failure(
  bank: string,
  where: string,
  status: number,
  resource: JsonObject | undefined,
  headers: Headers = {},
): BankError {
  const said = resource === undefined ? "" : outcomeOf(resource);
  const message = `${where}: wanted an answer, got HTTP ${status}${said === "" ? "" : `: ${said}`}`;
  if (REFUSED.has(status)) return new BankError("BANK_REFUSED", bank, message);
  if (BUSY.has(status)) return new BankError("BANK_BUSY", bank, message, retryAfter(headers));
  if (NOT_TAKEN.has(status)) return new BankError("BANK_UNSUPPORTED", bank, message);
  return new BankError("BANK_BROKEN", bank, message, { reason: reasonOf(status) });
}

/** The first thing that an OperationOutcome says; empty where it says nothing. */
export function outcomeOf(resource: JsonObject): string {
  const [issue] = asObjects(resource["issue"]);
  const text = issue?.["diagnostics"] ?? asObject(issue?.["details"])?.["text"] ?? issue?.["code"];
  return typeof text === "string" ? clean(text) : "";
}

const isJson = (type: unknown): boolean => typeof type === "string" && /^application\/([\w.-]+\+)?json\b/i.test(type);
