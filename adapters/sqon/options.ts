import { z } from "zod";
import { atOnce, httpOptions } from "../../net/http/remote-options.ts";
import { FIELD_KEYS, isSampleField } from "../../schema/fields.ts";
import type { Named } from "../adapter.ts";
import { fieldOptions, namedFields } from "../kit/field-options.ts";

const name = z.string().regex(/^[A-Za-z_]\w*$/, "wanted a GraphQL name: letters, digits and _");
const path = z.string().regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/, "wanted a field such as sex or donor.sex");
const url = z.url({ protocol: /^https?$/, error: "wanted a URL such as https://bank.example/graphql" });
const word = z.union([z.string().min(1), z.number()]).transform(String);
const member = z
  .string()
  .regex(/^[\w-]+(\.[\w-]+)*$/, "wanted a member of the JSON object such as version or data.version");
const DAY = /^\d{4}-\d\d-\d\d$/;

const { fields } = fieldOptions(path, "Field that holds the");

/**
 * How the release is known, by the keys that are given.
 * - `id` and `date` alone: typed here, and announced to Odan whenever they change.
 * - `url`: a JSON object over HTTP; `id` and `date` are its members, default `id` and `date`.
 * - `engine` and `index`: the search engine itself; the release is the index that the alias `index` stands for.
 * - `field`: a field of the GraphQL query; `id` and `date` are its fields, default `release` and `date`.
 */
const release = z
  .strictObject({
    id: word.optional().meta({
      description: "The release, typed here with `date`; with `url` or `field`, the name of the member that holds it.",
      example: "2026.1",
    }),
    date: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Its day, or the name of the member that holds it.", example: "2026-04-01" }),
    url: url.optional().meta({
      description: "A JSON object over HTTP that tells the release.",
      example: "https://bank.example/release.json",
    }),
    engine: url.optional().meta({
      description: "The search engine; the release is the index that the alias `index` stands for.",
      example: "http://127.0.0.1:9200",
    }),
    index: z.string().min(1).optional().meta({ description: "Alias in the engine.", example: "donors" }),
    field: name.optional().meta({
      description: "Field of the GraphQL query that tells the release. Default of the whole section: `catalogue`.",
      example: "catalogue",
    }),
    told: z
      .literal("behind", {
        error: "wanted `behind`: an Arranger searches once for each count, so no answer is from one release for sure",
      })
      .optional()
      .describe("The release is read before and after the counts; no other way is open for an Arranger."),
  })
  .transform((given, context) => {
    const refuse = (message: string): never => {
      context.issues.push({ code: "custom", message, input: given });
      return z.NEVER;
    };
    const { id, date, url: at, engine, index, field } = given;
    if ([at, engine, field].filter((one) => one !== undefined).length > 1) {
      return refuse("wanted one of `url`, `engine` and `field`");
    }
    if ((engine === undefined) !== (index === undefined)) return refuse("wanted `engine` and `index` together");
    if (engine !== undefined && index !== undefined) return { by: "engine", engine, index } as const;
    if (at !== undefined) {
      const members = { id: id ?? "id", date: date ?? "date" };
      const wrong = Object.values(members).some((each) => !member.safeParse(each).success);
      return wrong
        ? refuse("wanted members such as version or data.version")
        : ({ by: "url", url: at, ...members } as const);
    }
    if (field === undefined && id !== undefined && date !== undefined) {
      return DAY.test(date) ? ({ by: "typed", id, date } as const) : refuse("date: wanted a day such as 2026-04-01");
    }
    if (field === undefined && (id !== undefined || date !== undefined))
      return refuse("wanted `id` and `date` together");
    const named = { field: field ?? "catalogue", id: id ?? "release", date: date ?? "date" };
    const wrong = [named.id, named.date].some((each) => !name.safeParse(each).success);
    return wrong ? refuse("wanted names of GraphQL fields in `id` and `date`") : ({ by: "field", ...named } as const);
  });

/** Where the fields of a document stand. */
const places = (what: string) =>
  fields.meta({
    description: `Where each field of ${what} stands, by its name in the mapping.`,
    type: "names of fields, each with a text",
    example: { sex: "sex", disease: "diagnoses.code" },
  });

/** The parsed `release:` section. */
export type ReleasePlace = z.output<typeof release>;

/** Where a server puts a field's name into a condition: `fieldName` since Arranger 3, `field` before. */
export type Spelling = "fieldName" | "field";

/**
 * The `adapter:` section of a bank that runs a GraphQL catalogue with SQON filters (Overture Arranger 2 and 3); `url` is the
 * GraphQL endpoint. Arranger 3 serves one kind of documents at each endpoint. A batch with more counts than `aliases` is cut
 * into several requests.
 */
export const sqonOptions = httpOptions({
  kind: z.literal("sqon").describe("A GraphQL catalogue with SQON filters: Overture Arranger 2 or 3."),
  atOnce: atOnce(4),
  aliases: z.number().int().min(1).default(15).meta({
    description: "Most aliased fields that the server takes in one request (GRAPHQL_MAX_ALIASES).",
    example: 10,
  }),
  spelling: z
    .enum(["fieldName", "field"])
    .default("fieldName")
    .describe("Name of a filter's field in a condition: `fieldName` since Arranger 3, `field` before."),
  release: release
    .prefault({})
    .meta({ description: "How the data release is known.", example: { id: "2026.1", date: "2026-04-01" } }),
  donors: z
    .strictObject({
      index: name.default("donor").meta({ description: "Query field of the documents.", example: "participant" }),
      samples: path.optional().meta({
        description: "Nested field that holds a donor's samples. Their fields are named from below it.",
        example: "samples",
      }),
      fields: places("a donor, and of its samples"),
    })
    .refine(
      (donors) =>
        donors.samples !== undefined ||
        !namedFields(FIELD_KEYS, donors.fields).some(({ field }) => isSampleField(field)),
      {
        message: "wanted `samples`, the nested field that holds a donor's samples, since fields of samples are named",
      },
    )
    .describe("Documents of donors."),
  samples: z
    .strictObject({
      url: url.optional().meta({
        description: "Endpoint of their own, with the same credentials. Default: `url` of the bank.",
        example: "https://bank.example/samples/graphql",
      }),
      index: name.default("sample").meta({ description: "Query field of the documents.", example: "specimen" }),
      fields: places("a sample, and of its donor"),
    })
    .optional()
    .describe("Documents of samples. Without them samples are not counted."),
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
