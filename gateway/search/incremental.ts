import { GraphQLStreamDirective } from "@graphql-tools/utils";
import { type ASTNode, type GraphQLResolveInfo, getDirectiveValues, visit } from "graphql";

const known = new WeakMap<ASTNode, boolean>();

/** Whether a document, or one of these parts of it, has @defer or @stream anywhere. */
export const isIncremental = (node: ASTNode, ...others: readonly ASTNode[]): boolean => {
  const before = known.get(node);
  if (before !== undefined) return before;
  const found = [node, ...others].some((each) => atOnce(each) !== each);
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

/** The node itself where there is nothing to take away. */
const atOnce = <N extends ASTNode>(node: N): N =>
  visit(node, { Directive: ({ name }) => (INCREMENTAL.has(name.value) ? null : undefined) });

const INCREMENTAL: ReadonlySet<string> = new Set(["defer", "stream"]);
