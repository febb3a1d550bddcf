import { collectFields } from "@graphql-tools/utils";
import { type ExecutionArgs, type FragmentDefinitionNode, getOperationAST, getVariableValues, Kind } from "graphql";
import type { Plugin } from "graphql-yoga";
import { refusedError } from "../../net/serve/refused.ts";
import { refuse } from "../../schema/refusal.ts";
import { text } from "../../schema/text.ts";

/** Refuses a subscription whose only field is left out by @skip, @include or @defer: execution would fail over it. */
export const useSubscriptionRoot = (): Plugin => ({
  onSubscribe({ args, setResultAndStopExecution }) {
    if (!hasRoot(args)) setResultAndStopExecution({ errors: [refusedError(NO_ROOT)] });
  },
});

const hasRoot = ({ schema, document, operationName, variableValues }: ExecutionArgs): boolean => {
  const operation = getOperationAST(document, operationName);
  const type = schema.getSubscriptionType();
  if (!operation || !type) return true;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
  if (coerced === undefined) return true;
  try {
    return (
      collectFields(schema, fragmentsOf(document), { coerced, sources: {} }, type, operation.selectionSet).fields.size >
      0
    );
  } catch {
    // A directive is given what it does not take: execution says so.
    return true;
  }
};

const fragmentsOf = ({ definitions }: ExecutionArgs["document"]): Record<string, FragmentDefinitionNode> =>
  Object.fromEntries(
    definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [])),
  );

const NO_ROOT = refuse("BAD_REQUEST", {
  says: text(
    "wanted a subscription to one field, got none: a directive leaves it out",
    "サブスクリプションにはフィールドが1つ必要ですが、ディレクティブによって除かれています",
  ),
});
