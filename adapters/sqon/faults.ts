import { asObject, type JsonObject } from "../../net/http/json-client.ts";
import { BankError, type BankErrorCode } from "../../schema/bank-error.ts";
import { bankBroken } from "../kit/failures.ts";
import { serverWords } from "../kit/server-words.ts";

/** An error of an answer: the code that it means, and whether the server itself gave no meaning. */
export type Fault = { readonly error: BankError; readonly opaque: boolean };

/**
 * The first error of an answer that is about no path, or about this one; undefined where there is none. Arranger gives every
 * fault of a search as INTERNAL_SERVER_ERROR, so that its words have to tell a search engine that cannot be reached.
 */
export const faultAt = (bank: string, answer: JsonObject, path: readonly string[]): Fault | undefined => {
  const { errors } = answer;
  if (errors === undefined || errors === null) return undefined;
  if (!Array.isArray(errors)) {
    return { error: bankBroken(bank, "errors: wanted a list, got something else"), opaque: false };
  }
  for (const error of errors.map((each) => asObject(each) ?? {})) {
    const at: readonly unknown[] = Array.isArray(error["path"]) ? error["path"] : [];
    if (!path.every((name, depth) => at.length <= depth || at[depth] === name)) continue;
    const said = typeof error["message"] === "string" ? error["message"] : "";
    const code = CODES.get(asObject(error["extensions"])?.["code"]) ?? codeOf(said);
    const words = serverWords(error["message"]) ?? "an error without a message";
    return {
      error: new BankError(code ?? "BANK_BROKEN", bank, `${path[0]}: wanted an answer, got ${words}`),
      opaque: code === undefined && at.length >= path.length,
    };
  }
  return undefined;
};

/** @throws {BankError} for the first error that is about no path, or about this one */
export const requireNoFault = (bank: string, answer: JsonObject, path: readonly string[]): void => {
  const fault = faultAt(bank, answer, path);
  if (fault !== undefined) throw fault.error;
};

/** What the codes of GraphQL errors that servers have in common mean. */
const CODES: ReadonlyMap<unknown, BankErrorCode> = new Map<unknown, BankErrorCode>([
  ["UNAUTHENTICATED", "BANK_REFUSED"],
  ["FORBIDDEN", "BANK_REFUSED"],
  ["BAD_USER_INPUT", "BANK_UNSUPPORTED"],
  ["TOO_MANY_REQUESTS", "BANK_BUSY"],
  ["RATE_LIMITED", "BANK_BUSY"],
  ["SERVICE_UNAVAILABLE", "BANK_BUSY"],
]);

const codeOf = (said: string): BankErrorCode | undefined => {
  if (/rejected_execution|circuit_breaking|too many requests/i.test(said)) return "BANK_BUSY";
  if (NO_ENGINE.test(said)) return "BANK_UNREACHABLE";
  return /security_exception|authorization_exception/i.test(said) ? "BANK_REFUSED" : undefined;
};

/** What clients of Elasticsearch and OpenSearch say where the engine, or all shards of an index, cannot be reached. */
const NO_ENGINE =
  /ECONN(REFUSED|RESET|ABORTED)|E(HOST|NET)UNREACH|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|socket hang up|other side closed|No ?Living ?Connections|ConnectionError|TimeoutError|request timed out|no_shard_available|unavailable_shards|master_not_discovered|cluster_block|service unavailable/i;
