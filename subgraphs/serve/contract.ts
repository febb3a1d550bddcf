import { buildSchema, GraphQLScalarType, type GraphQLSchema } from "graphql";
import { NEVER } from "../../net/signals.ts";
import { CALL_LIMITS } from "../../schema/question-limits.ts";
import { SUBGRAPH_SDL } from "../../schema/sdl.ts";
import { checkCost } from "../../schema/wire/limits.ts";
import type { Resolver, SubgraphContext } from "./context.ts";
import { operatorResolvers } from "./operator.ts";
import type { ServedBank } from "./served-bank.ts";

/** The subgraph's contract, served by one bank. */
export const contractOf = (bank: ServedBank): GraphQLSchema => {
  const schema = buildSchema(SUBGRAPH_SDL);
  resolveBy(schema.getQueryType(), {
    self: (_args, { signal = NEVER }) => bank.self(signal),
    readings: ({ questions }, { signal = NEVER }) =>
      bank.readings(affordable(questions as readonly unknown[], CALL_LIMITS.readings), signal),
    lease: (_args, { signal = NEVER }) => bank.lease(signal),
    answers: ({ asOf, questions }, { signal = NEVER }) =>
      bank.answers(asOf as string, affordable(questions as readonly unknown[], CALL_LIMITS.answers), signal),
  });
  resolveBy(schema.getMutationType(), operatorResolvers(bank));
  const json = schema.getType("JSON");
  if (json instanceof GraphQLScalarType) json.serialize = (value) => value;
  return schema;
};

/** The questions of a call, unless they cost more than a gateway asks. @throws {WrongAnswer} */
const affordable = (questions: readonly unknown[], most: number): readonly unknown[] => {
  checkCost(questions, most);
  return questions;
};

const resolveBy = (
  type: ReturnType<GraphQLSchema["getQueryType"]>,
  resolvers: { readonly [field: string]: Resolver },
): void => {
  const fields = type?.getFields() ?? {};
  for (const [name, resolver] of Object.entries(resolvers)) {
    const field = fields[name];
    if (field === undefined) throw new Error(`the contract has no field ${name}`);
    field.resolve = (_source, args, context: SubgraphContext | undefined) => resolver(args, context ?? {});
  }
};
