import { GraphQLStreamDirective } from "@graphql-tools/utils";
import { type ASTNode, BREAK, type GraphQLResolveInfo, getDirectiveValues, visit } from "graphql";

const known = new WeakMap<ASTNode, boolean>();

/** Whether a document, or one of these parts of it, has @defer or @stream anywhere. */
export const isIncremental = (node: ASTNode, ...others: readonly ASTNode[]): boolean => {
  const before = known.get(node);
  if (before !== undefined) return before;
  let found = false;
  for (const each of [node, ...others]) {
    visit(each, {
      Directive({ name }) {
        found ||= name.value === "defer" || name.value === "stream";
        return found ? BREAK : undefined;
      },
    });
  }
  known.set(node, found);
  return found;
};

/** Whether the operation that a field belongs to has. */
export const isOfIncremental = ({ operation, fragments }: GraphQLResolveInfo): boolean =>
  isIncremental(operation, ...Object.values(fragments));

/** Whether the field's list goes out item by item. */
export const isStreamed = ({ fieldNodes, variableValues }: GraphQLResolveInfo): boolean => {
  const stream = getDirectiveValues(GraphQLStreamDirective, fieldNodes[0]!, variableValues);
  return stream !== undefined && stream["if"] !== false;
};
