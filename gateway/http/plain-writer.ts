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

/** Writes one value as the JSON that GraphQL's execution makes of it. @throws {NotPlain} for a value it would not do alike */
export type Writer = (value: unknown) => string;

/** A selection, or a value, that is more than plain data: only execution itself knows what becomes of it. */
export class NotPlain extends Error {
  override readonly name = "NotPlain";
}

/** Fields whose values are no properties but follow from their object at once, by type and name. */
export type Derived = { readonly [type: string]: { readonly [field: string]: (source: never) => unknown } };

/** What a selection is read with. `variables`: coerced. */
export type Selecting = {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variables: { readonly [name: string]: unknown };
  readonly derived: Derived;
  /** How many fields may still be selected. Few words of fragments make more than could be kept. */
  readonly spare: { fields: number };
};

/**
 * The writer of a field's value: what `nodes` select from `type`. It holds for as long as the variables of @skip and
 * @include have the values that they have in `selecting`.
 * @throws {NotPlain} where a resolver, an argument, an abstract type or another directive is selected, or too much
 */
export const writerOf = (type: GraphQLOutputType, nodes: readonly FieldNode[], selecting: Selecting): Writer => {
  if (isNonNullType(type)) return valueWriter(type.ofType, nodes, selecting);
  const write = valueWriter(type, nodes, selecting);
  return (value) => (value === null || value === undefined ? "null" : write(value));
};

/** Of values that must not be null: null is not plain to it. */
const valueWriter = (type: GraphQLOutputType, nodes: readonly FieldNode[], selecting: Selecting): Writer => {
  if (isListType(type)) return listWriter(writerOf(type.ofType, nodes, selecting));
  if (isLeafType(type)) return leafWriter(type);
  if (isObjectType(type) && !type.isTypeOf) return objectWriter(type, nodes, selecting);
  throw new NotPlain(type.toString());
};

const listWriter =
  (write: Writer): Writer =>
  (list) => {
    if (!Array.isArray(list)) throw new NotPlain("wanted an array");
    if (list.length < 2) return list.length === 0 ? "[]" : `[${write(list[0])}]`;
    // Joined at once, the text lies in one piece: whoever measures or sends it need not put it together again.
    const items: string[] = [];
    for (let i = 0; i < list.length; i++) items.push(write(list[i]));
    return `[${items.join()}]`;
  };

const objectWriter = (type: GraphQLObjectType, nodes: readonly FieldNode[], selecting: Selecting): Writer => {
  const fields = [...fieldsOf(type, nodes, selecting)].map(([key, below], i) => ({
    before: `${i === 0 ? "{" : ","}${nameJson(key)}:`,
    ...fieldWriter(type, below, selecting),
  }));
  return (value) => {
    if (!isPlainObject(value)) throw new NotPlain("wanted an object");
    let json = "";
    for (let i = 0; i < fields.length; i++) {
      const { before, name, derive, write } = fields[i]!;
      json += before + write(derive === undefined ? value[name] : derive(value as never));
    }
    return json === "" ? "{}" : `${json}}`;
  };
};

/**
 * A name as JSON, with one byte for each character: names are ASCII. V8 keeps two of each of one that it first met in the SDL,
 * because there is Japanese beside it, and then of the whole answer that it is put into.
 */
export const nameJson = (name: string): string => `"${Buffer.from(name, "latin1").toString("latin1")}"`;

/** The fields that several selections make of one object, by key of the answer. @throws {NotPlain} where some come later */
export const fieldsOf = (
  type: GraphQLObjectType,
  nodes: readonly { readonly selectionSet?: SelectionSetNode | undefined }[],
  { schema, fragments, variables }: Selecting,
): ReadonlyMap<string, readonly FieldNode[]> => {
  const fieldNodes = nodes.flatMap(({ selectionSet }) => (selectionSet ? [{ ...ANY_FIELD, selectionSet }] : []));
  const { fields, patches } = collectSubFields(
    schema,
    { ...fragments },
    { coerced: variables, sources: {} },
    type,
    fieldNodes,
  );
  if (patches.length > 0) throw new NotPlain("@defer");
  if ([...fields.values()].flat().some(hasOwnDirective)) throw new NotPlain("a directive");
  return fields;
};

const ANY_FIELD: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "any" } };

type FieldWriter = { readonly name: string; readonly derive?: (source: never) => unknown; readonly write: Writer };

const fieldWriter = (type: GraphQLObjectType, nodes: readonly FieldNode[], selecting: Selecting): FieldWriter => {
  const name = nodes[0]!.name.value;
  selecting.spare.fields -= 1;
  if (selecting.spare.fields < 0) throw new NotPlain("too many fields");
  if (name === "__typename") {
    const json = nameJson(type.name);
    return { name, write: () => json };
  }
  const field = type.getFields()[name];
  const derive = selecting.derived[type.name]?.[name];
  if (field === undefined || !(isRead(field) || derive)) throw new NotPlain(`${type.name}.${name}`);
  return { name, ...(derive && { derive }), write: writerOf(field.type, nodes, selecting) };
};

/** Whether the field is the property of its name, whatever it is called in the answer. */
const isRead = ({ resolve, args }: GraphQLField<unknown, unknown>): boolean =>
  args.length === 0 && (resolve === undefined || resolve === defaultFieldResolver);

/** Whether a directive says more than whether the field is selected. */
const hasOwnDirective = ({ directives }: FieldNode): boolean =>
  directives?.some(({ name }) => name.value !== "skip" && name.value !== "include") ?? false;

/** An error that is given as a value is one that is thrown. */
const isPlainObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as { then?: unknown }).then !== "function" &&
  !(value instanceof Error);

const leafWriter = (type: GraphQLLeafType): Writer => {
  if (isEnumType(type)) return enumWriter(type);
  const write = SPECIFIED[type.name];
  if (write !== undefined) return write;
  return (value) => {
    if (typeof value === "function" || (typeof value === "object" && !isPlainObject(value)))
      throw new NotPlain("a value");
    const json: string | undefined = JSON.stringify(type.serialize(value) ?? undefined);
    if (json === undefined) throw new NotPlain(`no ${type.name}`);
    return json;
  };
};

const enumWriter = (type: GraphQLEnumType): Writer => {
  const known = new Map<unknown, string>(type.getValues().map(({ name, value }) => [value, nameJson(name)]));
  return (value) => known.get(value) ?? notPlain(type);
};

/** Of GraphQL's own scalars, values of their own JavaScript type only; what else they take is for execution to convert. */
const SPECIFIED: { readonly [scalar: string]: Writer | undefined } = {
  Int: (value) => (Number.isInteger(value) && (Number(value) | 0) === value ? String(value) : notPlain("Int")),
  Float: (value) => (Number.isFinite(value) ? String(value) : notPlain("Float")),
  Boolean: (value) => (typeof value === "boolean" ? String(value) : notPlain("Boolean")),
  String: (value) => (typeof value === "string" ? quoted(value) : notPlain("String")),
  ID: (value) => (typeof value === "string" ? quoted(value) : notPlain("ID")),
};

const notPlain = (what: unknown): never => {
  throw new NotPlain(`wanted ${what}`);
};

const quoted = (text: string): string => (ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`);
/** What JSON writes with a backslash. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;
