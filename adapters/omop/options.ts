import { z } from "zod";
import { LONGEST_DEADLINE_MS } from "../../net/deadline.ts";
import { addresses, atOnce, secret, tlsFiles } from "../../net/http/remote-options.ts";
import { FIELD_KEYS, type FieldName } from "../../schema/fields.ts";
import type { Named } from "../adapter.ts";

const concept = z.number().int().min(1).max(2_147_483_647);
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: "wanted a URL such as postgres://user@host/database" });

/** A part of a source value such as `PLASMA|MINUS_80`; numbered from 1. */
const part = z.strictObject({ separator: z.string().min(1), number: z.int().min(1).max(99) });
const fromSource = z.strictObject({ by: z.literal("source_value"), part: part.optional() });

/**
 * Rows of `observation` that record something about a donor. `concepts`: their observation_concept_id. `value`: where
 * the local code stands; `concept` is value_as_concept_id, `string` is value_as_string, `observation` is
 * observation_concept_id itself.
 */
const observed = z.strictObject({
  concepts: z.array(concept).min(1),
  value: z.enum(["concept", "string", "source_value", "observation", "observation_source_value"]).default("concept"),
});

/** The same local code for every donor of the bank. */
const always = z.strictObject({ always: z.string().min(1) });

/**
 * The `adapter:` section of a bank that runs OMOP CDM 5.4 in PostgreSQL. Where a code is a concept, the local code is its
 * concept_id in digits; where it is a source value, it is that text. 0, '' and NULL are a missing value, but of records (conditions,
 * observations of programmes, data and uses): there they are a record that is not mapped.
 * - `url`, or several of one and the same database, of which the next is asked when one is slow or fails; or `host`, `port`,
 *   `database` and `user`. `password` as `env:NAME` or `file:PATH`.
 * - `tls`: true, or files (see httpOptions); without it as the parameters of `url` say. A server that does not speak TLS, or
 *   whose certificate does not hold, is not asked.
 * - `schema`: of the CDM tables. `timeoutMs`: for each batch. `atOnce`: connections.
 * - `cancel`: `request` stops an abandoned query in the database; `abandon` lets it end there, for servers that take no
 *   cancel requests (PGlite).
 * - `release.version`: a text column of cdm_source that holds the release's number; without it the dates are the number.
 * - `disease.by`: `source_value` is condition_source_value; `source_concept` the concept_code that
 *   condition_source_concept_id has in `vocabulary`; `standard` is condition_concept_id, where a mapped concept stands for
 *   itself and all below it in concept_ancestor.
 * - `cohort`, `family`: observations, or a code that is `always` the same.
 * - `centre`: person.care_site_id, or the care site's own source value.
 * - `sampleType` with `descendants`: a mapped concept stands for itself and all below it.
 * - `storage`: the CDM has no column for it, so it is a part of specimen_source_value.
 * - `age`: completed years from birth_datetime to specimen_date or specimen_datetime; or the difference of the years, which
 *   is one too high before the birthday (`age: { off: [-1, 0] }` says so); or a part of specimen_source_value.
 */
export const omopOptions = z
  .strictObject({
    kind: z.literal("omop"),
    url: addresses(postgresUrl).optional(),
    host: z.string().min(1).optional(),
    port: z.int().min(1).max(65_535).optional(),
    database: z.string().min(1).optional(),
    user: z.string().min(1).optional(),
    password: secret.optional(),
    tls: z
      .union([z.boolean(), tlsFiles], { error: "wanted true, or files: `ca`, or `certificate` and `key`" })
      .optional(),
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, "wanted a plain name such as cdm")
      .default("cdm"),
    timeoutMs: z.int().min(1).default(LONGEST_DEADLINE_MS),
    atOnce: atOnce(4),
    cancel: z.enum(["request", "abandon"]).default("request"),
    release: z
      .strictObject({
        version: z
          .enum(["cdm_etl_reference", "source_description", "source_documentation_reference", "cdm_source_name"])
          .optional(),
      })
      .prefault({}),
    disease: z
      .union([
        z.strictObject({ by: z.literal("source_value") }),
        z.strictObject({ by: z.literal("source_concept"), vocabulary: z.string().min(1).default("ICD10") }),
        z.strictObject({ by: z.literal("standard") }),
      ])
      .optional(),
    sex: z.enum(["concept", "source_value"]).default("concept"),
    centre: z.enum(["care_site_id", "care_site_source_value"]).optional(),
    cohort: z.union([observed, always]).optional(),
    family: z.union([observed, always]).optional(),
    programme: observed.optional(),
    data: observed.optional(),
    use: observed.optional(),
    sampleType: z
      .union([z.strictObject({ by: z.literal("concept"), descendants: z.boolean().default(false) }), fromSource])
      .optional(),
    sampleOrigin: z.enum(["concept", "source_value"]).optional(),
    storage: fromSource.optional(),
    age: z
      .union([
        z.strictObject({ by: z.literal("year_of_birth") }),
        z.strictObject({
          by: z.literal("birth_datetime"),
          at: z.enum(["specimen_date", "specimen_datetime"]).default("specimen_date"),
        }),
        fromSource,
      ])
      .optional(),
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
