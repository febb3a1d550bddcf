import { z } from "zod";
import { atOnce, httpOptions } from "../../net/http/remote-options.ts";
import { FIELD_KEYS, isSampleField } from "../../schema/fields.ts";
import type { Named } from "../adapter.ts";
import { fieldOptions, namedFields } from "../kit/field-options.ts";

const name = z.string().regex(/^[A-Za-z_]\w*$/, "wanted a GraphQL name: letters, digits and _");
const path = z.string().regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/, "wanted a field such as sex or donor.sex");

const { fields } = fieldOptions(path);

/**
 * The `adapter:` section of a bank that runs a GraphQL catalogue with SQON filters (Overture Arranger).
 * - `url`: the GraphQL endpoint; and whatever else httpOptions takes.
 * - `aliases`: how many aliased fields the server takes in one request (GRAPHQL_MAX_ALIASES, of old 15); a batch with more
 *   counts is cut into several requests. Absent: any number.
 * - `release`: the query field that states the release, and which of its fields are its id and its date.
 *   GraphQL does not say that a request sees one state of the data, so it is read once more after (`behind`) the counts; `told: beside`
 *   warrants that this server answers each request from one release: then it is the one stated beside the counts.
 * - `donors`: the documents of donors. `index` is their query field, `samples` the nested field that holds a donor's samples,
 *   `fields` where each field is found; those of samples are named from below `samples`.
 * - `samples`: the documents of samples, on which the donor's fields stand as well; absent: samples are not counted.
 */
export const sqonOptions = httpOptions({
  kind: z.literal("sqon"),
  atOnce: atOnce(4),
  aliases: z.number().int().min(1).optional(),
  release: z
    .strictObject({
      field: name.default("catalogue"),
      id: name.default("release"),
      date: name.default("date"),
      told: z.enum(["behind", "beside"]).default("behind"),
    })
    .prefault({}),
  donors: z
    .strictObject({ index: name.default("donor"), samples: path.optional(), fields })
    .refine(
      (donors) =>
        donors.samples !== undefined ||
        !namedFields(FIELD_KEYS, donors.fields).some(({ field }) => isSampleField(field)),
      {
        message: "wanted `samples`, the nested field that holds a donor's samples, since fields of samples are named",
      },
    ),
  samples: z.strictObject({ index: name.default("sample"), fields }).optional(),
});

/** The parsed section: see sqonOptions. */
export type SqonOptions = z.output<typeof sqonOptions>;

/** The fields that donors or samples name. */
export const named = ({ donors, samples }: SqonOptions): Named => ({
  fields: [...namedFields(FIELD_KEYS, donors.fields), ...namedFields(FIELD_KEYS, samples?.fields ?? {})].map(
    ({ field }) => field,
  ),
  codes: [],
});
