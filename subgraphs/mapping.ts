import { ANY_CODE, codeSet } from "../schema/code-set.ts";
import { type CodeField, FIELD_NAMES, type FieldName, isNumberField } from "../schema/fields.ts";
import { parseValue } from "../schema/parse.ts";
import { QuestionError } from "../schema/question-error.ts";
import { type Text, text } from "../schema/text.ts";
import {
  type BankYaml,
  BankYamlError,
  type Both,
  FIELD_KEYS,
  type Meaning,
  parseBankYaml,
  type SystemSection,
} from "./bank-yaml.ts";
import type { FieldMapping, LocalCode } from "./field-mapping.ts";
import { systemCodes } from "./system-codes.ts";

/** A bank as its bank.yaml tells it, with every local code turned into the set of federated codes that it may denote. */
export type Mapping = {
  readonly yaml: BankYaml;
  readonly id: string;
  readonly name: Text;
  readonly fields: { readonly [F in FieldName]?: FieldMapping };
};

/** Reads a bank.yaml. @throws {BankYamlError} with line, field and remedy of each fault. */
export const parseMapping = (
  yaml: string,
  file: string,
  env: { readonly [name: string]: string | undefined },
): Mapping => mappingOf(parseBankYaml(yaml, file, env), file);

/** Gives the mapping of a checked bank.yaml. @throws {BankYamlError} when a federated code is unknown. */
export const mappingOf = (yaml: BankYaml, file = "bank.yaml"): Mapping => {
  const findings: string[] = [];
  const fields: { [F in FieldName]?: FieldMapping } = {};
  for (const [key, field] of Object.entries(FIELD_KEYS) as [keyof typeof FIELD_KEYS, FieldName][]) {
    const section = yaml[key];
    const common = {
      complete: yaml.complete.includes(key),
      absent: yaml.absent[key] ?? [],
      system: null,
      whenAbsent: yaml.use?.whenAbsent ?? "denied",
      off: [0, 0] as const,
      tree: new Map(),
    };
    if (isNumberField(field)) {
      const off = (section as BankYaml["age"])?.off ?? ([0, 0] as const);
      fields[field] = { ...common, codes: [], off };
    } else if (section !== undefined && "system" in section && key === "disease") {
      const { system, spelling } = section as SystemSection;
      const several = Array.isArray(system) && new Set(system).size > 1;
      if (several && spelling !== "curie") findings.push(ONLY_CURIE);
      else fields[field] = { ...common, ...systemCodes({ system, spelling }) };
    } else if (section !== undefined) {
      const codes =
        key === "use" ? (section as NonNullable<BankYaml["use"]>).codes : (section as Record<string, Meaning>);
      const read = Object.entries(codes).map(([code, meaning]) => localCode(field, key, code, meaning, findings));
      fields[field] = { ...common, codes: read };
    }
  }
  if (findings.length > 0) throw new BankYamlError(file, findings);
  return { yaml, id: yaml.id, name: toText(yaml.name), fields };
};

const ONLY_CURIE = "disease.spelling: wanted curie, since codes of several systems look alike without it.";

/** One language stands in for the other. */
export const toText = (both: Both): Text => {
  if (typeof both === "string") return text(both, both);
  const one = both.en ?? both.ja ?? "";
  return text(both.en ?? one, both.ja ?? one);
};

const localCode = (field: CodeField, key: string, code: string, meaning: Meaning, findings: string[]): LocalCode => {
  const spelled = typeof meaning === "object" && !Array.isArray(meaning) ? meaning : { is: meaning };
  const written = Array.isArray(spelled.is) ? spelled.is : [spelled.is];
  const is = written.flatMap((value, i) => {
    if (field === "FAMILY" && value === "NONE") return [value];
    try {
      return [parseValue(value, `${key}."${code}".is[${i}]`, field)];
    } catch (error) {
      if (!(error instanceof QuestionError)) throw error;
      findings.push(error.message);
      return [];
    }
  });
  const relation = "relation" in spelled ? spelled.relation : undefined;
  const closed = relation !== "exact" && field !== "FAMILY";
  return {
    code,
    label: "label" in spelled && spelled.label !== undefined ? toText(spelled.label) : text(code, code),
    is,
    means: relation === "broader" ? ANY_CODE : codeSet(field, is, closed),
  };
};

/** The fields that a mapping says something of. */
export const mappedFields = (mapping: Mapping): readonly FieldName[] =>
  FIELD_NAMES.filter((field) => mapping.fields[field] !== undefined);
