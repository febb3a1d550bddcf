import {
  type DocumentNode,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
} from "graphql";
import type { Text } from "../../schema/text.ts";
import type { Card } from "../../schema/wire/card.ts";

/** A value and its name. */
export type Value = { readonly value: string; readonly label: Text };

/** What the registry keeps of a bank. */
export type BankCopy = Card;

/** Fields of a Bank that are asked from the bank itself, each time. */
export const LIVE_FIELDS: readonly string[] = ["release", "availability", "operator"];

/** The document that asks a bank for its copy: every field of `self` and below it, as the contract has them. */
export const copyDocument = (contract: GraphQLSchema): DocumentNode => {
  const self = contract.getQueryType()?.getFields()["self"];
  if (self === undefined) throw new Error("The contract has no Query.self");
  const selectionSet: SelectionSetNode = {
    kind: Kind.SELECTION_SET,
    selections: [
      { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "self" }, ...everything(getNamedType(self.type)) },
    ],
  };
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: OperationTypeNode.QUERY,
        name: { kind: Kind.NAME, value: "copy" },
        selectionSet,
      },
    ],
  };
};

const everything = (type: GraphQLNamedOutputType): { selectionSet?: SelectionSetNode } => {
  if (!isObjectType(type)) return {};
  return { selectionSet: { kind: Kind.SELECTION_SET, selections: fieldsOf(type) } };
};

const fieldsOf = (type: GraphQLObjectType): SelectionSetNode["selections"] =>
  Object.values(type.getFields())
    .filter((field) => type.name !== "Bank" || !LIVE_FIELDS.includes(field.name))
    .map((field) => ({
      kind: Kind.FIELD,
      name: { kind: Kind.NAME, value: field.name },
      ...everything(getNamedType(field.type)),
    }));
