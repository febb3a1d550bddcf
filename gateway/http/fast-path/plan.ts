import {
  type ASTNode,
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from "graphql";
import {
  type ComputedFields,
  type JsonWriter,
  jsonWriter,
  NotPlain,
  nameAsJson,
  type Scope,
  selectedFields,
} from "./json-writer.ts";

/** How one request is executed on the fast path. */
export type Plan = Pick<Scope, "fragments" | "variables"> & {
  readonly operation: OperationDefinitionNode;
  readonly roots: readonly RootField[];
};

export type RootField = {
  /** Its key in the answer. */
  readonly key: string;
  /** The JSON before its value. */
  readonly before: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly fieldNodes: readonly FieldNode[];
  readonly write: JsonWriter;
};

/** What is kept of one operation, as long as its document lives. */
type Operation = {
  readonly schema: GraphQLSchema;
  readonly fragments: Scope["fragments"];
  /** Names of the variables in @skip and @include. */
  readonly conditions: readonly string[];
  /** Root fields by the values of `conditions`; null: not for the fast path. */
  readonly roots: Map<string, readonly RootField[] | null>;
  /** Most fields that the plans may have together. A field takes 700 bytes, and a few fragments make thousands. */
  readonly mostFields: number;
  /** Fields of `roots`. */
  fields: number;
};

/** Most fields of one plan. */
const MOST_FIELDS = 1000;
/** Fewest characters of a document for each field of its plans. Without fragments a field takes ten or so. */
const CHARACTERS_PER_FIELD = 4;

/**
 * Plans operations and keeps the plans as long as their documents. The length of a document bounds the fields of its plans,
 * and so the cache of parsed documents bounds the memory of all plans.
 * @returns a function that gives null for an operation that the fast path does not handle
 */
export const createPlanner = (computed: ComputedFields): ((args: ExecutionArgs) => Plan | null) => {
  const known = new WeakMap<OperationDefinitionNode, Operation>();
  const operationOf = ({ schema, document }: ExecutionArgs, node: OperationDefinitionNode): Operation => {
    const before = known.get(node);
    if (before?.schema === schema) return before;
    const operation = newOperation(schema, document);
    known.set(node, operation);
    return operation;
  };
  return (args) => {
    const { schema, document, operationName, variableValues } = args;
    const node = getOperationAST(document, operationName);
    if (node?.operation !== "query" || args.fieldResolver != null) return null;
    const { coerced: variables } = getVariableValues(schema, node.variableDefinitions ?? [], variableValues ?? {});
    if (variables === undefined) return null;
    const operation = operationOf(args, node);
    const key = operation.conditions.map((name) => variables[name]).join();
    let roots = operation.roots.get(key);
    if (roots === undefined) {
      roots = planRoots(node, operation, { variables, computed });
      operation.roots.set(key, roots);
    }
    return roots && { operation: node, fragments: operation.fragments, variables, roots };
  };
};

const newOperation = (schema: GraphQLSchema, { definitions, loc }: DocumentNode): Operation => {
  const operations = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const fragments = definitions.flatMap((each) =>
    each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
  );
  return {
    schema,
    fragments: Object.fromEntries(fragments),
    conditions: [...new Set(definitions.flatMap(conditionsOf))],
    roots: new Map(),
    mostFields: Math.ceil((loc?.source.body.length ?? MOST_FIELDS) / operations.length / CHARACTERS_PER_FIELD),
    fields: 0,
  };
};

/** Names of the variables that @skip and @include go by. */
const conditionsOf = (node: ASTNode): readonly string[] => {
  const names: string[] = [];
  visit(node, {
    Directive: ({ name, arguments: given = [] }) => {
      const isCondition = name.value === "skip" || name.value === "include";
      for (const { value } of given) if (isCondition && value.kind === Kind.VARIABLE) names.push(value.name.value);
    },
  });
  return names;
};

/** Plans the root fields for one set of conditions, and makes room for them. Null: not for the fast path. */
const planRoots = (
  node: OperationDefinitionNode,
  operation: Operation,
  { variables, computed }: Pick<Scope, "variables" | "computed">,
): readonly RootField[] | null => {
  const { schema, fragments, mostFields } = operation;
  const spare = { fields: Math.min(MOST_FIELDS, mostFields) };
  const before = spare.fields;
  const roots = rootsOf(node, { schema, fragments, variables, computed, spare });
  // A plan without fields takes room as well.
  const fields = 1 + (roots === null ? 0 : before - spare.fields);
  if (operation.fields + fields > mostFields) {
    operation.roots.clear();
    operation.fields = 0;
  }
  operation.fields += fields;
  return roots;
};

const rootsOf = (node: OperationDefinitionNode, scope: Scope): readonly RootField[] | null => {
  const type = scope.schema.getQueryType()!;
  try {
    return [...selectedFields(type, [node], scope)].map(([key, fieldNodes]) => {
      const field = type.getFields()[fieldNodes[0]!.name.value];
      if (field === undefined) throw new NotPlain(key);
      const write = jsonWriter(field.type, fieldNodes, scope);
      return { key, before: `${nameAsJson(key)}:`, field, fieldNodes, write };
    });
  } catch (error) {
    if (error instanceof NotPlain) return null;
    throw error;
  }
};
