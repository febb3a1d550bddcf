import { z } from "zod";
import { atOnce, httpOptions } from "../../net/http/remote-options.ts";
import type { Named } from "../adapter.ts";
import { DONOR_KEYS, fieldOptions, namedFields, SAMPLE_KEYS } from "../kit/field-options.ts";

const system = z.union([z.string().min(1), z.record(z.string(), z.string().min(1))]);
/** A search parameter, alone or with the code system of its tokens. */
const parameter = z
  .union([
    z.string().min(1),
    z.strictObject({ param: z.string().regex(/^[A-Za-z_][\w-]*$/, "wanted a search parameter"), system }),
  ])
  .transform((given) => (typeof given === "string" ? { param: given, system: undefined } : given));
/** A parsed search parameter. */
export type Parameter = z.output<typeof parameter>;
const fields = fieldOptions(parameter);

/**
 * The `adapter:` section of a bank that runs an HL7 FHIR R4 server.
 * - `url`: the base, above /metadata; and whatever else httpOptions takes.
 * - `batch`: the most searches that go into one `batch` bundle; 0: one request for each.
 * - `donors`: the Patient search parameter of each field (sex: gender); fields that are not there cannot be asked for.
 * - `diseases`, `samples`: the resource, the reference parameter that leads to the Patient, and the parameters. `age` is a
 *   number or quantity parameter of completed years, `year` a date parameter.
 * - `system`: the system of a field's codes: one URI, or one for each local code or each prefix (`ORPHA` of `ORPHA:803`).
 *   Without it local codes are sent as they are: bare, or spelled `system|code`.
 * - `release`: `metadata`, the server's own description; or a resource with `version` and `date`, such as
 *   `Library/release`. FHIR leaves the order of a batch's entries open, so the resource is read once more after (`behind`)
 *   the counts; `told: last` warrants that this server takes them in their order: then it is read by the last entry of each
 *   batch.
 */
export const fhirOptions = httpOptions({
  kind: z.literal("fhir"),
  atOnce: atOnce(8),
  batch: z.number().int().min(0).max(10_000).default(500),
  donors: z.strictObject(fields.donors).prefault({ sex: "gender" }),
  diseases: z
    .strictObject({
      resource: z.literal("Condition").default("Condition"),
      reference: z.enum(["patient", "subject"]).default("patient"),
      code: z.string().min(1).default("code"),
      system: system.optional(),
    })
    .optional(),
  samples: z
    .strictObject({
      resource: z.literal("Specimen").default("Specimen"),
      reference: z.enum(["patient", "subject"]).default("patient"),
      ...fields.samples,
    })
    .optional(),
  release: z
    .union([
      z.literal("metadata"),
      z.strictObject({
        resource: z.string().regex(/^[A-Z][A-Za-z]+\/[\w.-]{1,64}$/, "wanted Type/id"),
        told: z.enum(["behind", "last"]).default("behind"),
      }),
    ])
    .default("metadata"),
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
