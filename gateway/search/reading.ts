import { isTurnOver, nextTurn } from "../../net/turns.ts";
import type * as Public from "../../schema/public-answer.ts";
import type { Card } from "../../schema/wire/card.ts";
import type { RequestContext } from "../context.ts";
import { askedQuestion } from "./asked-question.ts";
import { bankReading, fieldsOf } from "./bank-reading.ts";
import { pickBanks } from "./pick-banks.ts";
import { presentUnderstanding } from "./present.ts";
import type { Federation, SearchArgs } from "./search.ts";

/**
 * How each bank would read a question. Nothing is counted.
 * @throws {QuestionError} for a fault of the asker
 */
export const reading = async (
  args: Omit<SearchArgs, "deadlineMs">,
  { registry, now, deadlineMs }: Federation,
  request: RequestContext,
): Promise<Public.Reading<Card>> => {
  if (isTurnOver()) await nextTurn(request.signal);
  const banks = pickBanks(registry, args.banks);
  const cards = banks.map((bank) => bank.card());
  const asked = askedQuestion(args.where, args.facets, cards, now().getUTCFullYear());
  const readings = await Promise.all(banks.map((bank) => bankReading(bank, asked, { ...request, deadlineMs })));
  return {
    question: asked.shown,
    banks: readings.map((read, i) => ({
      bank: cards[i]!,
      known: read !== null,
      understanding: presentUnderstanding(read?.understanding ?? [], asked.shown.criteria),
      lostFacets: read?.lostFacets ?? fieldsOf(asked.facets),
    })),
  };
};
