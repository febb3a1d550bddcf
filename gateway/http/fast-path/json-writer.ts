import { collectSubFields } from "@graphql-tools/utils";
import {
  defaultFieldResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from "graphql";
import { LIMITS } from "../../limits.ts";
import { answerTooLong } from "../cost/answer-bytes.ts";

/**
 * Writes a value as execution would.
 * @throws {NotPlain} for a value that execution would convert or refuse {Refusal} for a list over LIMITS.answerBytes
 */
export type JsonWriter = (value: unknown) => string;

/** A selection or a value that the fast path does not handle: the query is left to execution. */
export class NotPlain extends Error {
  override readonly name = "NotPlain";
}

/** Fields that are computed from their parent object, in place of a property of it: type -> field -> function. */
export type ComputedFields = { readonly [type: string]: { readonly [field: string]: Compute } };
/** Taken from a method, so that a function of one kind of object fits. */
type Compute = { of(source: object): unknown }["of"];

/** What a writer is made from. */
export type Scope = {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Coerced variables, for @skip and @include. */
  readonly variables: { readonly [name: string]: unknown };
  readonly computed: ComputedFields;
  /** How many more fields may be selected; counted down. */
  readonly spare: { fields: number };
};

/**
 * Makes the writer of what `nodes` select from `type`. It is good as long as the variables of @skip and @include keep
 * their values.
 * @throws {NotPlain} for a field with a resolver or arguments, an abstract type, another directive, or too many fields
 */
export const jsonWriter = (type: GraphQLOutputType, nodes: readonly FieldNode[], scope: Scope): JsonWriter => {
  if (isNonNullType(type)) return nonNullWriter(type.ofType, nodes, scope);
  const write = nonNullWriter(type, nodes, scope);
  return (value) => (value === null || value === undefined ? "null" : write(value));
};

/** Null is not plain to this one: execution reports it. */
const nonNullWriter = (type: GraphQLOutputType, nodes: readonly FieldNode[], scope: Scope): JsonWriter => {
  if (isListType(type)) return listWriter(jsonWriter(type.ofType, nodes, scope));
  if (isLeafType(type)) return leafWriter(type);
  if (isObjectType(type) && !type.isTypeOf) return objectWriter(type, nodes, scope);
  throw new NotPlain(type.toString());
};

const listWriter =
  (write: JsonWriter): JsonWriter =>
  (list) => {
    if (!Array.isArray(list)) throw new NotPlain("wanted an array");
    if (list.length < 2) return list.length === 0 ? "[]" : `[${write(list[0])}]`;
    // join() makes one flat string; adding up would make a rope that V8 flattens when it is sent.
    const items: string[] = [];
    let length = 0;
    for (let i = 0; i < list.length; i++) {
      const item = write(list[i]);
      length += item.length;
      // Before the whole of it is in memory.
      if (length > LIMITS.answerBytes) throw answerTooLong();
      items.push(item);
    }
    return `[${items.join()}]`;
  };

const objectWriter = (type: GraphQLObjectType, nodes: readonly FieldNode[], scope: Scope): JsonWriter => {
  const fields = [...selectedFields(type, nodes, scope)].map(([key, below], i) => ({
    before: `${i === 0 ? "{" : ","}${nameAsJson(key)}:`,
    ...fieldWriter(type, below, scope),
  }));
  return (value) => {
    if (!isPlainObject(value)) throw new NotPlain("wanted an object");
    let json = "";
    for (let i = 0; i < fields.length; i++) {
      const { before, name, compute, write } = fields[i]!;
      json += before + write(compute === undefined ? value[name] : compute(value));
    }
    return json === "" ? "{}" : `${json}}`;
  };
};

/**
 * A name in quotes, one byte per character. V8 keeps names that it first met in the SDL as two-byte strings, because the
 * SDL has Japanese in it, and one two-byte part doubles the memory of the whole answer.
 */
export const nameAsJson = (name: string): string => `"${Buffer.from(name, "latin1").toString("latin1")}"`;

/** The fields that selections make of one object, by key. @throws {NotPlain} for directives but @skip and @include */
export const selectedFields = (
  type: GraphQLObjectType,
  nodes: readonly { readonly selectionSet?: SelectionSetNode | undefined }[],
  { schema, fragments, variables }: Scope,
): ReadonlyMap<string, readonly FieldNode[]> => {
  const parents = nodes.flatMap(({ selectionSet }) => (selectionSet ? [{ ...ANY_FIELD, selectionSet }] : []));
  const { fields, patches } = collectSubFields(
    schema,
    { ...fragments },
    { coerced: variables, sources: {} },
    type,
    parents,
  );
  if (patches.length > 0) throw new NotPlain("@defer");
  if ([...fields.values()].flat().some(hasOtherDirective)) throw new NotPlain("a directive");
  return fields;
};

const ANY_FIELD: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "any" } };

