import { z } from "zod";
import { LONGEST_DEADLINE_MS } from "../../net/deadline.ts";
import { addresses, atOnce, secret, tlsFiles } from "../../net/http/remote-options.ts";
import { FIELD_KEYS, type FieldName } from "../../schema/fields.ts";
import type { Named } from "../adapter.ts";
import { HAD } from "./had.ts";

const concept = z.number().int().min(1).max(2_147_483_647);
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: "wanted a URL such as postgres://user@host/database" });

const schemaName = z.string().regex(/^[\p{L}_][\p{L}\p{N}_$-]{0,62}$/u, "wanted a plain name such as cdm");

/** A part of a source value such as `PLASMA|MINUS_80`; numbered from 1. */
const part = z.strictObject({
  separator: z.string().min(1).meta({ description: "Text between the parts.", example: "|" }),
  number: z.int().min(1).max(99).meta({ description: "Which part, from 1.", example: 2 }),
});
const fromSource = z.strictObject({
  by: z.literal("source_value").describe("`source_value`: specimen_source_value."),
  part: part.optional().meta({ description: "Only a part of that text.", example: { separator: "|", number: 2 } }),
});

/**
 * Rows of `observation` that record something about a donor. `concepts`: their observation_concept_id. `value`: where
 * the local code stands; `concept` is value_as_concept_id, `string` is value_as_string, `observation` is
 * observation_concept_id itself.
 */
const observed = z.strictObject({
  concepts: z
    .array(concept)
    .min(1)
    .meta({ description: "observation_concept_id of the rows that record it.", example: [4_299_535] }),
  value: z
    .enum(["concept", "string", "source_value", "observation", "observation_source_value"])
    .default("concept")
    .describe(
      "Column of the local code: `concept` is value_as_concept_id, `observation` observation_concept_id itself.",
    ),
});

/** The same local code for every donor of the bank. */
const always = z.strictObject({
  always: z.string().min(1).meta({ description: "The same local code for every donor.", example: "PATIENT" }),
});

const statuses = z.array(z.union([concept, z.string().min(1)]));
const status = z
  .strictObject({
    counts: statuses.default([...HAD]).meta({
      description: "Statuses of a diagnosis that was had. One without a status was, too; all others are in doubt.",
      default: "confirmed, primary, secondary, discharge, postoperative, final, resolved, and causes of death",
      example: [32_893, "certain"],
    }),
    not: statuses.default([]).meta({
      description: "Statuses of one that was not had.",
      default: "none",
      example: ["ruled out"],
    }),
  })
  .prefault({})
  .meta({
    description:
      "Status of a diagnosis: condition_status_concept_id or, where that is 0, the text of condition_status_source_value, in small or capital letters.",
    type: "settings",
    example: { not: ["ruled out"] },
  });

/** How the data release is known: typed here, or by cdm_source. */
const release = z
  .strictObject({
    id: z.string().min(1).optional().meta({
      description: "The release's number, typed here with `date`; cdm_source is not read then.",
      example: "2026.1",
    }),
    date: z
      .string()
      .regex(/^\d{4}-\d\d-\d\d$/, "wanted a date such as 2026-04-01")
      .optional()
      .meta({ description: "With `id`.", example: "2026-04-01" }),
    version: z
      .enum(["cdm_etl_reference", "source_description", "source_documentation_reference", "cdm_source_name"])
      .optional()
      .describe("Column of cdm_source that holds the release's number. Without it its dates are the number."),
  })
  .refine(({ id, date }) => (id === undefined) === (date === undefined), { message: "wanted `id` and `date` together" })
  .refine(({ id, version }) => id === undefined || version === undefined, {
    message: "wanted `id` and `date`, or `version`, not both",
  })
  .prefault({})
  .describe(
    "How the data release is known. Unless bank.yaml says `release: { announced: true }`, the data are watched too: whatever changes is another release.",
  );

/**
 * The `adapter:` section of a bank that runs OMOP CDM 5.4 in PostgreSQL. Where a code is a concept, the local code is its
 * concept_id in digits; where it is a source value, it is that text. 0, '' and NULL are a missing value, but of records (conditions,
 * observations of programmes, data and uses): there they are a record that is not mapped.
 * A server that does not speak TLS, or whose certificate does not hold, is not asked where `tls` is set. `cancel: abandon` is for
 * servers that take no cancel requests (PGlite).
 */
