import type { CellCounts, Count, ReleaseJson, UnderstandingJson, Verdict, WhereJson } from "../schema/answer.ts";
import { questionHash } from "../schema/canonical.ts";
import { FIELDS, type FieldName } from "../schema/fields.ts";
import { criterionSays } from "../schema/says.ts";
import type { Text } from "../schema/text.ts";
import type { BankResult } from "./ask.ts";
import type { AskedQuestion } from "./asked-question.ts";
import type { BankCopy, Value } from "./bank-copy.ts";
import { labelOf } from "./facet-values.ts";
import { cellsOf } from "./facets.ts";
import { mergeResults } from "./merge.ts";
import type { SnapshotTokens, SnapshotVector } from "./snapshot.ts";
import { type FacetTable, frameOf, listRows, tableOf } from "./tables.ts";

/** Question of the SDL. */
export type Question = {
  readonly id: string;
  readonly where: WhereJson;
  readonly says: Text;
  readonly criteria: readonly Criterion[];
};

/** Criterion of the SDL. */
export type Criterion = { readonly path: string; readonly field: FieldName; readonly says: Text };

/** Understanding of the SDL. */
export type Understanding = {
  readonly criterion: Criterion;
  readonly verdict: Verdict;
  readonly local: readonly Value[];
  readonly says: Text;
};

/** BankAnswer of the SDL. */
export type BankAnswer = CellCounts &
  Pick<BankResult, "status" | "tookMs" | "problem"> & {
    readonly id: string;
    readonly bank: BankCopy;
    readonly facets: readonly FacetTable[];
    readonly understanding: readonly Understanding[];
    readonly release: (ReleaseJson & { readonly bank: string }) | null;
    readonly staleSince: string | null;
  };

/** Search of the SDL. */
export type Search = CellCounts & {
  readonly id: string;
  readonly question: Question;
  readonly people: Count;
  readonly facets: readonly FacetTable[];
  readonly banks: readonly BankAnswer[];
  readonly waiting: number;
  readonly complete: boolean;
  readonly snapshot: { readonly token: string };
};

/** The question as the asker sees it. */
export const presentQuestion = ({ id, json, says, criteria }: AskedQuestion): Question => ({
  id,
  where: json.where,
  says,
  criteria: criteria.map((at) => ({ path: at.path, field: at.field, says: criterionSays(at.criterion) })),
});

/** How a bank read the question, each entry with its criterion. One that is none of the question's speaks of its field. */
export const presentUnderstanding = (
  entries: readonly UnderstandingJson[],
  criteria: readonly Criterion[],
): readonly Understanding[] =>
  entries.map(({ path, field, verdict, local, says }) => {
    const criterion = criteria.find((asked) => asked.path === path) ?? { path, field, says: FIELDS[field].label };
    return { criterion, verdict, local, says };
  });

/** What the banks said, added up and cut to the values that each facet lists: the same ones in total and for every bank. */
export const presentSearch = (
  asked: AskedQuestion,
  results: readonly BankResult[],
  { tokens, snapshot }: { readonly tokens: SnapshotTokens; readonly snapshot: string | null },
): Search => {
  const banks = results.map(({ bank }) => bank.copy);
  const question = presentQuestion(asked);
  const id = searchId(asked, banks, snapshot);
  const totals = mergeResults(results, asked.facets.map(cellsOf));
  const label = (field: FieldName, value: string) => labelOf(field, value, banks);
  const frames = asked.facets.map((plan, i) => frameOf(plan, listRows(plan, totals.facets[i]!.cells), label));
  const tables = (of: Tabled) => frames.map((frame, i) => tableOf(frame, of.facets[i]!.cells, of));
  return {
    id,
    question,
    donors: totals.donors,
    people: totals.people,
    samples: totals.samples,
    facets: tables(totals),
    banks: results.map((result) => ({
      id: questionHash([id, result.bank.id]),
      bank: result.bank.copy,
      status: result.status,
      donors: result.donors,
      samples: result.samples,
      facets: tables(result),
      understanding: presentUnderstanding(result.understanding, question.criteria),
      release: result.release && { ...result.release, bank: result.bank.id },
      staleSince: result.staleSince?.toISOString() ?? null,
      tookMs: result.tookMs,
      problem: result.problem,
    })),
    waiting: 0,
    complete: results.length > 0 && results.every((result) => result.status === "ANSWERED"),
    snapshot: { token: tokens.write(vectorOf(results)) },
  };
};

const vectorOf = (results: readonly BankResult[]): SnapshotVector =>
  new Map(results.flatMap(({ bank, edition }) => (edition === null ? [] : [[bank.id, edition]])));

type Tabled = CellCounts & { readonly facets: readonly { readonly cells: readonly CellCounts[] }[] };

/** Of all that decides what the answer holds: the question, what its tables list, the banks, and the releases asked for. */
const searchId = (asked: AskedQuestion, banks: readonly BankCopy[], snapshot: string | null): string =>
  questionHash([
    ...(snapshot === null ? [] : [snapshot]),
    asked.json,
    asked.facets.map(({ level, first }) => [level, first]),
    banks.map((bank) => bank.id).sort(),
  ]);
