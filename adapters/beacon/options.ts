import { z } from "zod";
import { atOnce, httpOptions } from "../../net/http/remote-options.ts";
import { FIELD_NAMES } from "../../schema/fields.ts";
import type { Named } from "../adapter.ts";

const step = z.number().int().min(1);

/**
 * The `adapter:` section of a bank that runs a GA4GH Beacon v2; `url` is where /info is below. The standard has no member for
 * `release.info`.
 */
export const beaconOptions = httpOptions({
  kind: z.literal("beacon").describe("A GA4GH Beacon v2."),
  atOnce: atOnce(8),
  sampleAnd: z
    .enum(["same", "any", "unknown"])
    .default("unknown")
    .describe(
      "What several filters on biosamples mean when individuals are counted: all met by the `same` biosample, each by `any`, or not known.",
    ),
  scopes: z
    .strictObject({
      donors: z.string().min(1).default("individual").meta({ description: "Of donors.", example: "individuals" }),
      samples: z.string().min(1).default("biosample").meta({ description: "Of samples.", example: "biosamples" }),
      unlisted: z
        .boolean()
        .default(false)
        .describe(
          "Terms also filter the entity that the beacon does not list among their scopes: samples by the sex of their donor. It is proven by sums before it is used.",
        ),
    })
    .prefault({})
    .describe("How the beacon spells the scope of a filter."),
  counts: z
    .union([
      z.literal("exact"),
      z.strictObject({ floor: step.meta({ description: "Lower counts are raised to this one.", example: 10 }) }),
      z.strictObject({
        below: z.number().int().min(2).meta({ description: "Lower counts are shown as 0.", example: 5 }),
      }),
      z.strictObject({ round: step.meta({ description: "Counts are rounded to the nearest multiple.", example: 5 }) }),
      z.strictObject({ roundUp: step.meta({ description: "Counts are rounded up to a multiple.", example: 20 }) }),
    ])
    .default("exact")
    .meta({ description: "How the beacon's counts differ from its data.", example: { floor: 10 } }),
  granularity: z
    .enum(["count", "boolean"])
    .default("count")
    .describe("`boolean`: the beacon says only whether there are any."),
  everybody: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description:
        "Codes that every record has. A filter that all records pass looks like one that the beacon ignores, so that its counts are bounds unless the code is named here.",
      example: ["DUO:0000042"],
    }),
  knownWords: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description:
        "Sentences in an answer's `info` that say nothing against its count. Others make the count unknown, unless an answer without filters has them too.",
      example: ["Counts by courtesy of the cohort."],
    }),
  release: z
    .strictObject({
      info: z.string().min(1).optional().meta({
        description:
          "Member of each answer's `info` that names the `version` of /info that it was counted in. Without it the release is read once more after the counts.",
        example: "dataVersion",
      }),
    })
    .prefault({})
    .describe("How the data release is known."),
  filters: z
    .strictObject({
      disease: z
        .strictObject({
          descendants: z.boolean().default(false).describe("A filter may ask for a code with all those below it."),
        })
        .prefault({})
        .describe("Filters by disease."),
      age: z
        .strictObject({
          id: z.string().min(1).meta({ description: "Id of the alphanumeric filter.", example: "collectionAge" }),
          value: z
            .enum(["duration", "number"])
            .default("duration")
            .describe("Its values: ISO 8601 durations such as P45Y, or numbers of years."),
        })
        .optional()
        .describe("Filter by age at collection. Without it ages cannot be asked."),
      year: z
        .strictObject({
          id: z.string().min(1).meta({ description: "Id of the alphanumeric filter.", example: "collectionYear" }),
          value: z.literal("number").default("number").describe("Its values."),
        })
        .optional()
        .describe("Filter by year of collection. Without it years cannot be asked."),
    })
    .prefault({})
    .describe("What filters can ask, beside the terms that the beacon lists itself."),
});

/** The parsed section: see beaconOptions. */
export type BeaconOptions = z.output<typeof beaconOptions>;

/** Every field, since the beacon lists the others itself; ages and years only where a filter is named. */
export const named = ({ filters: { age, year } }: BeaconOptions): Named => ({
  fields: FIELD_NAMES.filter(
    (field) =>
      (field !== "AGE_AT_COLLECTION" || age !== undefined) && (field !== "COLLECTED_YEAR" || year !== undefined),
  ),
  codes: [],
});
