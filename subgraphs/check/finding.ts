import type { AdapterFinding, FindingLevel } from "../../adapters/adapter.ts";
import type { BankError } from "../../schema/bank-error.ts";
import type { FieldName } from "../../schema/fields.ts";
import { type Text, text } from "../../schema/text.ts";
import { FINDINGS, type FindingId } from "./finding-texts.ts";

/**
 * What the operator's check found, in the words of the contract's `Finding`. `at`: the setting of bank.yaml. `line` counts from 1,
 * `column` is a name. `wanted` and `got` may hold raw counts and local values: they are for the operator's own terminal.
 */
export type Finding = {
  readonly id: string;
  readonly level: FindingLevel;
  readonly at: string | null;
  readonly field: FieldName | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: string | null;
  readonly message: Text;
  readonly wanted: string | null;
  readonly got: string | null;
  readonly remedy: Text | null;
  /** Id of the failed finding because of which this was not checked. */
  readonly skippedBecause: string | null;
};

type Details = Partial<Omit<Finding, "id" | "level" | "message">> & { readonly level?: FindingLevel };

/** A finding of our own, with the words of its id. */
export const findingOf = (id: FindingId, details: Details = {}): Finding => {
  const { level, says, remedy } = FINDINGS[id];
  return { ...NOWHERE, id, level, message: says, remedy, ...details };
};

const NOWHERE = {
  remedy: null,
  at: null,
  field: null,
  file: null,
  line: null,
  column: null,
  wanted: null,
  got: null,
  skippedBecause: null,
} as const;

/** A finding of an adapter. @param opened whether the local API can be asked in spite of it */
export const adapterFinding = (
  { id, level, says, field, remedy, file, line, column, wanted, got }: AdapterFinding,
  opened: boolean,
): Finding => ({
  ...NOWHERE,
  ...wordsOf(got ?? ""),
  id,
  level: opened && level === "ERROR" ? "WARNING" : level,
  message: says,
  field: field ?? null,
  ...(file === undefined ? {} : { file, line: line ?? null, column: column ?? null }),
  ...(wanted === undefined ? {} : { wanted }),
  ...(remedy === undefined ? {} : { remedy }),
});

/** The fault of a line such as `line 3, size.donors: wanted X, got Y. Remedy`, in a file unless the line names another. */
export const settingFinding = (line: string, file: string): Finding => {
  const place = /(?:^| at )line (\d+)/.exec(line);
  return findingOf("settings.wrong", { file, line: place === null ? null : Number(place[1]), ...wordsOf(line) });
};

/** What a local API's failure says. */
export const failureFinding = ({ code, detail }: BankError): Finding =>
  findingOf(FAILURES[code] ?? "source.broken", wordsOf(detail));

const FAILURES: { readonly [code: string]: FindingId } = {
  BANK_UNREACHABLE: "source.unreachable",
  BANK_TIMEOUT: "source.slow",
  BANK_BUSY: "source.busy",
  BANK_REFUSED: "source.refused",
  BANK_GONE: "source.changing",
};

/** Takes `place: wanted X, got Y. Remedy` apart, as far as a line is written so. */
const wordsOf = (line: string): Details => {
  const [, place = "", wanted = null, rest] =
    /^(?:([\s\S]*?): )?wanted ([\s\S]*?)(?:, got ([\s\S]*))?$/.exec(line) ?? [];
  if (wanted === null) return { got: line === "" ? null : line.trim() };
  if (rest === undefined) return { wanted, ...placeOf(place) };
  const end = /^([\s\S]*?)\. ([A-Z][\s\S]*)$/.exec(rest);
  return {
    wanted,
    got: (end?.[1] ?? rest).replace(/\.$/, ""),
    ...(end === null ? {} : { remedy: text(end[2]!, end[2]!) }),
    ...placeOf(place),
  };
};

/** `line 3, size.donors`; `codes.csv, line 3, column is`; `adapter.donors.sex`. */
const placeOf = (place: string): Details => {
  const [, file, line, column] = /^(?:(.+?\.\w{2,7})(?:, |$))?(?:line (\d+))?(?:, column (.+))?/.exec(place) ?? [];
  const isData = file !== undefined && /\.(csv|tsv|parquet|json|gz|xlsx|pem)$/i.test(file);
  const at = isData ? undefined : /^(?:line \d+, )?([\s\S]+?)(?:: |$)/.exec(place)?.[1];
  return {
    ...(isData ? { file } : {}),
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(column === undefined || !isData ? {} : { column }),
    ...(at === undefined || !/^[a-z]/.test(at) || /^line \d+$/.test(at) ? {} : { at }),
  };
};
