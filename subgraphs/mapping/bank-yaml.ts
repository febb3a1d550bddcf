import { z } from "zod";
import { DISEASE_SYSTEMS } from "../../schema/codes/disease-code.ts";
import { FIELD_KEYS } from "../../schema/fields.ts";
import { BankYamlError } from "./bank-yaml-error.ts";
import { type Environment, withVariables } from "./variables.ts";
import type { Issue } from "./wording.ts";
import { readYaml } from "./yaml-document.ts";
import { checked, faultsOf } from "./yaml-faults.ts";

const words = z.string().trim().min(1);
/** One language may be left out; the other one stands in. */
const both = z
  .union([
    words,
    z.strictObject({
      en: words.optional().meta({ description: "In English.", example: "Small Bank" }),
      ja: words.optional().meta({ description: "In Japanese.", example: "小さなバンク" }),
    }),
  ])
  .refine((given) => typeof given === "string" || given.en !== undefined || given.ja !== undefined, {
    message: "wanted a text in en, in ja or in both",
  });

/** What a local code means: federated codes, one of which it denotes. */
const meaning = z.union([
  words,
  z.array(words).min(1),
  z.strictObject({
    is: z.union([words, z.array(words).min(1)]).meta({
      description: "The federated codes, one of which the local code denotes.",
      example: ["ICD10:E10-E14"],
    }),
    relation: z.enum(["exact", "narrower", "broader"]).optional().meta({
      description:
        "`exact`: the code itself and none below it. `broader`: it may be another code too, so it never counts for sure.",
      default: "`narrower`",
    }),
    label: both.optional().meta({ description: "What people call it.", example: { ja: "糖尿病" } }),
  }),
]);
/** Not MONDO: of its codes only those with a counterpart are known, so a bank's others would seem not to be there. */
const oneSystem = z.enum(DISEASE_SYSTEMS).exclude(["MONDO"]);
/** Local codes in a CSV beside bank.yaml (code-table.ts). A path cannot leave that folder. */
const table = z.strictObject({
  table: words.regex(/^(?!\/|[A-Za-z]:|(?:.*[\\/])?\.\.(?:[\\/]|$))/, "wanted a file in the folder of bank.yaml").meta({
    description:
      "Local codes in a CSV beside bank.yaml, with the columns code, is, relation, label, label_en and label_ja; code and is must be there.",
    example: "codes.csv",
  }),
  encoding: z.enum(["utf-8", "cp932", "euc-jp"]).default("utf-8").describe("Of that file."),
});
/** `system`: of the codes that the table names without one. */
const diseaseTable = table.extend({
  system: oneSystem
    .optional()
    .meta({ description: "With `table`: system of the codes that the table names without one.", example: "ICD10" }),
});
const localCodes = z
  .record(z.string(), meaning)
  .refine(
    (codes) => Object.keys(codes).length > 0,
    "wanted the bank's codes and what they mean, got none. Add them or remove the section.",
  );
/**
 * The bank codes in a federated system already, or in several. `curie`: ICD10:E11.2, ORPHA:803; `dotted`: E11.2, 803;
 * `plain`: E112, 803; `any`: ICD-10 as people write it; `cm`: ICD-10-CM. Codes of several systems are told apart by `curie`.
 */
const system = z.strictObject({
  system: z
    .union([oneSystem, z.array(oneSystem).min(1)])
    .meta({ description: "The bank codes in this system, or these, already.", example: "ICD10" }),
  spelling: z
    .enum(["curie", "dotted", "plain", "any", "cm"])
    .default("dotted")
    .describe(
      "How it writes them: `curie` ICD10:E11.2, `dotted` E11.2, `plain` E112; `any` of files: ICD-10 in mixed spellings, such as Ｅ１１．２, e11.2, E11.- and E11.2†; `cm` of OMOP: ICD-10-CM, such as E11.319, of which the category E11 is one of ICD-10. Several systems need `curie`.",
    ),
});

/** The first of several shapes whose mark, a key, is in the section, so that faults are reported as those of that shape. */
const shapedBy = <T>(marks: { readonly [key: string]: z.ZodType<T> }, otherwise: z.ZodType<T>) =>
  z
    .unknown()
    .transform((given, context): T => {
      const mark = Object.keys(marks).find((key) => typeof given === "object" && given !== null && key in given);
      const read = checked(mark === undefined ? otherwise : marks[mark]!, given);
      if ("data" in read) return read.data;
      for (const issue of read.issues) context.issues.push({ ...issue, input: given } as z.core.$ZodRawIssue);
      return z.NEVER;
    })
    .meta({ forms: [...Object.values(marks), otherwise] });
