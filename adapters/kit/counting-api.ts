import { withManyListeners } from "../../net/signals.ts";
import { mapInTurns } from "../../net/turns.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Adapter, AdapterFinding } from "../adapter.ts";
import type { Capabilities, LocalCounts, LocalQuestion, Range, Release, Unit } from "../local.ts";
import { caughtNow } from "./failures.ts";
import { onceEach, type Sending, type Some } from "./once-each.ts";
import { oneRelease, type Stated } from "./one-release.ts";
import { Unsupported, unlessUnsupported } from "./unsupported.ts";

/** A count that was not asked for, or that is unknown. */
export const UNKNOWN: Range = { min: 0, max: null };

/** One of the two counts of a question: the requests that it takes, and how their outcomes are read. */
export type CountBy<Request, Outcome> = {
  readonly requests: readonly Request[];
  /** One outcome for each request, in their order. @throws {BankError} */
  readonly read: (outcomes: readonly Outcome[]) => Range;
};

/** A count that takes one request. */
export const byOne = <Request, Outcome>(
  request: Request,
  read: (outcome: Outcome) => Range,
): CountBy<Request, Outcome> => ({ requests: [request], read: ([outcome]) => read(outcome!) });

/** A local API that is asked for one count at a time, keeps no older releases and cannot group. */
export type CountingApi<Request, Outcome> = Pick<Sending<Request, Outcome>, "keyOf" | "most"> & {
  readonly capabilities: Capabilities;
  /** See Adapter. */
  readonly opened?: Release;
  /** Reads the release that is served now. @throws {BankError} */
  readonly release: (signal: AbortSignal) => Promise<Release>;
  /** The release that was read last; default: `opened`. */
  readonly seen?: Release;
  /** See oneRelease. */
  readonly statedLast: boolean;
  /** Answers a question with one count where the other cannot be asked for; default: BANK_UNSUPPORTED. */
  readonly eitherCount?: boolean;
  /** See Adapter. */
  readonly findings?: readonly AdapterFinding[];
  /** How one count of a question is asked for. @throws {Unsupported} */
  readonly say: (unit: Unit, question: LocalQuestion) => CountBy<Request, Outcome>;
  /** Sends some different requests together. A BankError thrown goes for all of them. */
  readonly send: (requests: Some<Request>, signal: AbortSignal) => Promise<Stated<Outcome>>;
};

/** The adapter of a counting API. Equal requests of a batch are sent once. */
export const countingAdapter = <Request, Outcome>(
  bank: string,
  api: CountingApi<Request, Outcome>,
  close: () => PromiseLike<void>,
): Adapter => {
  const { capabilities, opened, seen = opened, statedLast, findings } = api;
  const release = oneRelease(bank, { read: api.release, seen, statedLast });
  return {
    capabilities,
    ...(opened === undefined ? {} : { opened }),
    ...(findings === undefined ? {} : { findings: () => findings }),
    release: (asked) => release.now(withManyListeners(asked)),
    async count(questions, asOf, asked) {
      asked.throwIfAborted();
      if (questions.length === 0) return [];
      const signal = withManyListeners(asked);
      const outcomes = await release.during(asOf, questions.length, signal, () =>
        countAll(bank, api, questions, signal),
      );
      asked.throwIfAborted();
      return outcomes;
    },
    [Symbol.asyncDispose]: close,
  };
};

const countAll = async <Request, Outcome>(
  bank: string,
  api: CountingApi<Request, Outcome>,
  questions: readonly LocalQuestion[],
  signal: AbortSignal,
): Promise<Stated<LocalCounts>> => {
  const wanted = await mapInTurns(questions, (question) => wantedOf(bank, api, question), signal);
  const requests = wanted
    .flatMap(({ donors, samples }) => [donors, samples])
    .flatMap((count) => (count instanceof BankError ? [] : count.requests));
  const stated: string[] = [];
  const send = async (part: Some<Request>) => {
    const answer = await api.send(part, signal);
    stated.push(...answer.stated);
    return answer.outcomes;
  };
  const found = await onceEach(requests, { ...api, send });
  const outcomes = new Map(requests.map((request, at) => [request, found[at]!]));
  const rangeOf = (count: Count<Request, Outcome>): Range | BankError => {
    if (count instanceof BankError) return count;
    const each = count.requests.map((request) => outcomes.get(request)!);
    const failed = each.find((outcome) => outcome instanceof BankError);
    return failed ?? caughtNow(() => count.read(each as readonly Outcome[]));
  };
  const read = ({ donors, samples }: Wanted<Request, Outcome>): LocalCounts | BankError =>
    joined(rangeOf(donors), rangeOf(samples), api.eitherCount);
  return { outcomes: await mapInTurns(wanted, read, signal), stated };
};

/** How a count is asked for, or why it cannot be. */
type Count<Request, Outcome> = CountBy<Request, Outcome> | BankError;

/** How both counts of a question are asked for. */
type Wanted<Request, Outcome> = {
  readonly donors: Count<Request, Outcome>;
  readonly samples: Count<Request, Outcome>;
};

const NOT_WANTED: CountBy<never, unknown> = { requests: [], read: () => UNKNOWN };

/** The counts of a question. Without `eitherCount` none is asked for where one cannot be. */
const wantedOf = <Request, Outcome>(
  bank: string,
  { capabilities, say, eitherCount = false }: CountingApi<Request, Outcome>,
  question: LocalQuestion,
): Wanted<Request, Outcome> => {
  const { by, only } = question;
  const countOf = (unit: Unit): Count<Request, Outcome> =>
    unlessUnsupported(bank, () => {
      if (only !== undefined && only !== unit) return NOT_WANTED;
      if (by !== undefined) throw new Unsupported("wanted a question without facets, got facets");
      if (capabilities.counts.includes(unit)) return say(unit, question);
      throw new Unsupported(`wanted a count that the bank gives, got one of ${unit.toLowerCase()}`);
    });
  const [donors, samples] = [countOf("DONORS"), countOf("SAMPLES")];
  const failed = donors instanceof BankError ? donors : samples instanceof BankError ? samples : undefined;
  return failed === undefined || eitherCount ? { donors, samples } : { donors: failed, samples: failed };
};

/** Both counts, or with `eitherCount` one where the other cannot be asked for. Any other failure is that of the question. */
const joined = (
  donors: Range | BankError,
  samples: Range | BankError,
  eitherCount = false,
): LocalCounts | BankError => {
  if (!(donors instanceof BankError) && !(samples instanceof BankError)) return { donors, samples };
  const failed = [donors, samples].filter((count) => count instanceof BankError);
  const fault = failed.find(({ code }) => code !== "BANK_UNSUPPORTED") ?? failed[0];
  const isCounted = [donors, samples].some((count) => !(count instanceof BankError) && count !== UNKNOWN);
  if (fault !== undefined && (fault.code !== "BANK_UNSUPPORTED" || !eitherCount || !isCounted)) return fault;
  const range = (count: Range | BankError): Range => (count instanceof BankError ? UNKNOWN : count);
  return { donors: range(donors), samples: range(samples) };
};
