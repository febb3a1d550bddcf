import {
  type DocumentNode,
  defaultFieldResolver,
  type ExecutionArgs,
  type ExecutionResult,
  type FieldNode,
  type GraphQLField,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from "graphql";
import { LRUCache } from "lru-cache";
import { type Derived, fieldsOf, NotPlain, nameJson, type Selecting, type Writer, writerOf } from "./plain-writer.ts";

/** GraphQL's own execution, of an engine's choice. */
export type Execute = (args: ExecutionArgs) => unknown;

/** A result that is JSON already. `data` is read from it when somebody asks. */
export type WrittenResult = ExecutionResult & { readonly stringify: (result: unknown) => string };

/**
 * Executes queries below whose root fields there is plain data only: asks the root fields, and writes what they give as
 * JSON without building the answer first. Every other query, and one whose data turn out not to be plain or whose root
 * field fails, is left to `execute`, which finds in the root fields what they gave: none is asked twice.
 * The schema must have gone through `rememberRoots`.
 */
export const fastPath = (derived: Derived, execute: Execute): Execute => {
  const plans = planner(derived);
  return async (args) => {
    const plan = plans(args);
    if (plan === null) return execute(args);
    const asked = askRoots(plan, args);
    try {
      const values = await Promise.all(plan.roots.map(({ key }) => asked.get(key)?.()));
      const fields = plan.roots.map(({ before, write }, i) => before + write(values[i]));
      return written(`{"data":{${fields.join(",")}}}`);
    } catch {
      return execute({ ...args, rootValue: new Remembered(asked, args.rootValue) });
    }
  };
};

/** Makes root fields give what is remembered of them, where the root value is a memory. */
export const rememberRoots = (schema: GraphQLSchema): void => {
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = (source, args, context, info) => {
      if (!(source instanceof Remembered)) return resolve(source, args, context, info);
      const given = source.asked.get(String(info.path.key));
      return given === undefined ? resolve(source.rootValue, args, context, info) : given();
    };
  }
};

/** What the root fields gave, by key of the answer: each function gives it again, or throws it. */
type Asked = ReadonlyMap<string, () => unknown>;

class Remembered {
  readonly asked: Asked;
  readonly rootValue: unknown;
  constructor(asked: Asked, rootValue: unknown) {
    this.asked = asked;
    this.rootValue = rootValue;
  }
}

/** Asks in order, up to a field that throws at once: execution asks no further either, or asks the rest itself. */
const askRoots = ({ roots, variables, operation, fragments }: Plan, args: ExecutionArgs): Asked => {
  const { schema, rootValue, contextValue } = args;
  const parentType = schema.getQueryType()!;
  const asked = new Map<string, () => unknown>();
  for (const { key, field, fieldNodes, given } of roots) {
    const info: GraphQLResolveInfo = {
      fieldName: field.name,
      fieldNodes,
      returnType: field.type,
      parentType,
      path: { prev: undefined, key, typename: parentType.name },
      schema,
      fragments,
      rootValue,
      operation,
      variableValues: variables,
    };
    try {
      const value: unknown = (field.resolve ?? defaultFieldResolver)(rootValue, given, contextValue, info);
      asked.set(key, () => value);
    } catch (error) {
      asked.set(key, () => {
        throw error;
      });
      break;
    }
  }
  return asked;
};

const written = (json: string): WrittenResult => {
  let read: { readonly data: NonNullable<ExecutionResult["data"]> } | undefined;
  const result = {
    get data() {
      read ??= JSON.parse(json) as NonNullable<typeof read>;
      return read.data;
    },
    stringify: (shown: unknown) => (shown === result ? json : JSON.stringify(shown)),
  };
  return result;
};

type Root = {
  readonly key: string;
  /** What comes before the value in the answer. */
  readonly before: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly fieldNodes: readonly FieldNode[];
  readonly write: Writer;
};

/** What is kept of an operation, under a number of its own. `roots`: by the values of the variables in `conditions`; null: not for this path. */
type Shape = {
  readonly id: number;
  readonly fragments: Selecting["fragments"];
  /** Variables of @skip and @include. */
  readonly conditions: readonly string[];
  readonly roots: Map<string, readonly Root[] | null>;
};

