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

/** The field of a Bank that is no part of its card: it is asked anew each time. */
const LIVE_FIELD = "release";

/** The document that asks a bank for its card: every field of `self` and below it, as the contract has them. */
export const cardDocument = (contract: GraphQLSchema): DocumentNode => {
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
        name: { kind: Kind.NAME, value: "card" },
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
    .filter((field) => type.name !== "Bank" || field.name !== LIVE_FIELD)
    .map((field) => ({
      kind: Kind.FIELD,
      name: { kind: Kind.NAME, value: field.name },
      ...everything(getNamedType(field.type)),
    }));
