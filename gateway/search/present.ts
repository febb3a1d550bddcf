import { questionHash } from "../../schema/canonical.ts";
import { FIELDS } from "../../schema/fields.ts";
import { once } from "../../schema/once.ts";
import type * as Public from "../../schema/public-answer.ts";
import type { Criterion, Understanding } from "../../schema/public-answer.ts";
import type { Card } from "../../schema/wire/card.ts";
import type { Understanding as SentUnderstanding } from "../../schema/wire/reading.ts";
import type { AskedQuestion } from "./asked-question.ts";
import type { BankResult } from "./bank-result.ts";
import { labelsBy } from "./facet-values.ts";
import { cellsOf } from "./facets.ts";
import { type Counts, mergeResults } from "./merge.ts";
import type { SnapshotTokens, SnapshotVector } from "./snapshot.ts";
import { frameOf, listRows, tableOf } from "./tables.ts";

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

export type PresentWith = {
  readonly tokens: SnapshotTokens;
  /** The token that was asked for. */
  readonly snapshot: string | null;
  /** How many banks ought to have been asked but have never said who they are. */
  readonly unknownBanks: number;
};

/**
 * Shows one search, as it stands at any time.
 * @param banks those that are asked; results come in their order
 */
export const presenter = (
  asked: AskedQuestion,
  banks: readonly Card[],
  { tokens, snapshot, unknownBanks }: PresentWith,
) => {
  const question = asked.shown;
  const id = searchId(asked, banks, snapshot);
  const sizes = asked.facets.map(cellsOf);
  const label = labelsBy(banks);
  const answerId = (bank: string) => questionHash([id, bank]);
  const showBare = (result: BankResult): Omit<BankAnswer, "facets"> => ({
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
  /** Makes the tables of any bank, or of all, with the rows that `ranked` puts first. */
  const tablesBy = (ranked: Counts) => {
    const frames = asked.facets.map((plan, i) => frameOf(plan, listRows(plan, ranked.facets[i]!.cells), label));
    return (of: Counts) => frames.map((frame, i) => tableOf(frame, of.facets[i]!.cells, of));
  };
  return {
    id,
    question,
    /** Id of a bank's answer. */
    answerId,
    /** Adds up all banks, in their order, and cuts tables to the values that each facet lists, the same ones for every bank. */
    async show(results: readonly BankResult[]) {
      const counts = await mergeResults(results, sizes);
      // A bank that has not answered has the same bound in every cell, which would rank no row before another.
      const answered = results.filter(({ status }) => status !== "WAITING");
      const tables = tablesBy(answered.length === results.length ? counts : await mergeResults(answered, sizes));
      const totals: Omit<Search, "banks"> = {
        id,
        question,
        donors: counts.donors,
        people: counts.people,
        samples: counts.samples,
        facets: tables(counts),
        waiting: results.length - answered.length,
        complete: unknownBanks === 0 && results.length > 0 && results.every(({ status }) => status === "ANSWERED"),
        snapshot: { token: tokens.write(vectorOf(results)) },
      };
      /** What one of the banks said. Its tables are made when they are selected: there may be many banks. */
      const answer = (result: BankResult): BankAnswer => {
        const facets = once(() => tables(result));
        return {
          ...showBare(result),
          get facets() {
            return facets();
          },
        };
      };
      return { totals, answer };
    },
    /** What one bank said, without breakdowns. */
    showBare,
    /** The breakdowns of one bank, where their rows need no other bank. Null where they do. */
    tablesAlone: asked.facets.every(({ first }) => first === null)
      ? (result: BankResult) => tablesBy(result)(result)
      : null,
  };
};

export type Presenter = ReturnType<typeof presenter>;

/** What all banks said. */
export const presentSearch = async (presenting: Presenter, results: readonly BankResult[]): Promise<Search> => {
  const { totals, answer } = await presenting.show(results);
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
