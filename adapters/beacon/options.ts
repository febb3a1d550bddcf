import { z } from "zod";
import { atOnce, httpOptions } from "../../net/http/remote-options.ts";
import { FIELD_NAMES } from "../../schema/fields.ts";
import type { Named } from "../adapter.ts";

const step = z.number().int().min(1);

/**
 * The `adapter:` section of a bank that runs a GA4GH Beacon v2.
 * - `url`: where /info is below; and whatever else httpOptions takes.
 * - `sampleAnd`: what several biosample filters on individuals mean: met by the `same` biosample, each by `any`, or
 *   `unknown`.
 * - `scopes`: how the beacon spells the scope of filters on individuals and on biosamples.
 * - `counts`: how its counts are to be read: `exact`; `floor: n`, lower ones are raised to n; `round: n`, to the nearest
 *   multiple; `roundUp: n`, to the next multiple.
 * - `granularity: boolean`: it says only whether there are any.
 * - `release.info`: the member of every answer's `info` in which the beacon states the `version` of /info that the answer
 *   was counted in. The standard has no such member; without it the release is read once more after the counts.
 * - `filters.disease.descendants`: an ontology filter may ask for a code with all below it.
 * - `filters.age`, `filters.year`: the alphanumeric filters of a biosample's age (ISO 8601 `duration`, or a `number` of
 *   years) and year of collection. Without them there is no such field.
 */
export const beaconOptions = httpOptions({
  kind: z.literal("beacon"),
  atOnce: atOnce(8),
  sampleAnd: z.enum(["same", "any", "unknown"]).default("unknown"),
  scopes: z
    .strictObject({ donors: z.string().min(1).default("individual"), samples: z.string().min(1).default("biosample") })
    .prefault({}),
  counts: z
    .union([
      z.literal("exact"),
      z.strictObject({ floor: step }),
      z.strictObject({ round: step }),
      z.strictObject({ roundUp: step }),
    ])
    .default("exact"),
  granularity: z.enum(["count", "boolean"]).default("count"),
  release: z.strictObject({ info: z.string().min(1).optional() }).prefault({}),
  filters: z
    .strictObject({
      disease: z.strictObject({ descendants: z.boolean().default(false) }).prefault({}),
      age: z
        .strictObject({ id: z.string().min(1), value: z.enum(["duration", "number"]).default("duration") })
        .optional(),
      year: z.strictObject({ id: z.string().min(1), value: z.literal("number").default("number") }).optional(),
    })
    .prefault({}),
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
