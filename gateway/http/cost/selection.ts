import { GraphQLDeferDirective, GraphQLStreamDirective } from "@graphql-tools/utils";
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLDirective,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from "graphql";

/** What an operation selects from one type of object, its fragments merged. Equal selections are one object. */
export type Selection = {
  readonly fields: readonly SelectedField[];
  /** What @defer sends later: each is executed by itself, for every object. */
  readonly deferred: readonly Selection[];
};

/** One key of an object in the answer. */
export type SelectedField = {
  /** Such as Query.banks. */
  readonly name: string;
  readonly field: GraphQLField<unknown, unknown>;
  /** Its first node, which has the arguments. */
  readonly node: FieldNode;
  /** Whether the items of its list go out one by one. */
  readonly streamed: boolean;
  /** Null for a field that has none. */
  readonly below: Selection | null;
};

/** What an operation selects, and what can be limited without its arguments. */
export type SelectedOperation = {
  readonly root: Selection;
  /** Most keys that one object has of one field. */
  readonly aliases: number;
  /** Whether no variable decides what is selected: then it is good for every request. */
  readonly isFixed: boolean;
  /** How many nodes were visited, those of a fragment again with each combination that it is merged into. */
  readonly steps: number;
};

export type SelectFrom = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Coerced variables, for the conditions of directives; null: all is selected, and nothing is deferred. */
  readonly variables: Variables;
  /** Is called for each key of each object with all its nodes, where there are several. */
  readonly onMerge?: (key: string, nodes: readonly FieldNode[]) => void;
};

type Variables = { readonly [name: string]: unknown } | null;

/** Most nodes that are visited: there may be exponentially many combinations of fragments. */
export const MOST_STEPS = 10_000;

/**
 * Merges the selections of an operation, each combination of fragments once. What is not valid is left out.
 * @returns null where that takes more than MOST_STEPS
 */
