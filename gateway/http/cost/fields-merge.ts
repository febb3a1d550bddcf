import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  print,
  type ValidationContext,
  type ValueNode,
  type validate,
} from "graphql";
import { refusedError } from "../../../net/serve/refused.ts";
import { refusalsOf } from "./check-cost.ts";
import { MOST_STEPS, selectedOperation } from "./selection.ts";

/**
 * Validation with FieldsMergeRule in place of all rules of the name OverlappingFieldsCanBeMergedRule: these compare all pairs of
 * fields and of fragments, which takes 75 to 400 ms for 5,000 tokens.
 */
export const mergingFields =
  (validateFn: typeof validate): typeof validate =>
  (schema, document, rules = [], options) => {
    const linear = [...rules.filter(({ name }) => name !== QUADRATIC), FieldsMergeRule];
    return validateFn(schema, document, linear, { ...options, maxErrors: MOST_ERRORS });
  };

/** Errors of one document that are told: the place of each is looked for in the whole of its text. */
const MOST_ERRORS = 10;
const QUADRATIC = "OverlappingFieldsCanBeMergedRule";

/**
 * Nodes of one key of an object must be the same field with the same arguments and the same @stream. No type of the SDL is
 * abstract, so nodes that are merged always speak of the same object: each is compared with the first alone.
 */
export const FieldsMergeRule = (context: ValidationContext): ASTVisitor => {
  const printed = new WeakMap<FieldNode, string>();
  const reported = new Set<FieldNode>();
  let steps = 0;
  const isOf = (node: FieldNode): string => {
    const text = printed.get(node) ?? signature(node);
    printed.set(node, text);
    return text;
  };
  const onMerge = (key: string, nodes: readonly FieldNode[]): void => {
    const [first] = nodes;
    const other = nodes.find((node) => isOf(node) !== isOf(first!));
    if (other === undefined || reported.has(other)) return;
    reported.add(other);
    context.reportError(new GraphQLError(conflictOf(key, first!, other), { nodes: [first!, other] }));
  };
  return {
    OperationDefinition(operation: OperationDefinitionNode) {
      if (steps > MOST_STEPS) return false;
      const from = { schema: context.getSchema(), document: context.getDocument(), operation, variables: null };
      const selected = selectedOperation({ ...from, onMerge });
      steps += selected?.steps ?? Number.POSITIVE_INFINITY;
      if (steps > MOST_STEPS) for (const refusal of refusalsOf(null)) context.reportError(refusedError(refusal));
      return undefined;
    },
  };
};

const signature = (node: FieldNode): string => {
  const streams = node.directives?.filter(({ name }) => name.value === "stream") ?? [];
  return [node.name.value, argumentsOf(node), ...streams.map((stream) => `@${argumentsOf(stream)}`)].join(" ");
};

/** Arguments as one text, the same for any order of their names. */
const argumentsOf = ({ arguments: given = [] }: Pick<FieldNode, "arguments">): string =>
  given.length === 0
    ? ""
    : given
        .map(({ name, value }) => `${name.value}:${textOf(value)}`)
        .sort()
        .join();

/** A value as text, the same for any order of the members of its objects. */
const textOf = (value: ValueNode): string => {
  if (value.kind === Kind.LIST) return `[${value.values.map(textOf).join()}]`;
  if (value.kind !== Kind.OBJECT) return print(value);
  return `{${value.fields
    .map(({ name, value: member }) => `${name.value}:${textOf(member)}`)
    .sort()
    .join()}}`;
};

const conflictOf = (key: string, first: FieldNode, other: FieldNode): string => {
  const [a, b] = [first.name.value, other.name.value];
  const why = a === b ? "they have differing arguments" : `"${a}" and "${b}" are different fields`;
  return `Fields "${key}" conflict because ${why}. Use different aliases on the fields to fetch both if this was intentional.`;
};
