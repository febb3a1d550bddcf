import path from "node:path";
import { ANY_CODE, codeSet } from "../../schema/codes/code-set.ts";
import { type CodeField, FIELD_KEYS, FIELD_NAMES, type FieldName, isNumberField } from "../../schema/fields.ts";
import { parseValue } from "../../schema/parse-value.ts";
import { QuestionError } from "../../schema/question-error.ts";
import { type Text, text } from "../../schema/text.ts";
import {
  type BankYaml,
  type Both,
  type Meaning,
  parseBankYaml,
  type SystemSection,
  type TableSection,
} from "./bank-yaml.ts";
import { BankYamlError } from "./bank-yaml-error.ts";
import { readCodeTable, type TableRow } from "./code-table.ts";
import type { FieldMapping, LocalCode } from "./field-mapping.ts";
import { type SystemCodes, systemCodes } from "./system-codes.ts";
import type { Environment } from "./variables.ts";
import type { Issue } from "./wording.ts";

/** A bank as its bank.yaml tells it, with every local code turned into the set of federated codes that it may denote. */
export type Mapping = {
  readonly yaml: BankYaml;
  readonly id: string;
  readonly name: Text;
  readonly fields: { readonly [F in FieldName]?: FieldMapping };
};

/** Reads a bank.yaml and the code tables beside it. @throws {BankYamlError} with line, field and remedy of each fault. */
export const parseMapping = (text: string, file: string, env: Environment): Mapping => {
  const { yaml, faults } = parseBankYaml(text, file, env);
  return mappingOf(yaml, file, faults);
};

/**
 * Gives the mapping of a checked bank.yaml.
 * @param faults tells a finding with its line; default: without
 * @throws {BankYamlError} when a code table or a federated code is at fault.
 */
export const mappingOf = (yaml: BankYaml, file = "bank.yaml", faults: Faults = plainFaults): Mapping => {
  const findings: string[] = [];
  const fields: { [F in FieldName]?: FieldMapping } = {};
  for (const [key, field] of Object.entries(FIELD_KEYS) as [FieldKey, FieldName][]) {
    const codes = codesOf(key, field, yaml, { folder: path.dirname(file), findings, faults });
    if (codes === null) continue;
    fields[field] = {
      complete: yaml.complete.includes(key),
      absent: yaml.absent[key] ?? [],
      system: null,
      whenAbsent: yaml.use?.whenAbsent ?? "denied",
      off: isNumberField(field) ? ((yaml[key] as BankYaml["age"])?.off ?? [0, 0]) : [0, 0],
      tree: new Map(),
      ...codes,
    };
  }
  if (findings.length > 0) throw new BankYamlError(file, findings);
  return { yaml, id: yaml.id, name: toText(yaml.name), fields };
};

type FieldKey = keyof typeof FIELD_KEYS;
type Faults = (issues: readonly Issue[]) => readonly string[];
const plainFaults: Faults = (issues) => issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`);

/** Where code tables are, where findings go, and how one of bank.yaml itself is told. */
type Reading = { readonly folder: string; readonly findings: string[]; readonly faults: Faults };

/** The local codes of a field; null where bank.yaml has nothing of it. Numbers need no codes, and no section. */
const codesOf = (
  key: FieldKey,
  field: FieldName,
  yaml: BankYaml,
  { folder, findings, faults }: Reading,
): Pick<FieldMapping, "codes"> | SystemCodes | null => {
  if (isNumberField(field)) return { codes: [] };
  const section = sectionOf(yaml, key);
  if (section === undefined) return null;
  if (key === "disease" && "system" in section && !("table" in section)) {
    const { system, spelling } = section as SystemSection;
    const several = Array.isArray(system) && new Set(system).size > 1;
    if (!several || spelling === "curie") return systemCodes({ system, spelling });
    findings.push(ONLY_CURIE);
    return null;
  }
  const given = section as CodesSection;
  return {
    codes: isTable(given)
      ? tableCodes(field, given, folder, findings)
      : yamlCodes(field, key, given, (issue) => findings.push(...faults([issue]))),
  };
};

const ONLY_CURIE = "disease.spelling: wanted curie, since codes of several systems look alike without it.";

/** One language stands in for the other. */
export const toText = (both: Both): Text => {
  if (typeof both === "string") return text(both, both);
  const one = both.en ?? both.ja ?? "";
  return text(both.en ?? one, both.ja ?? one);
};

const sectionOf = (yaml: BankYaml, key: FieldKey) => (key === "use" ? yaml.use?.codes : yaml[key]);

/** The code tables that a bank.yaml names. */
export const tablesOf = (yaml: BankYaml): readonly string[] =>
  (Object.keys(FIELD_KEYS) as FieldKey[]).flatMap((key) => {
    const section = sectionOf(yaml, key);
    return section !== undefined && "table" in section && typeof section.table === "string" ? [section.table] : [];
  });

type CodesSection = TableSection | { readonly [code: string]: Meaning };
const isTable = (section: CodesSection): section is TableSection => "table" in section;

const yamlCodes = (
  field: CodeField,
  key: string,
  codes: { readonly [code: string]: Meaning },
  report: (issue: Issue) => void,
): readonly LocalCode[] =>
  Object.entries(codes).map(([code, meaning]) => {
    const spelled: Spelled = typeof meaning === "object" && !Array.isArray(meaning) ? meaning : { is: meaning };
    const at = key === "use" ? ["use", "codes", code] : [key, code];
    const is = [spelled.is]
      .flat()
      .flatMap((value) => knownCode(field, value, (message) => report({ path: at, message })));
    return localCode(field, { ...spelled, code, is });
  });
type Spelled = Extract<Meaning, { readonly is: unknown }>;

/** A disease without a system is one of the table's own. */
const tableCodes = (
  field: CodeField,
  section: TableSection,
  folder: string,
  findings: string[],
): readonly LocalCode[] =>
  readCodeTable(folder, section, findings).map((row) => {
    const written = row.is.map((value) =>
      section.system === undefined || value.includes(":") ? value : `${section.system}:${value}`,
    );
    return localCode(field, {
      ...row,
      is: written.flatMap((value) => knownCode(field, value, (message) => findings.push(`${row.at}: ${message}`))),
    });
  });

/** A federated code in its normal form; none where there is no such code, which becomes a finding. */
const knownCode = (field: CodeField, value: string, report: (message: string) => void): readonly string[] => {
  if (field === "FAMILY" && value === "NONE") return [value];
  try {
    return [parseValue(field === "DISEASE" ? value.replace(RANGE, "-") : value, "is", field, "recorded")];
  } catch (error) {
    if (!(error instanceof QuestionError)) throw error;
    report(error.says.en);
    return [];
  }
};

/** What people write between the ends of a range of codes. */
const RANGE = /(?<=\w) ?[~\u2010-\u2015\u2212\u301C\uFF0D\uFF5E] ?(?=\w)/u;

type Coded = Pick<TableRow, "code" | "is"> & Partial<TableRow>;

const localCode = (field: CodeField, { code, is, relation, label }: Coded): LocalCode => ({
  code,
  label: label === undefined ? text(code, code) : toText(label),
  is,
  means: relation === "broader" ? ANY_CODE : codeSet(field, is, relation !== "exact" && field !== "FAMILY"),
});

/** The fields that a mapping says something of. */
export const mappedFields = (mapping: Mapping): readonly FieldName[] =>
  FIELD_NAMES.filter((field) => mapping.fields[field] !== undefined);