export const selectedOperation = (from: SelectFrom): SelectedOperation | null => {
  const { schema, operation, onMerge } = from;
  const { merge, seen } = merger(from);
  const ids = new Map<SelectionSetNode, number>();
  const known = new Map<string, Selection>();
  let aliases = 0;

  const idOf = (set: SelectionSetNode): number => {
    const id = ids.get(set) ?? ids.size;
    ids.set(set, id);
    return id;
  };
  const select = (parent: GraphQLObjectType, sets: readonly SelectionSetNode[]): Selection => {
    const name = `${parent.name} ${sets.map(idOf).join()}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const { nodesOf, deferred } = merge(sets);
    aliases = Math.max(aliases, mostKeys(nodesOf.values()));
    const fields: SelectedField[] = [];
    const parts: Selection[] = [];
    const selection = { fields, deferred: parts };
    // Known before what is below it: fragments of a document that is not valid may lead back here.
    known.set(name, selection);
    for (const [key, nodes] of nodesOf) {
      if (nodes.length > 1) onMerge?.(key, nodes);
      fields.push(...selectedField(parent, nodes));
    }
    parts.push(...deferred.map((set) => select(parent, [set])));
    return selection;
  };
  const selectedField = (parent: GraphQLObjectType, nodes: readonly FieldNode[]): readonly SelectedField[] => {
    const node = nodes[0]!;
    const field = fieldOf(schema, parent, node.name.value);
    if (field === undefined) return [];
    const type = getNamedType(field.type);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const below = isObjectType(type) ? select(type, sets) : null;
    const streamed = isOn(GraphQLStreamDirective, node, from.variables);
    return [{ name: `${parent.name}.${field.name}`, field, node, streamed, below }];
  };

  try {
    const type = schema.getRootType(operation.operation);
    const root = type == null ? NOTHING : select(type, [operation.selectionSet]);
    return { root, aliases, ...seen() };
  } catch (error) {
    if (error === TOO_MANY_STEPS) return null;
    throw error;
  }
};

const NOTHING: Selection = { fields: [], deferred: [] };
const TOO_MANY_STEPS = new Error(`wanted at most ${MOST_STEPS} nodes, got more`);

/** The fields of an object by their key, each with all its nodes, and the fragments that are deferred. */
type Merged = {
  readonly nodesOf: Map<string, FieldNode[]>;
  readonly deferred: SelectionSetNode[];
};

/** Merges the selections of one object. No type of the SDL is abstract, so a valid fragment always applies. */
const merger = ({ document, variables }: SelectFrom) => {
  const fragments = fragmentsOf(document);
  let [steps, isFixed] = [0, true];
  const add = (set: SelectionSetNode, merged: Merged, spread: Set<string>): void => {
    for (const node of set.selections) {
      steps += 1;
      if (steps > MOST_STEPS) throw TOO_MANY_STEPS;
      isFixed &&= !hasCondition(node);
      if (isLeftOut(node, variables)) continue;
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        const nodes = merged.nodesOf.get(key);
        if (nodes === undefined) merged.nodesOf.set(key, [node]);
        else nodes.push(node);
        continue;
      }
      const name = node.kind === Kind.FRAGMENT_SPREAD ? node.name.value : null;
      const within = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node.selectionSet;
      if (within === undefined) continue;
      if (isOn(GraphQLDeferDirective, node, variables)) merged.deferred.push(within);
      else if (name === null || !spread.has(name)) {
        if (name !== null) spread.add(name);
        add(within, merged, spread);
      }
    }
  };
  return {
    seen: () => ({ steps, isFixed }),
    merge: (sets: readonly SelectionSetNode[]): Merged => {
      const merged: Merged = { nodesOf: new Map(), deferred: [] };
      const spread = new Set<string>();
      for (const set of sets) add(set, merged, spread);
      return merged;
    },
  };
};

const fragmentsIn = new WeakMap<DocumentNode, ReadonlyMap<string, SelectionSetNode>>();

/** The fragments of a document by name; worked out once, since it may have hundreds of operations. */
const fragmentsOf = (document: DocumentNode): ReadonlyMap<string, SelectionSetNode> => {
  const before = fragmentsIn.get(document);
  if (before !== undefined) return before;
  const fragments = new Map<string, SelectionSetNode>();
  for (const each of document.definitions) {
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each.selectionSet);
  }
  fragmentsIn.set(document, fragments);
  return fragments;
};

type WithDirectives = { readonly directives?: readonly DirectiveNode[] };

/** Whether a variable stands in a directive. */
const hasCondition = ({ directives = [] }: WithDirectives): boolean =>
  directives.some(({ arguments: given = [] }) => given.some(({ value }) => value.kind === Kind.VARIABLE));

const isLeftOut = (node: WithDirectives, variables: Variables): boolean =>
  variables !== null &&
  node.directives !== undefined &&
  node.directives.length > 0 &&
  (getDirectiveValues(GraphQLSkipDirective, node, variables)?.["if"] === true ||
    getDirectiveValues(GraphQLIncludeDirective, node, variables)?.["if"] === false);

/** Whether @defer or @stream stands here and its condition holds. */
const isOn = (directive: GraphQLDirective, node: WithDirectives, variables: Variables): boolean => {
  if (variables === null || node.directives === undefined || node.directives.length === 0) return false;
  const given = getDirectiveValues(directive, node, variables);
  return given !== undefined && given["if"] !== false;
};

const mostKeys = (nodes: Iterable<readonly FieldNode[]>): number => {
  const keys = new Map<string, number>();
  let most = 0;
  for (const [node] of nodes) {
    const name = node!.name.value;
    const count = (keys.get(name) ?? 0) + 1;
    keys.set(name, count);
    most = Math.max(most, count);
  }
  return most;
};

const fieldOf = (
  schema: GraphQLSchema,
  parent: GraphQLObjectType,
  name: string,
): GraphQLField<unknown, unknown> | undefined => {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (parent === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return parent.getFields()[name];
};
