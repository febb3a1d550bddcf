import { asObject, type Dialect, type JsonObject } from "../../net/http/json-client.ts";
import { BankError, type BankErrorCode } from "../../schema/bank-error.ts";
import { toldCount } from "../kit/parse-count.ts";
import { serverWords, shown } from "../kit/server-words.ts";
import type { Range, Release } from "../local.ts";
import type { Sqon } from "./leaves.ts";
import type { SqonOptions } from "./options.ts";

/** One count of documents. `alias` names it in the request and in the answer, and its filter in the variables. */
export type Count = { readonly alias: string; readonly index: string; readonly filter: Sqon };

/** HTTP 400 is BANK_BROKEN: GraphQL answers so to a request that does not fit its schema, whatever the question. */
export const GRAPHQL: Dialect = {
  said: (answer) =>
    serverWords(Array.isArray(answer["errors"]) ? asObject(answer["errors"][0])?.["message"] : undefined),
};

/** The release and any number of counts as one request; filters travel as variables. */
export const countsBody = (counts: readonly Count[], { release }: SqonOptions): string => {
  const hits = ({ alias }: Count): string => `${alias}: hits(filters: $${alias}, first: 0) { total }`;
  const roots = [...new Set(counts.map(({ index }) => index))].map(
    (index) =>
      `${index} { ${counts
        .filter((count) => count.index === index)
        .map(hits)
        .join(" ")} }`,
  );
  const variables = counts.map(({ alias }) => `$${alias}: JSON`);
  return JSON.stringify({
    query: `query${variables.length === 0 ? "" : `(${variables.join(", ")})`} { ${[released(release), ...roots].join(" ")} }`,
    variables: Object.fromEntries(counts.map(({ alias, filter }) => [alias, filter])),
  });
};

/** Names every field that will be filtered by, so that the server itself says which of them it does not have. */
export const checkBody = (paths: ReadonlyMap<string, readonly string[]>, { release }: SqonOptions): string => {
  // Of documents without any field there is nothing to check; an empty selection is no GraphQL.
  const selections = [...paths]
    .filter(([, of]) => of.length > 0)
    .map(([index, of]) => {
      const names = of.map((path) => `${path.replaceAll(".", "__")} { __typename }`);
      return `${index} { aggregations { ${names.join(" ")} } }`;
    });
  return JSON.stringify({ query: `query { ${[released(release), ...selections].join(" ")} }` });
};

/** What an answer says of one count. A count that is unknown is a BankError, never 0. */
export const readCount = (bank: string, answer: JsonObject, { index, alias }: Count): Range | BankError => {
  const fault = faultAt(bank, answer, [index, alias]);
  if (fault !== undefined) return fault;
  const hits = asObject(asObject(asObject(answer["data"])?.[index])?.[alias]);
  const total = toldCount(bank, `${index}.hits.total`, hits?.["total"]);
  return total instanceof BankError ? total : { min: total, max: total };
};

/** The release that an answer tells. @throws {BankError} */
export const readRelease = (bank: string, answer: JsonObject, { release }: SqonOptions): Release => {
  const fault = faultAt(bank, answer, [release.field]);
  if (fault !== undefined) throw fault;
  const told = asObject(asObject(answer["data"])?.[release.field]);
  const text = (name: string): string => {
    const value = told?.[name];
    if ((typeof value === "string" && value !== "") || typeof value === "number") return String(value);
    throw new BankError("BANK_BROKEN", bank, `${release.field}.${name}: wanted a text, got ${shown(value)}`);
  };
  const date = text(release.date).slice(0, 10);
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) {
    throw new BankError(
      "BANK_BROKEN",
      bank,
      `${release.field}.${release.date}: wanted a date, got ${serverWords(date)}`,
    );
  }
  return { id: `${bank}@${text(release.id)}`, date, kind: "ANNOUNCED" };
};

/** The first error of an answer that has nothing to do with single counts or that strikes this path. */
export const faultAt = (bank: string, answer: JsonObject, path: readonly string[]): BankError | undefined => {
  const { errors } = answer;
  if (errors === undefined || errors === null) return undefined;
  if (!Array.isArray(errors)) return new BankError("BANK_BROKEN", bank, "errors: wanted a list, got something else");
  for (const error of errors.map((each) => asObject(each) ?? {})) {
    const at: readonly unknown[] = Array.isArray(error["path"]) ? error["path"] : [];
    if (!path.every((name, depth) => at.length <= depth || at[depth] === name)) continue;
    const code = asObject(error["extensions"])?.["code"];
    const message = serverWords(error["message"]) ?? "an error without a message";
    return new BankError(CODES.get(code) ?? "BANK_BROKEN", bank, `${path[0]}: wanted an answer, got ${message}`);
  }
  return undefined;
};

/** What the codes of GraphQL errors that servers have in common mean; any other one is a fault of the bank's. */
const CODES: ReadonlyMap<unknown, BankErrorCode> = new Map<unknown, BankErrorCode>([
  ["UNAUTHENTICATED", "BANK_REFUSED"],
  ["FORBIDDEN", "BANK_REFUSED"],
  ["BAD_USER_INPUT", "BANK_UNSUPPORTED"],
  ["TOO_MANY_REQUESTS", "BANK_BUSY"],
  ["RATE_LIMITED", "BANK_BUSY"],
  ["SERVICE_UNAVAILABLE", "BANK_BUSY"],
]);

const released = ({ field, id, date }: SqonOptions["release"]): string => `${field} { ${id} ${date} }`;
