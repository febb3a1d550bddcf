import type { FieldName } from "../../schema/fields.ts";
import type { Card } from "../../schema/wire/card.ts";
import type { Federation, RequestContext } from "../context.ts";
import { askedQuestion } from "./asked-question.ts";
import { bankReading, fieldsOf } from "./bank-reading.ts";
import { pickBanks } from "./pick-banks.ts";
import { presentQuestion, presentUnderstanding, type Question, type Understanding } from "./present.ts";
import type { SearchArgs } from "./search.ts";

/** Reading of the SDL. */
export type Reading = { readonly question: Question; readonly banks: readonly BankReading[] };

/** BankReading of the SDL. */
export type BankReading = {
  readonly bank: Card;
  /** False: the bank has not said how it reads the question, so it understands nothing and loses every facet. */
  readonly known: boolean;
  readonly understanding: readonly Understanding[];
  readonly lostFacets: readonly FieldName[];
};

/**
 * How each bank would read a question. Nothing is counted.
 * @throws {QuestionError} for a fault of the asker
 */
export const reading = async (
  args: Omit<SearchArgs, "deadlineMs">,
  { registry, now, deadlineMs }: Federation,
  { signal, log }: RequestContext,
): Promise<Reading> => {
  const banks = pickBanks(registry, args.banks);
  const cards = banks.map((bank) => bank.card());
  const asked = askedQuestion(args.where, args.facets, cards, now().getUTCFullYear());
  const question = presentQuestion(asked);
  const readings = await Promise.all(banks.map((bank) => bankReading(bank, asked, { deadlineMs, signal, log })));
  return {
    question,
    banks: readings.map((read, i) => ({
      bank: cards[i]!,
      known: read !== null,
      understanding: presentUnderstanding(read?.understanding ?? [], question.criteria),
      lostFacets: read?.lostFacets ?? fieldsOf(asked.facets),
    })),
  };
};