type LocalCodes = z.output<typeof localCodes>;
const codes = shapedBy<z.output<typeof table> | LocalCodes>({ table }, localCodes);
const diseases = shapedBy<z.output<typeof diseaseTable> | z.output<typeof system> | LocalCodes>(
  { table: diseaseTable, system },
  localCodes,
);
const numbers = z.strictObject({
  off: z.tuple([z.int(), z.int()]).meta({
    description: "The true value lies between the recorded one plus the first and plus the second number.",
    unit: "years",
    example: [-1, 0],
  }),
});
/** A section of local codes. */
const coded = (what: string, example: object) =>
  codes.optional().meta({ description: `Local codes of ${what}, each with what it means.`, example });

const fieldKey = z.enum(Object.keys(FIELD_KEYS) as [keyof typeof FIELD_KEYS]);
const bound = z.int().min(1);
const webAddress = z.url({ protocol: /^https?$/, error: "wanted a web address such as https://bank.example" });

/** The schema of bank.yaml, but for the settings of each kind below `adapter`. */
export const bankYaml = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, "wanted small letters, digits and -, such as bbj")
    .meta({ description: "Short name of the bank, the same for ever.", example: "small" }),
  name: both.meta({ description: "Name of the bank.", example: { en: "Small Bank", ja: "小さなバンク" } }),
  description: both
    .optional()
    .meta({ description: "What it is, in a sentence.", example: { en: "Blood of one town." } }),
  url: webAddress.optional().meta({ description: "Its home page.", example: "https://small.example" }),
  contact: z
    .strictObject({
      name: both.meta({ description: "Who answers.", example: "Office" }),
      email: z
        .email("wanted an e-mail address such as office@bank.example")
        .meta({ description: "Where to write.", example: "office@small.example" }),
    })
    .describe("Shown to everybody."),
  access: z
    .strictObject({
      requestUrl: webAddress
        .optional()
        .meta({ description: "Where to apply.", example: "https://small.example/apply" }),
      eligible: z
        .array(z.enum(["JP_ACADEMIA", "JP_COMPANY", "OVERSEAS_ACADEMIA", "OVERSEAS_COMPANY"]))
        .default([])
        .meta({ description: "Who may apply.", example: ["JP_ACADEMIA"] }),
      terms: both
        .optional()
        .meta({ description: "Conditions, in a sentence.", example: { en: "Joint research only." } }),
      licence: words.optional().meta({ description: "Licence of the data.", example: "NBDC Type I" }),
    })
    .prefault({})
    .describe("How researchers get samples."),
  size: z
    .strictObject({
      donors: bound.optional().meta({ description: "Most donors, also next year.", unit: "donors", example: 5000 }),
      samples: bound
        .optional()
        .meta({ description: "Most samples, also next year.", unit: "samples", example: 40_000 }),
      samplesPerDonor: z
        .int()
        .min(1)
        .optional()
        .meta({ description: "Most samples of one donor.", unit: "samples", example: 20 }),
      enrolmentsPerPerson: z
        .int()
        .min(1)
        .default(1)
        .meta({ description: "Most donor ids of one person.", unit: "donors", example: 2 }),
    })
    .describe("Upper bounds, which hold for the bank when it is silent."),
  centres: z
    .array(
      z.strictObject({
        id: words.meta({ description: "The bank's id, a slash and a name.", example: "small/north" }),
        name: both.meta({ description: "Name of the centre.", example: "North Hospital" }),
      }),
    )
    .default([])
    .describe("Hospitals or sites that can be asked for."),
  adapter: z
    .looseObject({ kind: words.meta({ description: "beacon, fhir, omop, sqon or tabular.", example: "tabular" }) })
    .describe("The local API: see the page of its kind."),
  state: z
    .enum(["TRIAL", "LIVE", "PAUSED", "WITHDRAWN"])
    .default("LIVE")
    .describe("Whether the bank is asked: see [releases](../releases.md)."),
  absent: z
    .partialRecord(fieldKey, z.array(z.string()))
    .default({})
    .meta({
      description: 'Marks in the data that mean "no value", by field. An empty cell always does.',
      type: "names of fields, each with a list of text",
      example: { sex: ["9"] },
    }),
  complete: z
    .array(fieldKey)
    .default([])
    .meta({
      description:
        "Fields of which you warrant that every value is mapped and, except for diseases, programmes, data and uses, none is missing.",
      type: "list of names of fields",
      example: ["sex", "year"],
    }),
  disease: diseases.optional().meta({
    description: "Local codes of diseases, or the system in which the bank codes.",
    example: { system: "ICD10" },
  }),
  sex: coded("sexes", { "1": "MALE", "2": "FEMALE" }),
  cohort: coded("kinds of cohort", { p: "PATIENT" }),
  family: coded("relatives held", { trio: "TRIO" }),
  programme: coded("programmes", { wgs: "PROGRAMME:CANCER_WGS" }),
  data: coded("data at hand", { wgs: "WGS" }),
  use: z
    .strictObject({
      whenAbsent: z
        .enum(["denied", "unknown"])
        .default("denied")
        .describe("A donor without any recorded use: none is permitted, or it is not known."),
      codes: codes.meta({ description: "Local codes of uses, each with what it means.", example: { A: "ACADEMIC" } }),
    })
    .optional()
    .describe("Uses that the consent permits."),
  centre: coded("centres", { "7": "small/north" }),
  sampleType: coded("sample types", { P: "PLASMA", D: "DNA" }),
  sampleOrigin: coded("origins of samples", { T: "TUMOUR" }),
  storage: coded("storage temperatures", { "-80": "MINUS_80" }),
  age: numbers.optional().describe("How far recorded ages may be off."),
  year: numbers.optional().describe("How far recorded years may be off."),
  release: z
    .strictObject({
      announced: z.boolean().default(false).describe("The operator publishes each release."),
      staleHours: z.number().min(0).default(24).meta({
        description: "How long earlier answers may be shown while the bank is away.",
        unit: "hours",
        example: 48,
      }),
    })
    .prefault({})
    .describe("See [releases](../releases.md)."),
  disclosure: z
    .strictObject({ off: z.literal(true).describe("You know that counts leave the bank as they are.") })
    .describe("Disclosure control is not built yet."),
});

