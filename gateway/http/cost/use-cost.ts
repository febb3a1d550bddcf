import { type ExecutionArgs, GraphQLError, getOperationAST, getVariableValues, type parse } from "graphql";
import type { Plugin } from "graphql-yoga";
import { refusedError } from "../../../net/serve/refused.ts";
import { expectTurns, isTurnOver, nextTurn } from "../../../net/turns.ts";
import { refuse } from "../../../schema/refusal.ts";
import type { GatewayContext, ServerContext } from "../../context.ts";
import type { Rate } from "../../fairness/rate.ts";
import { LIMITS } from "../../limits.ts";
import type { Federation } from "../../search/search.ts";
import { clientSignal } from "../request-context.ts";
import { COMPUTED_FIELDS } from "../resolvers.ts";
import { refusalsOf, tooManyTokens } from "./check-cost.ts";
import { createCosts } from "./costs.ts";
import { mergingFields } from "./fields-merge.ts";
import { isFastOf } from "./is-fast.ts";

/** What the rate limit is asked of each request. */
export type RequestRate = Pick<Rate, "knock" | "takeUnits" | "takeForUnreadable">;

/** Units of any request. */
const REQUEST_UNITS = 0.1;
/** A document that is not remembered is read and checked: a unit for so many characters beyond the first ones, up to some. */
const CHARACTERS_PER_UNIT = 1_000;
const FREE_CHARACTERS = 1_000;
const MOST_READING_UNITS = 20;
/** Units of what takes one turn of the event loop. A question to five banks takes less than one. */
const UNITS_PER_TURN = 15;
/** Wrong values of variables are told up to a few: each takes its time. */
const FEW_FAULTS = { maxErrors: 20 };

type Judged = Pick<ExecutionArgs, "schema" | "document" | "operationName" | "variableValues"> & {
  readonly contextValue: Pick<GatewayContext, "asker" | "request">;
};

/**
 * Refuses a request before it is executed where it costs more than LIMITS allow, or more than the asker has left: the parser
 * counts tokens, and once the document is valid everything else is known. Variables are known to no validation rule, since
 * the results of validation are kept.
 */
export const useCost = (
  { registry, now }: Pick<Federation, "registry" | "now">,
  rate: RequestRate,
): Plugin<GatewayContext, ServerContext> => {
  const costOf = createCosts({ banks: registry.all, now, isFast: isFastOf(COMPUTED_FIELDS) });
  /** Units of reading a long document, by the asker of its request: each request has an asker of its own. */
  const reading = new WeakMap<object, number>();
  const unitsOf = (asker: object): number => REQUEST_UNITS + (reading.get(asker) ?? 0);
  /** Why an operation is not executed; null: it is, and its units are taken. */
  const judge = ({ contextValue: { asker, request }, ...args }: Judged): readonly GraphQLError[] | null => {
    const { schema, document, operationName, variableValues } = args;
    const operation = getOperationAST(document, operationName);
    // Execution says that there is none.
    if (operation == null) return null;
    const defined = operation.variableDefinitions ?? [];
    const { errors, coerced: variables } = getVariableValues(schema, defined, variableValues ?? {}, FEW_FAULTS);
    const cost = variables === undefined ? null : costOf({ schema, document, operation, variables });
    const refusals = errors ?? refusalsOf(cost).map((refusal) => refusedError(refusal));
    if (cost === null || refusals.length > 0) {
      rate.takeForUnreadable(asker, unitsOf(asker));
      return refusals;
    }
    const units = unitsOf(asker) + cost.units;
    const waitMs = rate.takeUnits(asker, units);
    if (waitMs !== null) return [tooManyRequests(waitMs)];
    expectTurns(clientSignal(request), units / UNITS_PER_TURN);
    return null;
  };
  return {
    onParams({ context, setResult }) {
      const waitMs = rate.knock(context.asker);
      if (waitMs !== null) setResult({ errors: [tooManyRequests(waitMs)] });
    },
    onParse({ context: { asker }, parseFn, setParseFn }) {
      const parse = countingTokens(parseFn);
      setParseFn((source, options) => {
        const { length } = typeof source === "string" ? source : source.body;
        const units = (length - FREE_CHARACTERS) / CHARACTERS_PER_UNIT;
        if (units > 0) reading.set(asker, Math.min(MOST_READING_UNITS, units));
        return parse(source, options);
      });
      return ({ result }) => {
        if (result instanceof Error) rate.takeForUnreadable(asker, unitsOf(asker));
      };
    },
    onValidate({ context: { asker }, validateFn, setValidationFn }) {
      setValidationFn(mergingFields(validateFn));
      return ({ valid }) => {
        if (!valid) rate.takeForUnreadable(asker, unitsOf(asker));
      };
    },
    async onExecute({ args, setResultAndStopExecution }) {
      const { asker, request } = args.contextValue;
      const giveWay = async (): Promise<void> => {
        if (reading.has(asker) && isTurnOver()) await nextTurn(undefined, clientSignal(request));
      };
      // A long document has been checked, and is planned next: each takes up to a turn.
      await giveWay();
      const errors = judge(args);
      if (errors !== null) setResultAndStopExecution({ errors });
      else await giveWay();
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const errors = judge(args);
      if (errors !== null) setResultAndStopExecution({ errors });
    },
  };
};

/** The parser, made to stop at the limit of tokens. */
const countingTokens =
  (parseFn: typeof parse): typeof parse =>
  (source, options) => {
    try {
      return parseFn(source, { ...options, maxTokens: LIMITS.tokens });
    } catch (error) {
      const isOver = error instanceof GraphQLError && error.message.includes(`${LIMITS.tokens} tokens`);
      throw isOver ? refusedError(tooManyTokens()) : error;
    }
  };

const tooManyRequests = (retryAfterMs: number): GraphQLError =>
  refusedError(refuse("TOO_MANY_REQUESTS", { retryAfterMs }));