type Plan = Pick<Shape, "fragments"> & {
  readonly operation: OperationDefinitionNode;
  readonly variables: Selecting["variables"];
  /** `given`: the field's arguments. */
  readonly roots: readonly (Root & { readonly given: { readonly [argument: string]: unknown } })[];
};

/** Fields of one plan, and of all that are kept: few words make many fields, and each takes some hundred bytes. */
const MOST_FIELDS = 1000;
const MOST_KEPT = 40_000;

/**
 * Plans operations. What it found it keeps for as long as schema and document live, of those that were asked last. Null: not
 * for this path.
 */
const planner = (derived: Derived): ((args: ExecutionArgs) => Plan | null) => {
  const kept = new LRUCache<string, { readonly shape: WeakRef<Shape>; readonly key: string; readonly fields: number }>({
    maxSize: MOST_KEPT,
    sizeCalculation: ({ fields }) => fields + 1,
    dispose: ({ shape, key }) => shape.deref()?.roots.delete(key),
  });
  let shapesMade = 0;
  const schemas = new WeakMap<GraphQLSchema, WeakMap<OperationDefinitionNode, Shape>>();
  const shapeOf = ({ schema, document }: ExecutionArgs, operation: OperationDefinitionNode): Shape => {
    const shapes = schemas.get(schema) ?? new WeakMap<OperationDefinitionNode, Shape>();
    const shape = shapes.get(operation) ?? {
      id: shapesMade++,
      fragments: fragmentsOf(document),
      conditions: conditionsOf(document),
      roots: new Map(),
    };
    schemas.set(schema, shapes.set(operation, shape));
    return shape;
  };
  return (args) => {
    const { schema, document, operationName, variableValues } = args;
    const operation = getOperationAST(document, operationName);
    if (operation?.operation !== "query" || args.fieldResolver != null) return null;
    const { coerced: variables } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
    if (variables === undefined) return null;
    const shape = shapeOf(args, operation);
    const { id, fragments, conditions } = shape;
    const key = conditions.map((name) => variables[name]).join();
    const name = `${id} ${key}`;
    let roots = shape.roots.get(key);
    if (roots === undefined) {
      const spare = { fields: MOST_FIELDS };
      roots = orNull(() => rootsOf(operation, { schema, fragments, variables, derived, spare }));
      shape.roots.set(key, roots);
      kept.set(name, { shape: new WeakRef(shape), key, fields: MOST_FIELDS - Math.max(0, spare.fields) });
    } else kept.get(name);
    const given =
      roots && orNull(() => roots.map(({ field, fieldNodes: [node] }) => getArgumentValues(field, node!, variables)));
    return (
      given && { operation, fragments, variables, roots: roots!.map((root, i) => ({ ...root, given: given[i]! })) }
    );
  };
};

const fragmentsOf = ({ definitions }: DocumentNode): Shape["fragments"] =>
  Object.fromEntries(
    definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );

const conditionsOf = (document: DocumentNode): readonly string[] => {
  const names = new Set<string>();
  visit(document, {
    Directive: (directive) => visit(directive, { Variable: ({ name }) => void names.add(name.value) }) && undefined,
  });
  return [...names];
};

/** @throws {NotPlain} */
const rootsOf = (operation: OperationDefinitionNode, selecting: Selecting): readonly Root[] => {
  const type = selecting.schema.getQueryType()!;
  return [...fieldsOf(type, [operation], selecting)].map(([key, fieldNodes]) => {
    const field = type.getFields()[fieldNodes[0]!.name.value];
    if (field === undefined) throw new NotPlain(key);
    return {
      key,
      before: `${nameJson(key)}:`,
      field,
      fieldNodes,
      write: writerOf(field.type, fieldNodes, selecting),
    };
  });
};

const orNull = <T>(make: () => T): T | null => {
  try {
    return make();
  } catch {
    return null;
  }
};
