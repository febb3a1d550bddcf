import { buildSchema, type GraphQLNamedType, getNamedType, isObjectType, parse } from "graphql";
import { SUBGRAPH_SDL } from "../../schema/sdl.ts";

/** The field of a Bank that is no part of its card: it is asked anew each time. */
const LIVE_FIELD = "release";

/** The selection of every field of a type and below it; empty for a type without fields. */
const everythingOf = (type: GraphQLNamedType | undefined): string => {
  if (!isObjectType(type)) return "";
  const fields = Object.values(type.getFields()).filter(({ name }) => type.name !== "Bank" || name !== LIVE_FIELD);
  return `{ ${fields.map((field) => field.name + everythingOf(getNamedType(field.type))).join(" ")} }`;
};

/** The document that asks a bank for its card: every field of `self` and below it, as the contract has them. */
export const CARD = parse(`query card { self ${everythingOf(buildSchema(SUBGRAPH_SDL).getType("Bank"))} }`);
