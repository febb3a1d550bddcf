import type { FieldCapability } from "../../adapters/local.ts";
import { type Mapping, mappedFields } from "../mapping/mapping.ts";
import { type Interpreter, interpreterOf } from "../understand/interpret.ts";

/** The interpreter of a bank whose local API has not been reached yet: as if that could ask everything that the mapping says. */
export const declaredInterpreter = (mapping: Mapping): Interpreter => {
  const all: FieldCapability = { on: ["DONORS", "SAMPLES"], rest: true, several: true };
  const fields = Object.fromEntries(mappedFields(mapping).map((field) => [field, all]));
  const logic = { logic: "boolean" } as const;
  return interpreterOf(mapping, { counts: all.on, donors: logic, samples: logic, fields, facets: [] });
};
