import { asObject, type JsonClient, type JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { caught } from "../kit/failures.ts";
import type { Unit } from "../local.ts";
import type { CatalogueServer } from "./request.ts";

/**
 * The types of an index's fields as its mapping has them (`keyword`, `nested`), by path; undefined where the server does not
 * tell them. Arranger 3 has them under `configs`, Arranger 2 beside `hits`. @throws {BankError}
 */
export const fieldTypes = async (
  { indexes, endpoints }: CatalogueServer,
  unit: Unit,
  client: Pick<JsonClient, "fetch">,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string> | undefined> => {
  for (const selection of ["configs { extended }", "extended"]) {
    const query = JSON.stringify({ query: `query { ${indexes[unit]} { ${selection} } }` });
    const answer = await caught(() => client.fetch(endpoints[unit], signal, query));
    if (answer instanceof BankError) {
      // HTTP 400: the schema has no such field.
      if (answer.code !== "BANK_BROKEN" && answer.code !== "BANK_UNSUPPORTED") throw answer;
      continue;
    }
    const types = typesIn(answer, indexes[unit]);
    if (types !== undefined) return types;
  }
  return undefined;
};

const typesIn = (answer: JsonObject, index: string): ReadonlyMap<string, string> | undefined => {
  const found = asObject(asObject(answer["data"])?.[index]);
  const listed = asObject(found?.["configs"])?.["extended"] ?? found?.["extended"];
  if (!Array.isArray(listed)) return undefined;
  const types = new Map<string, string>();
  for (const each of listed.map((one) => asObject(one) ?? {})) {
    const path = each["fieldName"] ?? each["field"];
    if (typeof path === "string" && typeof each["type"] === "string") types.set(path, each["type"]);
  }
  return types.size === 0 ? undefined : types;
};

/**
 * How the values of a field are compared.
 * - `words`: texts, each as a whole. `parts`: texts by their words, so that no condition finds a whole value.
 * - `truth`: true or false. `whole`, `decimal`: numbers. `days`: dates that are
 *   compared by day. `moments`: dates of a format with a time, which Arranger adds to a day where it compares two ends apart.
 * - `none`: no values of its own, such as `nested`. `unknown`: the server does not tell.
 */
export type ValueKind = "words" | "parts" | "truth" | "whole" | "decimal" | "days" | "moments" | "none" | "unknown";

/** The kind of values that a field of this type holds. */
export const valueKind = (type: string | undefined): ValueKind =>
  type === undefined ? "unknown" : (KINDS[type] ?? "unknown");

const KINDS: { readonly [type: string]: ValueKind } = {
  keyword: "words",
  constant_keyword: "words",
  wildcard: "words",
  text: "parts",
  match_only_text: "parts",
  search_as_you_type: "parts",
  boolean: "truth",
  byte: "whole",
  short: "whole",
  integer: "whole",
  long: "whole",
  unsigned_long: "whole",
  half_float: "decimal",
  float: "decimal",
  double: "decimal",
  scaled_float: "decimal",
  date: "days",
  date_nanos: "days",
  object: "none",
  nested: "none",
};
