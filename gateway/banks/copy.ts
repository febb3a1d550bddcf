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
import type { Verdict } from "../../schema/answer.ts";
import type { FieldName } from "../../schema/fields.ts";
import type { Text } from "../../schema/text.ts";

/** A value and its name. */
export type Value = { readonly value: string; readonly label: Text };

/**
 * What the registry keeps of a bank: the whole of `self` but what changes with a release. The type names what the gateway
 * itself reads; the rest is there too and goes out as it came.
 */
export type BankCopy = {
  readonly id: string;
  readonly name: Text;
  readonly state: "TRIAL" | "LIVE" | "PAUSED" | "WITHDRAWN";
  /** Upper bounds that the bank warrants; null: none. `enrolmentsPerPerson`: how often one person can be a donor there. */
  readonly size: {
    readonly donors: number | null;
    readonly samples: number | null;
    readonly enrolmentsPerPerson: number;
  };
  readonly centres: readonly { readonly id: string; readonly name: Text }[];
  readonly capabilities: {
    readonly fields: readonly {
      readonly field: FieldName;
      readonly values: readonly { readonly value: Value; readonly verdict: Verdict }[];
    }[];
  };
};

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
