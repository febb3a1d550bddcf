import { asObject, type JsonObject } from "../../net/http/json-client.ts";
import { bankBroken } from "../kit/failures.ts";
import { shown } from "../kit/server-words.ts";
import type { Unit } from "../local.ts";
import type { Filter } from "./filters.ts";

/** What was sent: an answer may be that of another question, from a server that mixes up requests that come at once. */
export type Sent = { readonly filters: readonly Filter[]; readonly unit: Unit };

/** The entity of each count. */
export const ENTITIES: { readonly [U in Unit]: "individual" | "biosample" } = {
  DONORS: "individual",
  SAMPLES: "biosample",
};

/**
 * Compares what an answer says that it was asked with what was asked: the entity, and each filter's id, operator, value and
 * descendants as far as it repeats them. Standard and servers leave much of that out.
 * @throws {BankError} BANK_BROKEN where it answers something else
 */
export const requireOurs = (bank: string, answer: JsonObject, meta: JsonObject, sent: Sent): void => {
  const received = asObject(meta["receivedRequestSummary"]);
  const [returned, requested] = [meta["returnedSchemas"], received?.["requestedSchemas"]];
  for (const schemas of [returned, requested]) requireEntity(bank, schemas, sent);
  const summary = asObject(answer["responseSummary"]);
  // Some never name a schema. Of others an empty list beside nothing found may mean that the entity was not understood.
  if (isEmptyList(returned) && isEmptyList(requested ?? []) && !summary?.["exists"] && !summary?.["numTotalResults"]) {
    broken(bank, "meta.returnedSchemas", "none: the entity was not understood");
  }
  requireFilters(bank, received?.["filters"], sent);
  requireManner(bank, received ?? {});
  if (meta["testMode"] === true || received?.["testMode"] === true)
    broken(bank, "a count of the data", "one of test data");
  for (const words of [answer["info"], meta["info"], meta["warnings"], summary?.["info"]]) {
    const ignored = textsIn(words).find((said) => /filter|term|parameter/i.test(said) && IGNORED.test(said));
    if (ignored !== undefined) broken(bank, "every filter taken", shown(ignored));
  }
};

const IGNORED =
  /\bignor|\bunsupported\b|\bunknown\b|\bunrecogni[sz]ed\b|\bnot (supported|recogni[sz]ed|applied|known|taken)\b/i;

const broken = (bank: string, wanted: string, got: string): never => {
  throw bankBroken(bank, `wanted ${wanted}, got ${got}`, "WRONG_FORM");
};

const requireEntity = (bank: string, schemas: unknown, { unit }: Sent): void => {
  if (!Array.isArray(schemas)) return;
  const types = schemas.map((schema) => asObject(schema)?.["entityType"]).filter((type) => typeof type === "string");
  const wanted = ENTITIES[unit];
  // Some write it as the path, in the plural.
  if (types.length === 0 || types.some((type) => type.toLowerCase().replace(/s$/, "") === wanted)) return;
  broken(bank, `an answer about ${wanted}`, `one about ${shown(types[0])}`);
};

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Filters are repeated as they came, or by their ids alone. */
const requireFilters = (bank: string, received: unknown, { filters }: Sent): void => {
  if (!Array.isArray(received)) return;
  if (received.length < filters.length) broken(bank, "all filters received", "fewer: the others were ignored");
  if (received.length > filters.length) broken(bank, "the filters that were sent", "more: another question's answer");
  const left = [...filters];
  for (const one of received) {
    const { id, operator, value, includeDescendantTerms, scope }: JsonObject =
      typeof one === "string" ? { id: one } : (asObject(one) ?? {});
    if (typeof id !== "string") continue;
    const at = left.findIndex(
      (filter) =>
        filter.id === id &&
        agrees(filter, "operator", operator) &&
        agrees(filter, "value", value) &&
        isSameScope(filter, scope) &&
        agrees(filter, "includeDescendantTerms", includeDescendantTerms),
    );
    if (at < 0) broken(bank, "the filters that were sent", `${shown(id)}: another question's answer`);
    left.splice(at, 1);
  }
};

/** Whether a member of a filter was repeated as it was sent, if it was. */
const agrees = (filter: Filter, member: "operator" | "value" | "includeDescendantTerms", received: unknown): boolean =>
  received === undefined ||
  received === null ||
  filter[member] === undefined ||
  String(received) === String(filter[member]);

/** Some write a scope as the path, in the plural. */
const isSameScope = ({ scope }: Filter, received: unknown): boolean => {
  const spelled = (text: string): string => text.toLowerCase().replace(/s$/, "");
  return typeof received !== "string" || received === "" || spelled(received) === spelled(scope);
};

/** Compares how the answer was asked for, as far as it repeats it: records without a match, or behind a page, are another question. */
const requireManner = (bank: string, received: JsonObject): void => {
  const sets = received["includeResultsetResponses"] ?? received["IncludeResultsetResponses"];
  if (sets === "MISS") broken(bank, "an answer about matches", "one about sets without any");
  const skip = asObject(received["pagination"])?.["skip"];
  if (typeof skip === "number" && skip !== 0) broken(bank, "the first page", "a later one: another question's answer");
};

/** All texts below a value, and the names of members that say something: { "ignoredFilters": ["x"] } reads "ignored Filters". */
const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, of]) => {
    const words = Array.isArray(value) || !saysSomething(of) ? [] : [name.replace(/([a-z])(?=[A-Z])|_/g, "$1 ")];
    return [...words, ...textsIn(of)];
  });
};

const saysSomething = (value: unknown): boolean =>
  typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);
