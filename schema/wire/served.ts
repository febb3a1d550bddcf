import {
  type GraphQLEnumType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import { LARGEST_INT, list, members, type Shape, under, wrong } from "./shape.ts";

export type ServedOptions = {
  /** Fields that are not looked at: `Bank.release`. */
  readonly without: readonly string[];
  /** Enum -> the value that stands for one of a newer contract. */
  readonly cautious: { readonly [name: string]: string };
};

/**
 * The shape of JSON that can be served as an object of a GraphQL type: each field has the kind of value that the SDL
 * declares, absent is null, and members beside the fields are kept. An unknown value of an enum without a cautious one
 * becomes null where the SDL allows it; elsewhere what holds it is left out of the list that it stands in.
 */
export const served = (type: GraphQLObjectType, options: ServedOptions): Shape<unknown> => {
  const fields = Object.values(type.getFields())
    .filter(({ name }) => !options.without.includes(`${type.name}.${name}`))
    .map((field) => ({ name: field.name, shape: shapeOf(field.type, options) }));
  return (json) => {
    const given = members(json);
    const parsed: { [name: string]: unknown } = { ...given };
    for (const { name, shape } of fields) {
      try {
        parsed[name] = shape(given[name]);
      } catch (error) {
        throw under(error, `.${name}`);
      }
    }
    return Object.values(parsed).includes(UNKNOWN) ? UNKNOWN : parsed;
  };
};

/** Stands for a value of an enum that this version does not know. */
const UNKNOWN = Symbol("unknown");

const shapeOf = (type: GraphQLOutputType, options: ServedOptions): Shape<unknown> => {
  if (isNonNullType(type)) return presentOf(type.ofType, options);
  const present = presentOf(type, options);
  return (json) => {
    if (json === null || json === undefined) return null;
    const value = present(json);
    return value === UNKNOWN ? null : value;
  };
};

const presentOf = (type: GraphQLOutputType, options: ServedOptions): Shape<unknown> => {
  if (isObjectType(type)) return served(type, options);
  if (isEnumType(type)) return enumOf(type, options);
  if (!isListType(type)) return SCALARS[String(type)] ?? ((json) => json);
  const items = list(shapeOf(type.ofType, options));
  return (json) => items(json).filter((item) => item !== UNKNOWN);
};

const enumOf =
  (type: GraphQLEnumType, { cautious }: ServedOptions): Shape<unknown> =>
  (json) => {
    if (typeof json !== "string") throw wrong("", `a value of ${type.name}`, json);
    return type.getValue(json) === undefined ? (cautious[type.name] ?? UNKNOWN) : json;
  };

const scalar =
  (wanted: string, is: (json: unknown) => boolean): Shape<unknown> =>
  (json) => {
    if (is(json)) return json;
    throw wrong("", wanted, json);
  };
const text = scalar("a text", (json) => typeof json === "string");

const SCALARS: { readonly [name: string]: Shape<unknown> } = {
  String: text,
  ID: text,
  Date: text,
  Boolean: scalar("true or false", (json) => typeof json === "boolean"),
  Int: scalar("an integer", (json) => Number.isInteger(json) && Math.abs(Number(json)) <= LARGEST_INT),
};
