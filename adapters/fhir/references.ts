import { asObject, type JsonObject } from "../../net/http/json-client.ts";

/** The id of the patient to whom a resource belongs; patient and subject are the same element by two names. */
export const patientOf = (resource: JsonObject, reference: string): string | undefined => {
  const element = asObject(resource["subject"]) ?? asObject(resource[reference]);
  const target = element?.["reference"];
  return typeof target === "string" ? /(?:^|\/)Patient\/([\w.-]+)(?:\/_history\/.*)?$/.exec(target)?.[1] : undefined;
};
