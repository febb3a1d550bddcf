import {
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
} from "graphql";
import { FAULTS } from "../../../schema/faults.ts";
import { FIELD_NAMES } from "../../../schema/fields.ts";
import { LIMITS } from "../../limits.ts";
import type { FederationSizes } from "./federation-sizes.ts";
import type { IntrospectionSizes, TypeSizes } from "./introspection-sizes.ts";
import type { QuestionSize } from "./question-size.ts";

/** What the lengths of lists follow from: the federation, and what is asked around them. */
export type Scope = {
  readonly federation: FederationSizes;
  /** Banks that the search around it asks. */
  readonly banks: number;
  readonly question: QuestionSize;
  /** Concepts of the list around it; 1 outside of one. */
  readonly concepts: number;
  readonly introspection: IntrospectionSizes;
  /** Of one type of the introspection around it: the mean of all types where all are listed, else the longest. */
  readonly type: TypeSizes;
};

/** Arguments of a field, as far as they are right. */
export type Args = { readonly [name: string]: unknown };

type SizeOf = (scope: Scope, args: Args) => number;

/** Codes that some different concepts are related to, together. A few have hundreds; a test compares with the vocabularies. */
export const mostRelated = (concepts: number): number => 550 * concepts ** 0.45;
/** Codes above a code, and codes that make up a group, at most; a test compares with the vocabularies. */
export const DEEPEST_PATH = 10;
export const WIDEST_GROUP = 100;
/** Local codes that a bank names for one code that was asked: what it records below it. */
const LOCAL_CODES = 3;
/** Most local codes that a bank names for one criterion. */
const MOST_LOCAL_CODES = 100;

/**
 * How many items a list has at most; a mean, where it hangs below each item of another list whose sum is known. Lists of an
 * enum have at most all its values, and need no row here.
 */
export const LIST_SIZES: { readonly [field: string]: SizeOf } = {
  "Query.banks": ({ federation: { banks } }, { ids }) => atMost(banks, ids),
  "Query.concepts": ({ concepts }) => concepts,
  "Found.hits": ({ concepts }) => concepts,
  "Found.nearest": () => 3,
  "Hit.banks": ({ federation: { banks } }) => banks,
  "Query.fields": () => FIELD_NAMES.length,
  "Query.faults": () => Object.keys(FAULTS).length,
  // A key file has a line for each: few, since a key is taken out once its successor is known.
  "Query.keys": () => 10,
  // No list, but as many events: no more than banks, in which each bank's answer comes once.
  "Subscription.search": ({ banks }) => banks,
  "SearchEvent.answers": () => 1,
  "Search.facets": ({ question: { facets } }) => facets,
  "Search.banks": ({ banks }) => banks,
  "BankAnswer.facets": ({ question: { facets } }) => facets,
  "BankAnswer.understanding": ({ question: { criteria } }) => criteria,
  "Question.criteria": ({ question: { criteria } }) => criteria,
  "Reading.banks": ({ banks }) => banks,
  "BankReading.understanding": ({ question: { criteria } }) => criteria,
  "Understanding.local": ({ question: { criteria, codes } }) =>
    Math.min(MOST_LOCAL_CODES, (LOCAL_CODES * codes) / criteria),
  "FacetTable.cells": ({ question: { facets, listed } }) => listed / facets,
  "Field.values": ({ federation: { values } }) => values / FIELD_NAMES.length,
  "Bank.centres": ({ federation: { centres } }) => centres,
  "Capabilities.fields": () => FIELD_NAMES.length,
  "FieldSupport.systems": ({ federation: { systems } }) => systems,
  "FieldSupport.values": ({ federation: { supported } }) => supported / FIELD_NAMES.length,
  "Concept.path": () => DEEPEST_PATH,
  "Concept.codes": () => WIDEST_GROUP,
  "Concept.related": ({ concepts }) => mostRelated(concepts) / concepts,
  "Concept.banks": ({ federation: { banks } }) => banks,
  "__Schema.types": ({ introspection: { types } }) => types,
  "__Schema.directives": ({ introspection: { directives } }) => directives,
  "__Type.fields": ({ type: { fields } }) => fields,
  "__Type.inputFields": ({ type: { inputFields } }) => inputFields,
  "__Type.enumValues": ({ type: { enumValues } }) => enumValues,
  "__Type.interfaces": () => 0,
  "__Type.possibleTypes": () => 0,
  "__Field.args": ({ type: { args } }) => args,
  "__Directive.args": ({ introspection: { longest } }) => longest.args,
};

/** Items of a list at most; null for a field that is no list. @throws {Error} for a list without a row */
export const listSize = (
  name: string,
  { type }: Pick<GraphQLField<unknown, unknown>, "type">,
  scope: Scope,
  args: Args,
): number | null => {
  const sizeOf = LIST_SIZES[name];
  if (sizeOf !== undefined) return sizeOf(scope, args) || 0;
  if (!isList(type)) return null;
  const items = getNamedType(type);
  if (isEnumType(items)) return items.getValues().length;
  throw new Error(`wanted the length of ${name} in LIST_SIZES, got none`);
};

export const isList = (type: GraphQLOutputType): boolean => isListType(isNonNullType(type) ? type.ofType : type);

const atMost = (most: number, ids: unknown): number => (Array.isArray(ids) ? Math.min(most, ids.length) : most);

/** Concepts that a query of them gives: no more than `first`, which a wrong one is refused for. */
export const conceptsOf = ({ codes, first }: Args): number => {
  const most = Math.min(Math.max(0, Number(first)), LIMITS.first);
  return atMost(most, codes);
};
