import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  GraphQLError,
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

/** What is kept of an operation as long as its document lives. */
type Operation = Pick<Scope, "schema" | "fragments"> & {
  /** Most fields of a plan: a plan takes 700 bytes for each, and a few fragments select thousands. */
  readonly mostFields: number;
  /** Whether variables decide what is selected, by @skip and @include: then each request has a plan of its own. */
  readonly isConditional: boolean;
  /** The plan of all requests; null: not for the fast path; undefined: not made. */
  roots?: readonly RootField[] | null;
};

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
    const { fragments, mostFields: fields } = operation;
    const plan = () => rootsOf(node, { schema, fragments, variables, computed, spare: { fields } });
    const roots = operation.roots === undefined ? plan() : operation.roots;
    if (!operation.isConditional) operation.roots = roots;
    return roots && { operation: node, fragments, variables, roots };
  };
};

const newOperation = (schema: GraphQLSchema, document: DocumentNode): Operation => {
  const fragments = document.definitions.flatMap((each) =>
    each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
  );
  return {
    schema,
    fragments: Object.fromEntries(fragments),
    mostFields: mostFieldsOf(document),
    isConditional: hasConditions(document),
  };
};

/** Most fields of a plan of one of a document's operations. */
export const mostFieldsOf = ({ definitions, loc }: DocumentNode): number => {
  const operations = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const characters = (loc?.source.body.length ?? 0) / operations.length;
  return Math.min(MOST_FIELDS, Math.ceil(characters / CHARACTERS_PER_FIELD));
};

/** Whether a directive of the document has a variable. */
const hasConditions = (document: DocumentNode): boolean => {
  let found = false;
  visit(document, {
    Directive({ arguments: given = [] }) {
      found ||= given.some(({ value }) => value.kind === Kind.VARIABLE);
    },
  });
  return found;
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
    // A directive whose argument has no value that it may have: execution reports it.
    if (error instanceof NotPlain || error instanceof GraphQLError) return null;
    throw error;
  }
};
