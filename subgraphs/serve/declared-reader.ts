import type { Capabilities, FieldCapability } from "../../adapters/local.ts";
import { type Mapping, mappedFields } from "../mapping/mapping.ts";
import { type FieldReader, fieldReader } from "../understand/read-field.ts";

/** The reader of a bank whose local API has not been reached yet: as if that could ask everything that the mapping says. */
export const declaredReader = (mapping: Mapping): FieldReader => {
  const all: FieldCapability = { on: ["DONORS", "SAMPLES"], rest: true, several: true };
  const fields = Object.fromEntries(mappedFields(mapping).map((field) => [field, all]));
  const logic = { logic: "boolean" } as const;
  const capabilities: Capabilities = {
    counts: ["DONORS", "SAMPLES"],
    donors: logic,
    samples: logic,
    fields,
    facets: [],
  };
  return fieldReader(mapping, capabilities);
};
