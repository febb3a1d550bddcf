import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";

/** A document of the official framework, such as `responses/beaconCountResponse`. */
export type SchemaName = `${"requests" | "responses" | "configuration"}/${string}`;

/** Checks a value by an official Beacon v2 schema; returns what is wrong with it, or null. */
export type Check = (name: SchemaName, value: unknown) => string | null;

const BASE = "https://beacon.example/framework/json/";

/** Registers the Beacon v2 framework under one base, so that its relative references resolve; compiles on first use. */
export const beaconSchemas = (): Check => {
  const file = new URL("./beacon-v2-schemas.json", import.meta.url);
  const { schemas }: { schemas: Readonly<Record<string, object>> } = JSON.parse(readFileSync(file, "utf8"));
  // The documents use `example` and `version`, which strict mode does not know. They are what they are: not validated.
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: false });
  formats.default(ajv);
  for (const [path, schema] of Object.entries(schemas)) {
    ajv.addSchema({ ...schema, $id: BASE + path.replace(/^framework\/json\//, "") });
  }
  const compiled = new Map<SchemaName, ValidateFunction>();
  return (name, value) => {
    const validate = compiled.get(name) ?? ajv.getSchema(`${BASE}${name}.json`);
    if (validate === undefined) throw new RangeError(`no Beacon schema ${name}`);
    compiled.set(name, validate);
    if (validate(value)) return null;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath || "/"} ${error?.message ?? "is not valid"}`;
  };
};
