import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import { PUBLIC_SDL } from "../../schema/sdl.ts";
import type { Random } from "./random.ts";
import { numberOf, textOf } from "./values.ts";

const schema = buildSchema(PUBLIC_SDL);

/** The parameters of a GraphQL request. */
export type Params = {
  readonly query: string;
  readonly variables?: { readonly [name: string]: unknown };
  readonly operationName?: string;
};

/** What a document is made with. */
type Making = {
  readonly random: Random;
  readonly variables: { [name: string]: unknown };
  readonly declared: string[];
  readonly fragments: string[];
  /** Fields that may still be selected. */
  left: number;
};

/** A document of the public schema's grammar with values for its variables; most are valid, some are off by a little. */
export const documentOf = (random: Random): Params => {
  const making: Making = { random, variables: {}, declared: [], fragments: [], left: 5 + random.int(60) };
  const kind = random.pick(["query", "query", "query", "query", "query", "query", "subscription", "mutation"] as const);
  const root = {
    query: schema.getQueryType(),
    subscription: schema.getSubscriptionType(),
    mutation: schema.getMutationType(),
  }[kind]!;
  const selection = selectionOf(making, root, 0);
  const name = random.chance(0.3) ? "Asked" : "";
  const declared = making.declared.length > 0 ? `(${making.declared.join(", ")})` : "";
  const operation =
    kind === "query" && declared === "" && name === "" ? selection : `${kind} ${name}${declared} ${selection}`;
  const others = random.chance(0.05) ? " query Other { limits { depth } }" : "";
  const operationName = random.chance(0.1)
    ? { operationName: random.pick(["Asked", "Other", "", textOf(random)]) }
    : {};
  const query = [operation, ...making.fragments].join("\n") + others;
  return {
    query,
    ...(Object.keys(making.variables).length > 0 || random.chance(0.1) ? { variables: making.variables } : {}),
    ...operationName,
  };
};

const selectionOf = (making: Making, type: GraphQLObjectType, depth: number): string => {
  const { random } = making;
  const fields = Object.values(type.getFields());
  const chosen: string[] = [];
  for (let i = random.int(4); i >= 0 && making.left > 0; i--) {
    making.left -= 1;
    chosen.push(fieldOf(making, random.pick(fields), depth));
  }
  if (random.chance(0.1))
    chosen.push(
      `... on ${type.name}${directiveOf(making, "@defer")} ${random.chance(0.5) ? "{ __typename }" : selectionOf(making, type, depth + 1)}`,
    );
  if (random.chance(0.08)) chosen.push(spreadOf(making, type, depth));
  if (chosen.length === 0 || random.chance(0.1)) chosen.push("__typename");
  if (random.chance(0.01))
    chosen.push(random.pick(["nope", "__schema { types { name } }", "...Nope", "a: b: c", `${"x".repeat(300)}`]));
  return `{ ${chosen.join(" ")} }`;
};

type Field = { readonly name: string; readonly type: GraphQLOutputType; readonly args: readonly GraphQLArgument[] };

const fieldOf = (making: Making, { name, type, args }: Field, depth: number): string => {
  const { random } = making;
  const given = args
    .filter((arg) =>
      isNonNullType(arg.type) && arg.defaultValue === undefined ? !random.chance(0.02) : random.chance(0.25),
    )
    .map((arg) => `${arg.name}: ${argumentOf(making, arg)}`);
  const alias = random.chance(0.2) ? `${random.pick(["a", "b", "c", name])}: ` : "";
  const inner = getNamedType(type);
  const isList = isListType(isNonNullType(type) ? type.ofType : type);
  const directives = directiveOf(making, isList ? "@stream" : "");
  const below = isObjectType(inner)
    ? ` ${depth < 7 && making.left > 0 ? selectionOf(making, inner, depth + 1) : "{ __typename }"}`
    : "";
  return `${alias}${name}${given.length > 0 ? `(${given.join(", ")})` : ""}${directives}${below}`;
};

const spreadOf = (making: Making, type: GraphQLObjectType, depth: number): string => {
  const name = `F${making.fragments.length}`;
  // Its place is kept, so that fragments inside get other names.
  const at = making.fragments.push("") - 1;
  making.fragments[at] = `fragment ${name} on ${type.name} ${selectionOf(making, type, depth + 1)}`;
  return `...${making.random.chance(0.05) ? "F0" : name}${directiveOf(making, "@defer")}`;
};

const directiveOf = ({ random }: Making, own: string): string => {
  if (!random.chance(0.06)) return "";
  const counts = ["0", "1", "-1", "null", "2147483647", "2147483648", "1.5", '"1"', "$v0"];
  if (own === "@stream" && random.chance(0.6))
    return ` @stream(initialCount: ${random.pick(counts)}${random.chance(0.3) ? ', label: "l"' : ""})`;
  if (own === "@defer" && random.chance(0.6))
    return ` @defer(${random.pick(["if: true", "if: false", "if: null", 'label: "d"', "if: $v0", "label: null"])})`;
  return ` @${random.pick(["skip", "include", "include", "nope"])}(if: ${random.pick(["true", "false", "null", "$v0", "1"])})`;
};

const argumentOf = (making: Making, { name, type }: GraphQLArgument): string => {
  const { random } = making;
  const value = inputOf(random, type, name);
  if (!random.chance(0.4)) return literalOf(value);
  const variable = `v${making.declared.length}`;
  making.declared.push(
    `$${variable}: ${type}${random.chance(0.05) ? ` = ${literalOf(inputOf(random, type, name))}` : ""}`,
  );
  if (!random.chance(0.03)) making.variables[variable] = random.chance(0.03) ? wrongOf(random) : value;
  return `$${variable}`;
};

/** A value that GraphQL writes without quotes. */
class Word {
  readonly word: string;
  constructor(word: string) {
    this.word = word;
  }
  toJSON(): string {
    return this.word;
  }
}

const wrongOf = (random: Random): unknown =>
  random.pick<unknown>([null, 1, -1.5, "", "x", true, [], {}, [[1]], { a: 1 }, { __proto__: null, constructor: 1 }]);

const inputOf = (random: Random, type: GraphQLInputType, name: string, depth = 0): unknown => {
  if (random.chance(0.005)) return wrongOf(random);
  if (isNonNullType(type)) return inputOf(random, type.ofType, name, depth);
  if (random.chance(0.02)) return null;
  if (isListType(type))
    return Array.from({ length: random.chance(0.02) ? 60 : random.int(3) }, () =>
      inputOf(random, type.ofType, name, depth + 1),
    );
  if (isEnumType(type)) return new Word(random.chance(0.01) ? "NOPE" : random.pick(type.getValues()).name);
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (field) => isNonNullType(field.type) || random.chance(depth > 4 ? 0.05 : 0.2),
    );
    return Object.fromEntries(fields.map((field) => [field.name, inputOf(random, field.type, field.name, depth + 1)]));
  }
  if (type.name === "Int") return numberOf(random);
  if (type.name === "Boolean") return random.chance(0.5);
  return textOf(random, type.name);
};

const literalOf = (value: unknown): string => {
  if (value instanceof Word) return value.word;
  if (Array.isArray(value)) return `[${value.map(literalOf).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, each]) => `${key}: ${literalOf(each)}`)
      .join(", ")} }`;
  return JSON.stringify(value) ?? "null";
};