export type BankYaml = z.output<typeof bankYaml>;
export type SystemSection = z.output<typeof system>;
export type TableSection = z.output<typeof diseaseTable>;
export type Meaning = z.output<typeof meaning>;
export type Both = z.output<typeof both>;

/** A checked bank.yaml, and how findings about it are told: each with its line, its field and the variables that it comes from. */
export type ReadBankYaml = { readonly yaml: BankYaml; readonly faults: ReturnType<typeof faultsOf> };

/**
 * Reads the text of a bank.yaml. `${NAME}` and `${NAME:-default}` inside strings are taken from `env`.
 * @throws {BankYamlError} with one line per fault.
 */
export const parseBankYaml = (text: string, file: string, env: Environment): ReadBankYaml => {
  const { document, lines, content: written } = readYaml(text, file);
  const faults = faultsOf(document, lines);
  const secrets = inlineSecrets(written);
  if (secrets.length > 0) throw new BankYamlError(file, faults(secrets, { replaced: false }));
  const { content, missing } = withVariables(written, env);
  if (missing.length > 0) throw new BankYamlError(file, faults(missing));
  const read = checked(bankYaml, content);
  if ("issues" in read) throw new BankYamlError(file, faults(read.issues));
  return { yaml: read.data, faults };
};

/** Checks the adapter's section against the schema of its kind. @throws {BankYamlError} */
export const adapterOptions = <T>({ yaml, faults }: ReadBankYaml, file: string, schema: z.ZodType<T>): T => {
  const read = checked(schema, yaml.adapter);
  if ("data" in read) return read.data;
  throw new BankYamlError(file, faults(read.issues.map((issue) => ({ ...issue, path: ["adapter", ...issue.path] }))));
};

/** Passwords that stand in a URL themselves; one that the environment gives does not. */
const inlineSecrets = (value: unknown, path: readonly PropertyKey[] = []): readonly Issue[] => {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => inlineSecrets(item, [...path, key]));
  }
  const password = typeof value === "string" ? URL_WITH_PASSWORD.exec(value)?.[1] : undefined;
  if (password === undefined || /^\$\{[A-Z][A-Z0-9_]*\}$/.test(password)) return [];
  const message = "wanted a URL without a password: name it under `password` or `auth`, as env:NAME or file:PATH";
  return [{ code: "custom", path, message }];
};

const URL_WITH_PASSWORD = /:\/\/[^/?#\s@]*:([^/?#\s@]+)@/;
