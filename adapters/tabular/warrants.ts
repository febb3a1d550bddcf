import { FIELDS, type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import { isRecordField, type LoadContext } from "./columns.ts";
import type { Dictionaries } from "./dictionaries.ts";
import { codeOf } from "./rows.ts";

/**
 * Compares what `complete` of bank.yaml warrants with the loaded data: every code is mapped, and a field that each donor or
 * sample has one value of is never empty. @throws {BankError} BANK_BROKEN for the first false one; it quotes no value
 */
export const requireWarranted = async (
  mapping: MappedCodes,
  dictionaries: Dictionaries,
  { run, fail }: LoadContext,
): Promise<void> => {
  for (const [field, { codes, complete }] of Object.entries(mapping) as [
    FieldName,
    MappedCodes[FieldName] & object,
  ][]) {
    const values = dictionaries.get(field);
    if (!complete || values === undefined) continue;
    const name = FIELDS[field].yaml;
    const mapped = new Set(codes);
    if (values.some((value) => codeOf(value).isInDoubt)) {
      fail(
        `complete: wanted records of ${name} that \`only\` keeps or \`except\` leaves out, got others. Name their texts, or remove ${name} from complete.`,
      );
    }
    if (!isNumberField(field) && values.some((value) => !mapped.has(String(value)))) {
      fail(
        `complete: wanted every code of ${name} in the section ${name}, got others. Map them, or remove ${name} from complete.`,
      );
    }
    if (isRecordField(field)) continue;
    const [row] = await run(`SELECT bool_or(${field} = 0) FROM ${isSampleField(field) ? "samples" : "donors"}`);
    if (row?.[0])
      fail(`complete: wanted a value of ${name} in every row, got rows without. Remove ${name} from complete.`);
  }
};