export const omopOptions = z
  .strictObject({
    kind: z.literal("omop").describe("An OMOP CDM 5.4 in PostgreSQL."),
    url: addresses(postgresUrl).optional().meta({
      description:
        "Of the database; or several of one and the same, of which the next is asked when one is slow or fails.",
      example: "postgres://odan@db.bank.example/cdm",
    }),
    host: z.string().min(1).optional().meta({ description: "Instead of `url`.", example: "db.bank.example" }),
    port: z.int().min(1).max(65_535).optional().meta({ description: "With `host`.", default: "`5432`", example: 5433 }),
    database: z.string().min(1).optional().meta({ description: "With `host`.", example: "cdm" }),
    user: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "With `host`. A role that may only read.", example: "odan" }),
    password: secret.optional().meta({ description: "As env:NAME or file:PATH.", example: "env:OMOP_PASSWORD" }),
    tls: z
      .union([z.boolean(), tlsFiles], { error: "wanted true, or files: `ca`, or `certificate` and `key`" })
      .optional()
      .meta({
        description: "TLS is required, with these files if any. Without it as the parameters of `url` say.",
        example: true,
      }),
    schema: schemaName.default("cdm").meta({
      description: "Schema of the CDM tables. It and they may be in capitals.",
      example: "cdm54",
    }),
    vocabularySchema: schemaName.optional().meta({
      description: "Schema of concept and concept_ancestor.",
      default: "as `schema`",
      example: "vocabulary",
    }),
    timeoutMs: z
      .int()
      .min(1)
      .default(LONGEST_DEADLINE_MS)
      .meta({ description: "Time limit of one batch of statements.", unit: "ms", example: 10_000 }),
    atOnce: atOnce(4),
    cancel: z
      .enum(["request", "abandon"])
      .default("request")
      .describe("`request`: an abandoned query is stopped in the database. `abandon`: it ends there."),
    release,
    patterns: z
      .boolean()
      .default(false)
      .describe(
        "Local codes of texts that end in * stand for all that begin so, as `E11*` or `E10-E14*` do; of several that fit, the longest.",
      ),
    disease: z
      .union([
        z.strictObject({ by: z.literal("source_value").describe("`source_value`: condition_source_value."), status }),
        z.strictObject({
          by: z
            .literal("source_concept")
            .describe("`source_concept`: the concept_code that condition_source_concept_id has in `vocabulary`."),
          vocabulary: z
            .string()
            .min(1)
            .default("ICD10")
            .meta({ description: "vocabulary_id, for `source_concept`.", example: "ICD10CM" }),
          status,
        }),
        z.strictObject({
          by: z
            .literal("standard")
            .describe("`standard`: condition_concept_id, and all below a mapped concept in concept_ancestor."),
          status,
        }),
      ])
      .optional()
      .describe("Diagnoses, in condition_occurrence. Without it diseases cannot be asked."),
    sex: z
      .enum(["concept", "source_value"])
      .default("concept")
      .describe("Column of person: gender_concept_id or gender_source_value."),
    centre: z.enum(["care_site_id", "care_site_source_value"]).optional().describe("Column of the donor's care site."),
    cohort: z
      .union([observed, always])
      .optional()
      .describe("Rows of `observation`, or a code that is `always` the same."),
    family: z
      .union([observed, always])
      .optional()
      .describe("Rows of `observation`, or a code that is `always` the same."),
    programme: observed.optional().describe("Rows of `observation`."),
    data: observed.optional().describe("Rows of `observation`."),
    use: observed.optional().describe("Rows of `observation`."),
    sampleType: z
      .union([
        z.strictObject({
          by: z.literal("concept").describe("`concept`: specimen_concept_id."),
          descendants: z
            .boolean()
            .default(false)
            .describe("A mapped concept stands for itself and all below it in concept_ancestor."),
        }),
        fromSource,
      ])
      .optional()
      .describe("Type of a specimen. Each row of `specimen` is one sample, whatever its `quantity`."),
    sampleOrigin: z
      .enum(["concept", "source_value"])
      .optional()
      .describe("Column of specimen: disease_status_concept_id or disease_status_source_value."),
    storage: fromSource.optional().describe("The CDM has no column for it: (a part of) specimen_source_value."),
    age: z
      .union([
        z.strictObject({
          by: z
            .literal("year_of_birth")
            .describe("`year_of_birth`: difference of the years or one less, told as one of two."),
        }),
        z.strictObject({
          by: z
            .literal("birth_datetime")
            .describe(
              "`birth_datetime`: completed years between the days; as `year_of_birth` where month_of_birth or day_of_birth is NULL and it matters.",
            ),
          at: z
            .enum(["specimen_date", "specimen_datetime"])
            .default("specimen_date")
            .describe("Column of the second date."),
          precise: z
            .boolean()
            .default(false)
            .describe(
              "Warrants that month_of_birth and day_of_birth are never NULL, so that an age is one number. An age of whom it is not true is in doubt.",
            ),
        }),
        fromSource,
      ])
      .optional()
      .meta({
        description: "Age when the specimen was taken.",
        unit: "completed years",
        example: { by: "birth_datetime" },
      }),
  })
  .refine(({ url, host }) => (url === undefined) !== (host === undefined), {
    message: "wanted `url`, or `host` with `database` and `user`",
    path: ["url"],
  })
  .refine(({ url, port, database, user }) => url === undefined || (port ?? database ?? user) === undefined, {
    message: "wanted `url` alone, or `host`, `port`, `database` and `user`",
    path: ["url"],
  })
  .refine(({ url = [], tls }) => tls === undefined || !url.some((one) => /[?&]ssl/i.test(one)), {
    message: "wanted `tls`, or what the parameters of `url` say of it, not both",
    path: ["tls"],
  })
  .transform(({ url: [url, ...others] = [], ...rest }) => ({ ...rest, url, others: others as readonly string[] }));

/** The parsed section: see omopOptions. */
export type OmopOptions = z.output<typeof omopOptions>;

/** Every field that has a column; the year of a sample's date always has one. A code that is `always` the same stands here. */
export const named = (options: OmopOptions): Named => ({
  readsCategories: options.disease?.by === "source_value" || options.disease?.by === "source_concept",
  fields: (Object.entries(FIELD_KEYS) as [keyof typeof FIELD_KEYS, FieldName][]).flatMap(([key, field]) =>
    key === "year" || options[key] !== undefined ? [field] : [],
  ),
  codes: (["cohort", "family"] as const).flatMap((key) => {
    const place = options[key];
    return place !== undefined && "always" in place
      ? [{ field: FIELD_KEYS[key], code: place.always, path: [key, "always"] }]
      : [];
  }),
});

/** Observations that record a field: see omopOptions. */
export type ObservedOptions = NonNullable<OmopOptions["use"]>;
