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
  .union([words, z.strictObject({ en: words.optional(), ja: words.optional() })])
  .refine((given) => typeof given === "string" || given.en !== undefined || given.ja !== undefined, {
    message: "wanted a text in en, in ja or in both",
  });

/** What a local code means: federated codes, one of which it denotes. */
const meaning = z.union([
  words,
  z.array(words).min(1),
  z.strictObject({
    is: z.union([words, z.array(words).min(1)]),
    relation: z.enum(["exact", "narrower", "broader"]).optional(),
    label: both.optional(),
  }),
]);
/** Not MONDO: of its codes only those with a counterpart are known, so a bank's others would seem not to be there. */
const oneSystem = z.enum(DISEASE_SYSTEMS).exclude(["MONDO"]);
/** Local codes in a CSV beside bank.yaml (code-table.ts). A path cannot leave that folder. */
const table = z.strictObject({
  table: words.regex(/^(?!\/|[A-Za-z]:|(?:.*[\\/])?\.\.(?:[\\/]|$))/, "wanted a file in the folder of bank.yaml"),
  encoding: z.enum(["utf-8", "cp932", "euc-jp"]).default("utf-8"),
});
/** `system`: of the codes that the table names without one. */
const diseaseTable = table.extend({ system: oneSystem.optional() });
const localCodes = z
  .record(z.string(), meaning)
  .refine(
    (codes) => Object.keys(codes).length > 0,
    "wanted the bank's codes and what they mean, got none. Add them or remove the section.",
  );
/**
 * The bank codes in a federated system already, or in several. `curie`: ICD10:E11.2, ORPHA:803; `dotted`: E11.2, 803;
 * `plain`: E112, 803. Codes of several systems are told apart by `curie`.
 */
const system = z.strictObject({
  system: z.union([oneSystem, z.array(oneSystem).min(1)]),
  spelling: z.enum(["curie", "dotted", "plain"]).default("dotted"),
});

/** The first of several shapes whose mark, a key, is in the section, so that faults are reported as those of that shape. */
const shapedBy = <T>(marks: { readonly [key: string]: z.ZodType<T> }, otherwise: z.ZodType<T>) =>
  z.unknown().transform((given, context): T => {
    const mark = Object.keys(marks).find((key) => typeof given === "object" && given !== null && key in given);
    const read = checked(mark === undefined ? otherwise : marks[mark]!, given);
    if ("data" in read) return read.data;
    for (const issue of read.issues) context.issues.push({ ...issue, input: given } as z.core.$ZodRawIssue);
    return z.NEVER;
  });
type LocalCodes = z.output<typeof localCodes>;
const codes = shapedBy<z.output<typeof table> | LocalCodes>({ table }, localCodes);
const diseases = shapedBy<z.output<typeof diseaseTable> | z.output<typeof system> | LocalCodes>(
  { table: diseaseTable, system },
  localCodes,
);
const numbers = z.strictObject({ off: z.tuple([z.int(), z.int()]) });

const fieldKey = z.enum(Object.keys(FIELD_KEYS) as [keyof typeof FIELD_KEYS]);
const bound = z.int().min(1);
const webAddress = z.url({ protocol: /^https?$/, error: "wanted a web address such as https://bank.example" });

const bankYaml = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "wanted small letters, digits and -, such as bbj"),
  name: both,
  description: both.optional(),
  url: webAddress.optional(),
  contact: z.strictObject({ name: both, email: z.email("wanted an e-mail address such as office@bank.example") }),
  access: z
    .strictObject({
      requestUrl: webAddress.optional(),
      eligible: z.array(z.enum(["JP_ACADEMIA", "JP_COMPANY", "OVERSEAS_ACADEMIA", "OVERSEAS_COMPANY"])).default([]),
      terms: both.optional(),
      licence: words.optional(),
    })
    .prefault({}),
  size: z.strictObject({
    donors: bound.optional(),
    samples: bound.optional(),
    samplesPerDonor: z.int().min(1).optional(),
    enrolmentsPerPerson: z.int().min(1).default(1),
  }),
  centres: z.array(z.strictObject({ id: words, name: both })).default([]),
  adapter: z.looseObject({ kind: words }),
  state: z.enum(["TRIAL", "LIVE", "PAUSED", "WITHDRAWN"]).default("LIVE"),
  absent: z.partialRecord(fieldKey, z.array(z.string())).default({}),
  complete: z.array(fieldKey).default([]),
  disease: diseases.optional(),
  sex: codes.optional(),
  cohort: codes.optional(),
  family: codes.optional(),
  programme: codes.optional(),
  data: codes.optional(),
  use: z.strictObject({ whenAbsent: z.enum(["denied", "unknown"]).default("denied"), codes }).optional(),
  centre: codes.optional(),
  sampleType: codes.optional(),
  sampleOrigin: codes.optional(),
  storage: codes.optional(),
  age: numbers.optional(),
  year: numbers.optional(),
  /** `announced`: the operator publishes each release. `staleHours`: how long answers may be shown while the bank is away. */
  release: z
    .strictObject({ announced: z.boolean().default(false), staleHours: z.number().min(0).default(24) })
    .prefault({}),
  disclosure: z.strictObject({ off: z.literal(true) }),
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
