import { Refusal } from "../refusal.ts";
import type { Condition, EntryType, Operator } from "./beacon-index.ts";
import type { Filter } from "./request.ts";
import type { Term } from "./terms.ts";

const OPERATORS: readonly unknown[] = ["=", "<", ">", "!", ">=", "<="] satisfies Operator[];

/**
 * Turns a filter into a condition on the index. Nothing is ignored: an id that is not listed, a scope that the filter does
 * not have, an operator where none belongs and a value that cannot be read are refused. @throws {Refusal} 400
 */
export const conditionOf = (filter: Filter, terms: ReadonlyMap<string, Term>, entryType: EntryType): Condition => {
  const term = terms.get(filter.id);
  if (term === undefined) throw new Refusal(400, `Unknown filter ${filter.id}.`);
  if (filter.scope !== undefined && !term.scopes.some((scope) => scope === filter.scope)) {
    throw new Refusal(400, `Filter ${filter.id} has the scopes ${term.scopes.join(", ")}, not ${filter.scope}.`);
  }
  if (!term.scopes.includes(entryType)) {
    throw new Refusal(400, `Filter ${filter.id} cannot be used on ${entryType}s.`);
  }
  if (filter.similarity !== undefined && filter.similarity !== "exact") {
    throw new Refusal(400, `Filter ${filter.id}: this beacon has no model of similarity.`);
  }
  if (term.value !== undefined) return comparison(filter, term.value);
  if (filter.operator !== undefined || filter.value !== undefined) {
    throw new Refusal(400, `Filter ${filter.id} takes no operator and no value.`);
  }
  return { id: filter.id, descendants: term.type === "ontologyTerm" && (filter.includeDescendantTerms ?? true) };
};

const comparison = ({ id, operator, value }: Filter, kind: NonNullable<Term["value"]>): Condition => {
  if (!OPERATORS.includes(operator))
    throw new Refusal(400, `Filter ${id} needs one of the operators ${OPERATORS.join(" ")}.`);
  const { pattern, wanted } = SPELLINGS[kind];
  const [, number] = typeof value === "string" ? (pattern.exec(value) ?? []) : [];
  if (number === undefined) throw new Refusal(400, `Filter ${id} needs ${wanted}, got ${JSON.stringify(value)}.`);
  return { id, operator: operator as Operator, value: Number(number) };
};

const SPELLINGS = {
  duration: { pattern: /^P(\d{1,3})Y$/, wanted: "a value in completed years such as P40Y" },
  integer: { pattern: /^(\d{1,9})$/, wanted: "a whole number" },
} as const;
