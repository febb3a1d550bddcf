import { questionHash } from "../../schema/canonical.ts";
import { FIELDS, type FieldName } from "../../schema/fields.ts";
import type * as Public from "../../schema/public-answer.ts";
import type { Criterion, FacetTable, Question, Understanding } from "../../schema/public-answer.ts";
import type { Card } from "../../schema/wire/card.ts";
import type { Understanding as SentUnderstanding } from "../../schema/wire/reading.ts";
import type { AskedQuestion } from "./asked-question.ts";
import type { BankResult } from "./bank-result.ts";
import { labelOf } from "./facet-values.ts";
import { cellsOf } from "./facets.ts";
import { type Counts, mergeResults } from "./merge.ts";
import type { SnapshotTokens, SnapshotVector } from "./snapshot.ts";
import { frameOf, listRows, type TableFrame, tableOf } from "./tables.ts";

/** BankAnswer of the SDL, whose bank is its card. */
export type BankAnswer = Public.BankAnswer<Card>;

/** Search of the SDL. */
export type Search = Public.Search<Card>;

/**
 * How a bank read the question, each entry with its criterion. An entry at a path that the question does not have stands for
 * its field; without a known field it is left out.
 */
export const presentUnderstanding = (
  entries: readonly SentUnderstanding[],
  criteria: readonly Criterion[],
): readonly Understanding[] =>
  entries.flatMap(({ path, field, verdict, local, says }) => {
    const ofField = field === null ? undefined : { path, field, says: FIELDS[field].label };
    const criterion = criteria.find((asked) => asked.path === path) ?? ofField;
    return criterion === undefined ? [] : [{ criterion, verdict, local, says }];
  });

/** Shows one search, as it stands at any time. */
export type Presenter = {
  readonly id: string;
  readonly question: Question;
  /** Id of a bank's answer. */
  readonly answerId: (bank: string) => string;
  /** Of all banks, in their order: added up, and cut to the values that each facet lists, the same ones for every bank. */
  readonly show: (results: readonly BankResult[]) => {
    readonly totals: Omit<Search, "banks">;
    /** What one of the banks said. */
    readonly answer: (result: BankResult) => BankAnswer;
  };
  /** What one bank said, where the rows of the breakdowns need no other bank. Null where they do. */
  readonly showAlone: ((result: BankResult) => BankAnswer) | null;
  /** The same without breakdowns. */
  readonly showBare: (result: BankResult) => Omit<BankAnswer, "facets">;
};

export type PresentWith = {
  readonly tokens: SnapshotTokens;
  /** The token that was asked for. */
  readonly snapshot: string | null;
  /** How many banks ought to have been asked but have never said who they are. */
  readonly unknownBanks: number;
};

/** @param banks those that are asked; results come in their order */
export const presenter = (
  asked: AskedQuestion,
  banks: readonly Card[],
  { tokens, snapshot, unknownBanks }: PresentWith,
): Presenter => {
  const question = asked.shown;
  const id = searchId(asked, banks, snapshot);
  const sizes = asked.facets.map(cellsOf);
  const label = (field: FieldName, value: string) => labelOf(field, value, banks);
  const framesOf = ({ facets }: Counts) =>
    asked.facets.map((plan, i) => frameOf(plan, listRows(plan, facets[i]!.cells), label));
  const tablesIn = (frames: readonly TableFrame[]) => (of: Counts) =>
    frames.map((frame, i) => tableOf(frame, of.facets[i]!.cells, of));
  const answerId = (bank: string) => questionHash([id, bank]);
  const showBare: Presenter["showBare"] = (result) => ({
    id: answerId(result.card.id),
    bank: result.card,
    status: result.status,
    donors: result.donors,
    samples: result.samples,
    understanding: presentUnderstanding(result.understanding, question.criteria),
    release: result.release && { ...result.release, bank: result.card.id },
    staleSince: result.staleSince?.toISOString() ?? null,
    tookMs: result.tookMs,
    problem: result.problem,
  });
  const showIn = (tables: (of: Counts) => readonly FacetTable[]) => (result: BankResult) => ({
    ...showBare(result),
    facets: tables(result),
  });
  return {
    id,
    question,
    answerId,
    show(results) {
      const totals = mergeResults(results, sizes);
      // A bank that has not answered has the same bound in every cell, which would rank no row before another.
      const answered = results.filter(({ status }) => status !== "WAITING");
      const ranked = answered.length === results.length ? totals : mergeResults(answered, sizes);
      const tables = tablesIn(framesOf(ranked));
      return {
        totals: {
          id,
          question,
          donors: totals.donors,
          people: totals.people,
          samples: totals.samples,
          facets: tables(totals),
          waiting: results.length - answered.length,
          complete: unknownBanks === 0 && results.length > 0 && results.every(({ status }) => status === "ANSWERED"),
          snapshot: { token: tokens.write(vectorOf(results)) },
        },
        answer: showIn(tables),
      };
    },
    showAlone: asked.facets.every(({ first }) => first === null)
      ? (result) => showIn(tablesIn(framesOf(result)))(result)
      : null,
    showBare,
  };
};

/** What all banks said. */
export const presentSearch = (presenting: Presenter, results: readonly BankResult[]): Search => {
  const { totals, answer } = presenting.show(results);
  return { ...totals, banks: results.map(answer) };
};

const vectorOf = (results: readonly BankResult[]): SnapshotVector =>
  new Map(results.flatMap(({ card, edition }) => (edition === null ? [] : [[card.id, edition]])));

/** Of all that decides what the answer holds: the question, what its tables list, the banks, and the releases asked for. */
const searchId = (asked: AskedQuestion, banks: readonly Card[], snapshot: string | null): string =>
  questionHash([
    ...(snapshot === null ? [] : [snapshot]),
    asked.json,
    asked.facets.map(({ level, first }) => [level, first]),
    banks.map((bank) => bank.id).sort(),
  ]);
