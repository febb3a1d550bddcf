import type { LocalPredicate, LocalQuestion, LocalSelector } from "../local.ts";
import { isNumberColumn, type OmopFields } from "./fields.ts";
import { join } from "./join.ts";
import { type Bind, binder, type Statement } from "./statement.ts";

import { type Where, where } from "./where.ts";

/** What a question's donors must meet: at least one sample by each selector of `needed`, and the rest. */
export type OnePass = { readonly rest: LocalPredicate; readonly needed: readonly LocalSelector[] };

/** Undefined where the donors need no sample, where both counts are not wanted, or where there are facets. */
export const onePassOf = ({ donors, by, only }: LocalQuestion): OnePass | undefined => {
  if (by !== undefined || only !== undefined) return undefined;
  const parts = donors.op === "all" ? donors.of : [donors];
  const needed = parts.flatMap((part) => (part.op === "sample" ? [part.of] : []));
  if (needed.length === 0) return undefined;
  return { rest: { op: "all", of: parts.filter(({ op }) => op !== "sample") }, needed };
};

/**
 * One pass over the samples for questions with the same rest, such as the two ends of one number: samples are gathered by
 * donor, and a donor counts who has one of each kind. Its rows are (question, -1, donors, samples). @throws {Unsupported}
 */
export const onePassSql = (
  fields: OmopFields,
  rest: LocalPredicate,
  questions: readonly { readonly samples: LocalSelector; readonly needed: OnePass["needed"] }[],
): Statement => {
  const { bind, statement } = binder();
  const selectors = questions.flatMap(({ samples, needed }) => [samples, ...needed]);
  const { from, write } = rowsOf(fields, rest, selectors, bind);
  const chosen = questions.map(({ samples }) => write.samples(samples));
  const conditions = questions.map(({ needed }) => needed.map(write.samples));
  const looked = [...new Set([...chosen, ...conditions.flat()])];
  const each = (column: (at: number) => string): string => questions.map((_, at) => column(at)).join(", ");
  const tubes = (at: number): string => `count(*) FILTER (WHERE ${chosen[at]})`;
  // The same aggregate twice is one for PostgreSQL, and the age at collection is dear.
  const kind = (at: number, selector: string): string =>
    selector === chosen[at] ? `${tubes(at)} > 0` : `bool_or(${selector})`;
  const has = (at: number): string => (conditions[at] ?? []).map((selector) => kind(at, selector)).join(" AND ");
  return statement(`SELECT v.question, -1, v.donors, v.samples FROM
    (SELECT ${each((at) => `count(*) FILTER (WHERE h${at}) AS d${at}, coalesce(sum(n${at}) FILTER (WHERE h${at}), 0)::bigint AS s${at}`)} FROM
      (SELECT ${each((at) => `${tubes(at)} AS n${at}, ${has(at)} AS h${at}`)}
        FROM ${from} ${join("any", looked)} GROUP BY s.person_id) AS g) AS t
    CROSS JOIN LATERAL (VALUES ${each((at) => `(${at}, d${at}, s${at})`)}) AS v(question, donors, samples)`);
};

/**
 * The samples to look at, up to the condition that ends it, and the writer for that. An age at collection is reckoned from
 * two dates, which is dear: once for each sample that may be chosen by anything else. OFFSET 0 keeps the two apart.
 */
const rowsOf = (
  fields: OmopFields,
  rest: LocalPredicate,
  selectors: readonly LocalSelector[],
  bind: Bind,
): { readonly from: string; readonly write: Where } => {
  const write = where(fields, bind);
  const w = write.donors(rest);
  const joined = `${fields.table("specimen")} s JOIN ${fields.table("person")} p USING (person_id)`;
  const age = fields.sample.get(AGE);
  if (age === undefined || !isNumberColumn(age) || !selectors.some(write.ofBirth)) {
    return { from: `${w === "TRUE" ? fields.specimens : joined} WHERE ${w === "TRUE" ? "" : `${w} AND`}`, write };
  }
  const others = [...new Set(selectors.map((selector) => write.samples(ageless(selector, true))))];
  const { inDoubt } = age;
  const doubted = inDoubt === undefined ? "" : `, ${inDoubt(bind)} AS age_doubted`;
  const rows = `SELECT s.*, ${age.value(bind)} AS age_then${doubted} FROM ${joined} WHERE ${join("all", [w, join("any", others)])} OFFSET 0`;
  const reckoned = new Map(fields.sample).set(AGE, {
    birth: [],
    halves: age.halves,
    value: () => "s.age_then",
    ...(inDoubt === undefined ? {} : { inDoubt: () => "s.age_doubted" }),
  });
  return { from: `(${rows}) AS s WHERE`, write: where({ ...fields, sample: reckoned }, bind) };
};

const AGE = "AGE_AT_COLLECTION";

/** The selector whatever the age: it selects no fewer samples, or under a `not` no more. */
const ageless = (selector: LocalSelector, positive: boolean): LocalSelector => {
  if (selector.op === "has") return selector.field === AGE ? { op: positive ? "all" : "any", of: [] } : selector;
  if (selector.op === "sure") return selector;
  if (selector.op === "not") return { op: "not", of: ageless(selector.of, !positive) };
  return { op: selector.op, of: selector.of.map((part) => ageless(part, positive)) };
};
