import type { GraphQLResolveInfo } from "graphql";
import { isTurnOver, nextTurn } from "../../net/turns.ts";
import { once } from "../../schema/once.ts";
import type { RequestContext } from "../context.ts";
import { arrivals, DONE, iterate } from "./arrivals.ts";
import { isStreamed } from "./incremental.ts";
import { type BankAnswer, presentSearch, type Search } from "./present.ts";
import type { Federation } from "./search.ts";
import { type Asking, type SearchArgs, startSearch } from "./search.ts";

/** An object whose fields come when they can: each value, or a function of it as GraphQL calls it. */
type InParts<T> = {
  readonly [F in keyof T]: T[F] | ((args: unknown, context: unknown, info: GraphQLResolveInfo) => unknown);
};

/**
 * Search of the SDL for operations with @defer or @stream: every field waits for no more banks than it needs. Its `banks`
 * come in the order in which they answer where they are streamed.
 * @throws {QuestionError} for a fault of the asker, before any bank is asked
 */
export const streamedSearch = async (
  args: SearchArgs,
  federation: Federation,
  request: RequestContext,
): Promise<InParts<Search>> => {
  if (isTurnOver()) await nextTurn(request.signal);
  const asking = startSearch(args, federation, request);
  const { present, results } = asking;
  // A rejection is handled even where no selected field waits for it.
  for (const result of results) result.catch(() => undefined);
  const whole = once(async () => presentSearch(present, await Promise.all(results)));
  const total = (field: keyof Search) => async () => (await whole())[field];
  const answers = results.map((_, i) => streamedAnswer(asking, i, whole));
  return {
    id: present.id,
    question: present.question,
    donors: total("donors"),
    people: total("people"),
    samples: total("samples"),
    facets: total("facets"),
    banks: (_, __, info) => (isStreamed(info) ? asTheyCome(answers, results) : answers),
    waiting: total("waiting"),
    complete: total("complete"),
    snapshot: total("snapshot"),
  };
};

const streamedAnswer = (
  { present, results, banks }: Asking,
  i: number,
  whole: () => Promise<Search>,
): InParts<BankAnswer> => {
  const bank = banks[i]!;
  const { tablesAlone, showBare } = present;
  const bare = once(async () => showBare(await results[i]!));
  const own = (field: Exclude<keyof BankAnswer, "facets">) => async () => (await bare())[field];
  return {
    id: present.answerId(bank.id),
    bank: bank.card(),
    status: own("status"),
    donors: own("donors"),
    samples: own("samples"),
    facets: async () => (tablesAlone === null ? (await whole()).banks[i]!.facets : tablesAlone(await results[i]!)),
    understanding: own("understanding"),
    release: own("release"),
    staleSince: own("staleSince"),
    tookMs: own("tookMs"),
    problem: own("problem"),
  };
};

const asTheyCome = <T>(answers: readonly T[], results: readonly Promise<unknown>[]): AsyncIterable<T> => {
  const coming = arrivals(results.map((result, i) => result.then(() => answers[i]!)));
  return iterate(async () => {
    const [value] = await coming.take(1);
    return value === undefined ? DONE : { done: false, value };
  }, coming.stop);
};
