import { z } from "zod";
import { type DonorField, FIELD_KEYS, FIELDS, type FieldName, type SampleField } from "../../schema/fields.ts";

/** How the `donors:` section of a kind spells the fields that stand on a donor; diseases have a section of their own. */
export const DONOR_KEYS = {
  sex: "SEX",
  cohort: "COHORT",
  family: "FAMILY",
  programme: "PROGRAMME",
  data: "DATA",
  use: "USE",
  centre: "CENTRE",
} as const satisfies { readonly [key: string]: DonorField };

/** How the `samples:` section of a kind spells the fields of a sample. */
export const SAMPLE_KEYS = {
  type: "SAMPLE_TYPE",
  origin: "SAMPLE_ORIGIN",
  storage: "STORAGE",
  age: "AGE_AT_COLLECTION",
  year: "COLLECTED_YEAR",
} as const satisfies { readonly [key: string]: SampleField };

type Keys = { readonly [key: string]: FieldName };

/**
 * The parts of options that say something of fields, each of them left out at will: `fields`, a record by bank.yaml's own keys
 * for any field, and the members of `donors:` and `samples:` sections.
 * @param what a member says, for the docs: `Column that holds the`, before the name of its field
 */
export const fieldOptions = <P extends z.ZodType>(parameter: P, what: string) => ({
  fields: z.partialRecord(z.enum(Object.keys(FIELD_KEYS) as [keyof typeof FIELD_KEYS]), parameter),
  donors: membersOf(DONOR_KEYS, parameter, what),
  samples: membersOf(SAMPLE_KEYS, parameter, what),
});

const membersOf = <K extends Keys, P extends z.ZodType>(keys: K, parameter: P, what: string) =>
  Object.fromEntries(
    Object.entries(keys).map(([key, field]) => [
      key,
      parameter.optional().meta({ description: `${what} ${FIELDS[field].label.en.toLowerCase()}.`, example: key }),
    ]),
  ) as {
    [N in keyof K]: z.ZodOptional<P>;
  };

/** The fields that a section names: how it spells them, and what it says of them. */
export const namedFields = <P>(keys: Keys, section: object) =>
  Object.entries(section as { readonly [key: string]: P | undefined }).flatMap(([key, said]) => {
    const field = keys[key];
    return field === undefined || said === undefined ? [] : [{ field, key, said }];
  });