const hasOtherDirective = ({ directives }: FieldNode): boolean =>
  directives?.some(({ name }) => name.value !== "skip" && name.value !== "include") ?? false;

type FieldWriter = {
  readonly name: string;
  readonly compute?: Compute;
  readonly write: JsonWriter;
};

const fieldWriter = (type: GraphQLObjectType, nodes: readonly FieldNode[], scope: Scope): FieldWriter => {
  const name = nodes[0]!.name.value;
  scope.spare.fields -= 1;
  if (scope.spare.fields < 0) throw new NotPlain("too many fields");
  if (name === "__typename") {
    const json = nameAsJson(type.name);
    return { name, write: () => json };
  }
  const field = type.getFields()[name];
  const compute = scope.computed[type.name]?.[name];
  if (field === undefined || !(isProperty(field) || compute)) throw new NotPlain(`${type.name}.${name}`);
  return { name, ...(compute && { compute }), write: jsonWriter(field.type, nodes, scope) };
};

/** Whether the field's value is the property of its name. */
const isProperty = ({ resolve, args }: GraphQLField<unknown, unknown>): boolean =>
  args.length === 0 && (resolve === undefined || resolve === defaultFieldResolver);

/** Execution takes an Error as a value for a thrown one, and waits for a promise. */
const isPlainObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as { then?: unknown }).then !== "function" &&
  !(value instanceof Error);

const leafWriter = (type: GraphQLLeafType): JsonWriter => {
  if (isEnumType(type)) return enumWriter(type);
  const write = SPECIFIED_SCALARS[type.name];
  if (write !== undefined) return write;
  return (value) => {
    if (typeof value === "function" || (typeof value === "object" && !isPlainObject(value)))
      throw new NotPlain("a value");
    const json: string | undefined = JSON.stringify(type.serialize(value) ?? undefined);
    if (json === undefined) throw new NotPlain(`no ${type.name}`);
    return json;
  };
};

const enumWriter = (type: GraphQLEnumType): JsonWriter => {
  const names = new Map<unknown, string>(type.getValues().map(({ name, value }) => [value, nameAsJson(name)]));
  return (value) => names.get(value) ?? notPlain(type);
};

/** GraphQL's own scalars, from values of their JavaScript type. Execution converts others, such as a number to a String. */
const SPECIFIED_SCALARS: { readonly [scalar: string]: JsonWriter | undefined } = {
  Int: (value) => (Number.isInteger(value) && (Number(value) | 0) === value ? String(value) : notPlain("Int")),
  Float: (value) => (Number.isFinite(value) ? String(value) : notPlain("Float")),
  Boolean: (value) => (typeof value === "boolean" ? String(value) : notPlain("Boolean")),
  String: (value) => (typeof value === "string" ? quoted(value) : notPlain("String")),
  ID: (value) => (typeof value === "string" ? quoted(value) : notPlain("ID")),
};

const notPlain = (wanted: unknown): never => {
  throw new NotPlain(`wanted ${wanted}`);
};

const quoted = (text: string): string => (NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`);
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;
