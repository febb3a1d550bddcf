import { z } from "zod";
import { atOnce, httpOptions } from "../../net/http/remote-options.ts";
import type { Named } from "../adapter.ts";
import { DONOR_KEYS, fieldOptions, namedFields, SAMPLE_KEYS } from "../kit/field-options.ts";

const system = z.union([z.string().min(1), z.record(z.string(), z.string().min(1))]).meta({
  description:
    "Code system of the local codes: one URI, or one for each code or prefix (`ORPHA` of `ORPHA:803`). Without it codes are sent as they are, bare or as `system|code`.",
  example: "http://hl7.org/fhir/sid/icd-10",
});
/** A search parameter, alone or with the code system of its tokens. */
const parameter = z
  .union([
    z.string().min(1),
    z.strictObject({
      param: z
        .string()
        .regex(/^[A-Za-z_][\w-]*$/, "wanted a search parameter")
        .meta({ description: "Name of the search parameter.", example: "gender" }),
      system,
    }),
  ])
  .transform((given) => (typeof given === "string" ? { param: given, system: undefined } : given));
/** A parsed search parameter. */
export type Parameter = z.output<typeof parameter>;
/** The reference that leads from a resource to its Patient. */
const reference = (resource: string) =>
  z
    .enum(["patient", "subject"])
    .default("patient")
    .describe(`Search parameter that leads from ${resource} to Patient.`);
/** Which statuses count and which do not, each once. */
const statuses = (of: string, counts: readonly string[], drops: readonly string[]) =>
  z
    .strictObject({
      counts: z
        .array(z.string())
        .min(1)
        .default([...counts])
        .meta({ description: `${of} that count; "" stands for none.`, example: counts }),
      drops: z
        .array(z.string())
        .default([...drops])
        .meta({ description: `${of} that do not count. All others are in doubt.`, example: drops }),
    })
    .prefault({})
    .describe(`Which ${of} count.`);
const standing = z.enum(["counts", "doubt", "drops"]);
const fields = fieldOptions(parameter, "Search parameter for the");

/**
 * The `adapter:` section of a bank that runs an HL7 FHIR R4 server; `url` is the base, above /metadata. FHIR leaves the order of
 * a batch's entries open, which is why `release.told` is needed.
 */
export const fhirOptions = httpOptions({
  kind: z.literal("fhir").describe("An HL7 FHIR R4 server."),
  atOnce: atOnce(8),
  batch: z.number().int().min(0).max(10_000).default(100).meta({
    description: "Most searches in one `batch` bundle; 0: a request for each search.",
    example: 50,
  }),
  donors: z
    .strictObject(fields.donors)
    .prefault({ sex: "gender" })
    .describe("Search parameters of Patient. A field that is not named cannot be asked."),
  patients: z
    .strictObject({
      inactive: standing.default("doubt").describe("Patients with `active: false`."),
      merged: standing.default("drops").describe("Patients with a link of type `replaced-by`."),
    })
    .prefault({})
    .describe("Patients who do not count, or perhaps."),
  diseases: z
    .strictObject({
      resource: z.literal("Condition").default("Condition").describe("Resource that holds a diagnosis."),
      reference: reference("Condition"),
      code: z.string().min(1).default("code").meta({ description: "Search parameter for the code.", example: "code" }),
      system: system.optional(),
      verification: statuses("verification statuses", ["confirmed", ""], ["refuted", "entered-in-error"]),
    })
    .optional()
    .describe("Diagnoses. Without it diseases cannot be asked."),
  samples: z
    .strictObject({
      resource: z.literal("Specimen").default("Specimen").describe("Resource that holds a sample."),
      reference: reference("Specimen"),
      status: statuses("statuses", ["available", ""], ["unavailable", "entered-in-error"]),
      ...fields.samples,
    })
    .optional()
    .describe(
      "Samples. Without it samples cannot be asked. `age` is a number or quantity of completed years, `year` a date.",
    ),
  release: z
    .union([
      z.literal("metadata"),
      z.strictObject({
        resource: z
          .string()
          .regex(/^[A-Z][A-Za-z]+\/[\w.-]{1,64}$/, "wanted Type/id")
          .meta({ description: "Resource with `version` and `date`.", example: "Library/release" }),
        told: z
          .enum(["behind", "last"])
          .default("behind")
          .describe(
            "`behind`: it is read again after the counts. `last`: by the last entry of each batch, since this server takes entries in their order.",
          ),
      }),
    ])
    .default("metadata")
    .meta({
      description:
        "How the data release is known: by the server's own `metadata` with the number and newest change of its Patients, Conditions and Specimens, or by a resource that the bank keeps.",
      example: { resource: "Library/release" },
    }),
});

/** The parsed section: see fhirOptions. */
export type FhirOptions = z.output<typeof fhirOptions>;

/** The fields that name a search parameter; diseases have one by default. */
export const named = ({ donors, diseases, samples }: FhirOptions): Named => ({
  fields: [
    ...(diseases === undefined ? [] : ["DISEASE" as const]),
    ...namedFields(DONOR_KEYS, donors).map(({ field }) => field),
    ...namedFields(SAMPLE_KEYS, samples ?? {}).map(({ field }) => field),
  ],
  codes: [],
});
