import {
  buildSchema,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from "graphql";
import { describe, expect, test } from "vitest";
import { BANK_ERRORS } from "../../schema/bank-error.ts";
import { FIELD_NAMES, FIELDS } from "../../schema/fields.ts";
import { PUBLIC_SDL, SUBGRAPH_SDL } from "../../schema/sdl.ts";
import { VALUES, valuesOf } from "../../schema/vocabulary.ts";

const publicSchema = buildSchema(PUBLIC_SDL);
const subgraphSchema = buildSchema(SUBGRAPH_SDL);
const own = (schema: typeof publicSchema): readonly GraphQLNamedType[] =>
  Object.values(schema.getTypeMap()).filter(({ name, astNode }) => !name.startsWith("__") && astNode != null);
const enumValues = (name: string): readonly string[] => {
  const type = publicSchema.getType(name);
  return isEnumType(type) ? type.getValues().map((value) => value.name) : [];
};

/** Everything of a schema that a reader can look up, with its description. */
const described = (schema: typeof publicSchema): readonly (readonly [string, string | null | undefined])[] =>
  own(schema).flatMap((type) => {
    const rows: (readonly [string, string | null | undefined])[] = [[type.name, type.description]];
    if (isEnumType(type)) for (const v of type.getValues()) rows.push([`${type.name}.${v.name}`, v.description]);
    if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        rows.push([`${type.name}.${field.name}`, field.description]);
        const args = "args" in field ? field.args : [];
        for (const arg of args) rows.push([`${type.name}.${field.name}(${arg.name})`, arg.description]);
      }
    }
    return rows;
  });

describe.each([
  ["public", publicSchema],
  ["subgraph", subgraphSchema],
])("the %s contract", (_, schema) => {
  test("describes every type, field, argument and enum value in a sentence", () => {
    const bare = described(schema).filter(([, description]) => !/^[A-Z+−].*\.$/u.test(description ?? ""));
    expect(bare).toEqual([]);
  });

  test("has no type that nothing uses", () => {
    const text =
      JSON.stringify(own(schema).map((type) => type.astNode)) +
      JSON.stringify(own(schema).map((type) => type.extensionASTNodes));
    for (const { name } of own(schema)) {
      if (!["Query", "Mutation", "Subscription"].includes(name))
        expect(text.split(`"kind":"NamedType","name":{"kind":"Name","value":"${name}"`).length).toBeGreaterThan(1);
    }
  });
});

test.each([
  ["Facet", Object.fromEntries(FIELD_NAMES.map((field) => [field, FIELDS[field].label]))],
  ["Sex", VALUES.SEX],
  ["Cohort", VALUES.COHORT],
  ["Family", VALUES.FAMILY],
  ["DataKind", VALUES.DATA],
  ["DataUse", VALUES.USE],
  ["SampleType", VALUES.SAMPLE_TYPE],
  ["SampleOrigin", VALUES.SAMPLE_ORIGIN],
  ["Storage", VALUES.STORAGE],
])("enum %s has the values and the names of the vocabulary", (name, values) => {
  const type = publicSchema.getType(name);
  const served = isEnumType(type) ? type.getValues().map(({ name: value, description }) => [value, description]) : [];
  const sentence = (text: string) => `${text[0]?.toUpperCase()}${text.slice(1)}.`;
  expect(served).toEqual(Object.entries(values).map(([value, { en }]) => [value, sentence(en)]));
});

test("every field with fixed values is in the vocabulary", () => {
  expect(FIELD_NAMES.filter((field) => valuesOf(field).length > 0)).toEqual(
    FIELD_NAMES.filter((field) => Object.hasOwn(VALUES, field)),
  );
});

test("every failure of a bank has its status and problem code", () => {
  for (const { status } of Object.values(BANK_ERRORS)) expect(enumValues("AnswerStatus")).toContain(status);
  const codes = Object.keys(BANK_ERRORS).filter((code) => code !== "BANK_GONE");
  expect(enumValues("ProblemCode")).toEqual(expect.arrayContaining(codes));
});

test("a bank is the same in both contracts, but for what only the gateway knows", () => {
  const fields = (schema: typeof publicSchema): readonly string[] => {
    const bank = schema.getType("Bank");
    return isObjectType(bank) ? Object.keys(bank.getFields()) : [];
  };
  expect(fields(publicSchema)).toEqual([...fields(subgraphSchema), "availability"]);
});

test("a subgraph answers from the edition that it is asked for", () => {
  const answers = subgraphSchema.getQueryType()?.getFields()["answers"];
  expect(answers?.args.map((arg) => `${arg.name}: ${arg.type}`)).toEqual([
    "asOf: ID!",
    "questions: [JSON!]!",
    "envelope: JSON",
  ]);
});
