import type { FieldName } from "../../schema/fields.ts";
import type { BankCopy } from "../banks/copy.ts";
import { askReading } from "./ask.ts";
import { askedQuestion } from "./asked-question.ts";
import { pickBanks } from "./pick-banks.ts";
import { presentQuestion, presentUnderstanding, type Question, type Understanding } from "./present.ts";
import type { AskWith, SearchArgs } from "./search.ts";

/** Reading of the SDL. */
export type Reading = { readonly question: Question; readonly banks: readonly BankReading[] };

/** BankReading of the SDL. */
export type BankReading = {
  readonly bank: BankCopy;
  readonly understanding: readonly Understanding[];
  readonly lostFacets: readonly FieldName[];
};

/**
 * How each bank would read a question. Nothing is counted. A bank that cannot say it understands nothing and loses every
 * facet.
 * @throws {QuestionError} for a fault of the asker
 */
export const reading = async (args: Omit<SearchArgs, "deadlineMs">, ask: AskWith): Promise<Reading> => {
  const banks = pickBanks(ask.registry, args.banks);
  const copies = banks.map((bank) => bank.copy);
  const asked = askedQuestion(args.where, args.facets, copies, ask.now().getUTCFullYear());
  const fields = asked.facets.flatMap(({ by, across }) => (across === null ? [by.field] : [by.field, across.field]));
  const question = presentQuestion(asked);
  const readings = await Promise.all(banks.map((bank) => askReading(bank, asked.json, ask)));
  return {
    question,
    banks: readings.map((read, i) => ({
      bank: copies[i]!,
      understanding: presentUnderstanding(read?.understanding ?? [], question.criteria),
      lostFacets: read?.lostFacets ?? [...new Set(fields)],
    })),
  };
};
