import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { canonical } from "../../schema/canonical.ts";
import type { CellCounts } from "../../schema/count.ts";
import { parseWhere } from "../../schema/parse.ts";
import type { Question } from "../../schema/wire/question.ts";
import { answer } from "../../subgraphs/answer/answer.ts";
import { counter } from "../../subgraphs/count/counter.ts";
import { disclosureOf } from "../../subgraphs/disclose/disclose.ts";
import { readBank } from "../../subgraphs/serve/open.ts";
import { interpreterOf } from "../../subgraphs/understand/interpret.ts";
import type { FieldQuestion } from "./questions.ts";
import type { FieldDonor } from "./truth/donors.ts";
import { type FieldCell, fieldTruth } from "./truth/truth.ts";

/** What came of the questions put to one server. `width`: the mean width of the intervals that are no exact numbers. */
export type FieldResult = {
  readonly asked: number;
  readonly numbers: number;
  readonly exact: number;
  readonly width: number;
  readonly misses: readonly string[];
};

/** Puts questions to the bank of a bank.yaml, one after the other, and compares each number with the truth. */
export const askField = async (
  bankYaml: string,
  donors: readonly FieldDonor[],
  questions: readonly FieldQuestion[],
): Promise<FieldResult> => {
  const folder = await mkdtemp(path.join(tmpdir(), "field-"));
  try {
    const file = path.join(folder, "bank.yaml");
    await writeFile(file, bankYaml);
    const { mapping, openAdapter } = await readBank(file, process.env);
    const never = new AbortController().signal;
    await using adapter = await openAdapter(never);
    const interpreter = interpreterOf(mapping, adapter.capabilities);
    const parts = { interpreter, count: counter(adapter), disclosure: disclosureOf({ off: true }) };
    const tally = newTally();
    for (const given of questions) {
      const { where } = canonical(parseWhere(given.where));
      const question = { v: 1, where, facets: given.facets } as Question;
      const found = await answer(question, parts, await adapter.release(never), never);
      if ("failure" in found) {
        tally.misses.push(`no answer: ${found.failure.message}: ${JSON.stringify(given.where)}`);
        continue;
      }
      tally.compare(given, [], found, donors);
      for (const [at, cell] of cellsOf(given).entries())
        tally.compare(given, cell, found.facets[0]!.cells[at]!, donors);
    }
    return tally.result(questions.length);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const newTally = () => {
  const misses: string[] = [];
  const widths: number[] = [];
  let numbers = 0;
  return {
    misses,
    compare({ where }: FieldQuestion, cell: FieldCell, found: CellCounts, donors: readonly FieldDonor[]): void {
      const truth = fieldTruth(donors, where, cell);
      for (const unit of ["donors", "samples"] as const) {
        const { min, max } = found[unit];
        numbers += 1;
        if (max === null || max > min) widths.push((max ?? donors.length) - min);
        if (min <= truth[unit] && (max === null || truth[unit] <= max)) continue;
        misses.push(`${unit} ${min}..${max}, truth ${truth[unit]}: ${JSON.stringify({ where, cell })}`);
      }
    },
    result: (asked: number): FieldResult => ({
      asked,
      numbers,
      exact: numbers - widths.length,
      width: widths.reduce((sum, each) => sum + each, 0) / Math.max(1, widths.length),
      misses,
    }),
  };
};

/** The cells of a question's breakdown, row by row. */
const cellsOf = ({ facets: [facet] }: FieldQuestion): readonly FieldCell[] => {
  if (facet === undefined) return [];
  const { by, across } = facet;
  return by.values.flatMap((row): readonly FieldCell[] => {
    const first = { field: by.field, value: row };
    if (across === undefined) return [[first]];
    return across.values.map((column) => [first, { field: across.field, value: column }]);
  });
};
