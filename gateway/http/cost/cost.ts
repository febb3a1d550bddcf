import { type FieldNode, type GraphQLField, getArgumentValues, getNamedType } from "graphql";
import { type Args, conceptsOf, listSize, type Scope } from "./list-sizes.ts";
import type { QuestionArgs, QuestionSize } from "./question-size.ts";
import type { SelectedField, SelectedOperation, Selection } from "./selection.ts";

/** What an operation may cost with its variables, at most. */
export type Cost = {
  /** Fields of the answer, and what its searches cost in fields. */
  readonly cost: number;
  /** Cells that every bank is asked for, over all searches. */
  readonly cells: number;
  /** Codes and other values of the largest question. */
  readonly codes: number;
  readonly rootFields: number;
  readonly aliases: number;
  /** What it takes from the rate limit. */
  readonly units: number;
};

export type CostOf = {
  readonly selected: SelectedOperation;
  readonly variables: Args;
  /** Around the operation. */
  readonly scope: Scope;
  /** How large a question to these banks is; `banks`: null for all. */
  readonly sizeOf: (args: QuestionArgs, banks: readonly string[] | null) => QuestionSize;
  /** Whether the fast path writes the answer. */
  readonly isFast: boolean;
};

/** In fields of the fast path: a field in ordinary execution. */
const SLOW_FIELD = 10;
/** In fields: a part of an answer that goes out by itself, since it is executed, written and sent apart. */
const PART = 10;
/** In fields: a question of up to CRITERIA criteria that all banks count, or only read. */
const SEARCH = 16_000;
const READING = 2_000;
const CRITERIA = 5;

/** In units: a question that one bank counts or reads, and each facet and cell that it counts. */
const COUNT_UNITS = 2;
const READ_UNITS = 0.2;
const FACET_UNITS = 1;
const CELL_UNITS = 0.01;
/** In units: what fields cost beside being written. */
const FIELD_UNITS: { readonly [field: string]: number | undefined } = {
  "Query.concepts": 0.5,
  "Query.find": 0.5,
  "Hit.banks": 0.02,
  "Concept.banks": 0.02,
  "Bank.release": 0.1,
};
const FIELDS_PER_UNIT = 2_000;
/** A question that goes to more banks is charged for these: askers of a large federation would get nowhere. */
const BANKS_CHARGED = 25;

/** Most fields that are looked at: each search looks at its own anew. */
const MOST_STEPS = 50_000;

/** What parts of an operation cost together. `searches`: in fields, on both execution paths. */
type Sum = { fields: number; searches: number; cells: number; codes: number; units: number };

/** @returns null where that takes more than MOST_STEPS */
export const costOf = (of: CostOf): Cost | null => {
  const { root, aliases } = of.selected;
  const evaluate = evaluator(of);
  try {
    const { fields, searches, cells, codes, units } = evaluate(root, of.scope);
    const written = fields * (of.isFast ? 1 : SLOW_FIELD);
    return {
      cost: Math.ceil(written + searches),
      cells: Math.ceil(cells),
      codes,
      rootFields: root.fields.length,
      aliases,
      units: written / FIELDS_PER_UNIT + units,
    };
  } catch (error) {
    if (error === TOO_MANY_STEPS) return null;
    throw error;
  }
};

const TOO_MANY_STEPS = new Error(`wanted at most ${MOST_STEPS} fields, got more`);

const evaluator = ({ variables, sizeOf }: CostOf) => {
  const known = new Map<Scope, Map<Selection, Sum>>();
  let steps = 0;

  const ofSelection = (selection: Selection, scope: Scope): Sum => {
    const within = known.get(scope) ?? new Map<Selection, Sum>();
    known.set(scope, within);
    const before = within.get(selection);
    if (before !== undefined) return before;
    const sum: Sum = { fields: 0, searches: 0, cells: 0, codes: 0, units: 0 };
    for (const field of selection.fields) add(sum, ofField(field, scope), 1);
    for (const part of selection.deferred) {
      add(sum, ofSelection(part, scope), 1);
      sum.fields += PART;
    }
    within.set(selection, sum);
    return sum;
  };
  const ofField = ({ name, field, node, streamed, below }: SelectedField, outer: Scope): Sum => {
    steps += 1;
    if (steps > MOST_STEPS) throw TOO_MANY_STEPS;
    const sum: Sum = { fields: 1, searches: 0, cells: 0, codes: 0, units: FIELD_UNITS[name] ?? 0 };
    const args = field.args.length === 0 ? NO_ARGS : argsOf(field, node, variables);
    const scope = enter({ name, field, args, outer }, sum, sizeOf);
    const items = listSize(name, field, scope, args);
    if (below !== null) add(sum, ofSelection(below, scope), items ?? 1);
    else sum.fields += items ?? 0;
    if (streamed) sum.fields += PART * (items ?? 0);
    return sum;
  };
  return ofSelection;
};

const add = (sum: Sum, other: Sum, times: number): void => {
  sum.fields += other.fields * times;
  sum.searches += other.searches * times;
  sum.cells += other.cells * times;
  sum.units += other.units * times;
  sum.codes = Math.max(sum.codes, other.codes);
};

const NO_ARGS: Args = {};

/** Wrong arguments are reported by execution. */
const argsOf = (field: GraphQLField<unknown, unknown>, node: FieldNode, variables: Args): Args => {
  try {
    return getArgumentValues(field, node, variables);
  } catch {
    return NO_ARGS;
  }
};

type Entered = {
  readonly name: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly args: Args;
  readonly outer: Scope;
};

/** The scope below a field. Adds to `sum` what the field's question costs, if it has one. */
const enter = ({ name, field, args, outer }: Entered, sum: Sum, sizeOf: CostOf["sizeOf"]): Scope => {
  switch (name) {
    case "Query.search":
    case "Subscription.search":
    case "Query.reading": {
      const ids = Array.isArray(args["banks"]) ? args["banks"].map(String) : null;
      const banks = Math.min(outer.federation.banks, ids?.length ?? Number.POSITIVE_INFINITY);
      return asked({ ...outer, banks, question: sizeOf(args, ids) }, name === "Query.reading", sum);
    }
    case "Bank.availability":
      return asked({ ...outer, banks: 1, question: sizeOf(args, null) }, false, sum);
    case "Query.concepts":
    case "Query.find":
      return { ...outer, concepts: conceptsOf(args) };
    default: {
      if (getNamedType(field.type).name !== "__Type") return outer;
      const { mean, longest } = outer.introspection;
      const type = name === "__Schema.types" ? mean : longest;
      return type === outer.type ? outer : { ...outer, type };
    }
  }
};

/** Adds what the banks' work costs: it grows with the criteria, and that of counting with the cells. */
const asked = (scope: Scope, isRead: boolean, sum: Sum): Scope => {
  const { criteria, codes, facets, cells } = scope.question;
  const times = Math.max(1, criteria / CRITERIA);
  const charged = Math.min(scope.banks, BANKS_CHARGED) * times;
  const share = scope.federation.banks === 0 ? 0 : scope.banks / scope.federation.banks;
  sum.searches += (isRead ? READING : SEARCH) * share * times;
  sum.cells += cells;
  sum.codes = codes;
  sum.units += charged * (isRead ? READ_UNITS : COUNT_UNITS + facets * FACET_UNITS + cells * CELL_UNITS);
  return scope;
};
