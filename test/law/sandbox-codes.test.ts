import { expect, test } from "vitest";
import type { BankId } from "../../sandbox/donor.ts";
import { population } from "../../sandbox/population.ts";
import { type CodeSet, codeSet, meets } from "../../schema/codes/code-set.ts";
import { codeSystem, splitDisease } from "../../schema/codes/disease-code.ts";
import { icd10Blocks, icd10Chapters } from "../../schema/codes/icd10.ts";
import { mondoOf } from "../../schema/codes/mondo.ts";
import { within } from "../../schema/codes/within.ts";
import { hasDisease } from "../oracle-codes.ts";

const above = (code: string): readonly string[] => {
  const [system, own] = splitDisease(code);
  const parents = codeSystem(system).graph()?.parents(own) ?? [];
  return parents.flatMap((parent) => [`${system}:${parent}`, ...above(`${system}:${parent}`)]);
};

/** What may be asked of donors with these codes: all of them, what lies above them, numbers, targets, and Mondo's for each. */
const askedOf = (codes: ReadonlySet<string>): readonly string[] => {
  const asked = new Set([
    ...[...codes].flatMap((code) => [code, ...above(code), ...(code.startsWith("ICD10:") ? [code.slice(0, 9)] : [])]),
    ...[...icd10Chapters, ...icd10Blocks].map((code) => `ICD10:${code}`),
    ...(["BBJ", "NANBYO"] as const).flatMap((system) =>
      codeSystem(system)
        .codes()
        .map((code) => `${system}:${code}`),
    ),
  ]);
  return [...asked].flatMap((code) => {
    const mondo = mondoOf(code);
    return mondo === null ? [code] : [code, `MONDO:${mondo}`];
  });
};

test.for<[bank: BankId, size: number, writes: readonly string[]]>([
  ["ncbn", 0.01, ["ICD10"]],
  ["cancer", 0.2, ["ONCOTREE"]],
  ["rare", 1, ["ORPHA", "NANBYO"]],
])(
  "what %s records is never read as a disease that a donor surely has not, nor as none that the donor has",
  ([bank, size, writes]) => {
    const donors = new Set(Array.from(population(bank, { size }), ({ diagnoses }) => diagnoses.join(" ")));
    donors.delete("");
    const diagnoses = [...donors].map((codes) => codes.split(" "));
    const asked = askedOf(new Set(diagnoses.flat()));
    const sets = new Map<string, CodeSet>();
    const recordOf = (code: string): CodeSet => {
      const made = sets.get(code) ?? codeSet("DISEASE", [code], false);
      sets.set(code, made);
      return made;
    };
    const wrong: string[] = [];
    let sure = 0;
    for (const code of asked) {
      const question = codeSet("DISEASE", [code], true);
      for (const codes of diagnoses) {
        const records = codes.filter((own) => writes.includes(splitDisease(own)[0])).map(recordOf);
        const may = records.filter((record) => meets(record, question));
        const does = may.some((record) => within(record, question));
        const truth = hasDisease(codes, code, true);
        if (does) sure += 1;
        if (does ? !truth : truth && may.length === 0) wrong.push(`${codes} asked ${code}: ${does}, truth ${truth}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(sure).toBeGreaterThan(diagnoses.length);
  },
);
