import type { ExecutionArgs } from "graphql";
import { type ArgumentNode, type DocumentNode, getOperationAST, getVariableValues, Kind, visit } from "graphql";
import type { Plugin } from "graphql-yoga";
import { refusedError } from "../../net/serve/refused.ts";
import { refuse } from "../../schema/refusal.ts";
import { text } from "../../schema/text.ts";
import { isIncremental } from "../search/incremental.ts";

/**
 * Refuses `@stream(initialCount:)` below zero and `null`, in the document or in a variable. Execution would find it when the
 * banks have answered, and take it for a fault of the gateway.
 */
export const useStreamArguments = (): Plugin => ({
  onExecute({ args, setResultAndStopExecution }) {
    if (isIncremental(args.document) && hasBadCount(args))
      setResultAndStopExecution({ errors: [refusedError(BAD_COUNT)] });
  },
  onSubscribe({ args, setResultAndStopExecution }) {
    if (isIncremental(args.document) && hasBadCount(args))
      setResultAndStopExecution({ errors: [refusedError(BAD_COUNT)] });
  },
});

const hasBadCount = ({ schema, document, operationName, variableValues }: ExecutionArgs): boolean => {
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  const { coerced = {} } = getVariableValues(schema, definitions, variableValues ?? {});
  return initialCounts(document).some(({ value }) => {
    if (value.kind === Kind.NULL) return true;
    if (value.kind === Kind.INT) return Number(value.value) < 0;
    if (value.kind !== Kind.VARIABLE || !Object.hasOwn(coerced, value.name.value)) return false;
    const count = coerced[value.name.value];
    return typeof count !== "number" || count < 0;
  });
};

/** The arguments `initialCount` of every @stream in a document. */
const initialCounts = (document: DocumentNode): readonly ArgumentNode[] => {
  const found: ArgumentNode[] = [];
  visit(document, {
    Directive({ name, arguments: given = [] }) {
      if (name.value === "stream") found.push(...given.filter((argument) => argument.name.value === "initialCount"));
    },
  });
  return found;
};

const BAD_COUNT = refuse("BAD_REQUEST", {
  at: "initialCount",
  says: text("wanted 0 or more for @stream, got less or null", "@stream の initialCount には0以上が必要です"),
});
