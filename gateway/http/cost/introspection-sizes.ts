import { type GraphQLField, type GraphQLSchema, isEnumType, isInputObjectType, isObjectType } from "graphql";

/** Lengths of one type's lists in introspection; `args`: of one of its fields. */
export type TypeSizes = {
  readonly fields: number;
  readonly args: number;
  readonly inputFields: number;
  readonly enumValues: number;
};

export type IntrospectionSizes = {
  readonly types: number;
  readonly directives: number;
  /** Means over all types, and over all their fields. */
  readonly mean: TypeSizes;
  readonly longest: TypeSizes;
};

/** How long the lists are that introspection of a schema gives. */
export const introspectionSizes = (schema: GraphQLSchema): IntrospectionSizes => {
  const types = Object.values(schema.getTypeMap());
  const fieldsOf = types.map((type): readonly GraphQLField<unknown, unknown>[] =>
    isObjectType(type) ? Object.values(type.getFields()) : [],
  );
  const inputFields = types.map((type) => (isInputObjectType(type) ? Object.keys(type.getFields()).length : 0));
  const enumValues = types.map((type) => (isEnumType(type) ? type.getValues().length : 0));
  const args = [
    ...fieldsOf.flat().map((field) => field.args.length),
    ...schema.getDirectives().map((directive) => directive.args.length),
  ];
  const sizesBy = (size: (lengths: readonly number[]) => number): TypeSizes => ({
    fields: size(fieldsOf.map(({ length }) => length)),
    args: size(args),
    inputFields: size(inputFields),
    enumValues: size(enumValues),
  });
  return {
    types: types.length,
    directives: schema.getDirectives().length,
    mean: sizesBy((lengths) => lengths.reduce((a, b) => a + b, 0) / lengths.length),
    longest: sizesBy((lengths) => Math.max(...lengths)),
  };
};
