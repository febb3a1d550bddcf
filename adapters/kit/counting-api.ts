import { withManyListeners } from "../../net/signals.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Adapter } from "../adapter.ts";
import type { Capabilities, LocalCounts, LocalQuestion, Range, Release, Unit } from "../local.ts";
import { caughtNow } from "./failures.ts";
import { onceEach, type Sending, type Some } from "./once-each.ts";
import { oneRelease, type Stated } from "./one-release.ts";
import { Unsupported, unlessUnsupported } from "./unsupported.ts";

/** A count that was not asked for, or of which nothing is known. */
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
  /** A question of which one count cannot be asked for is answered with the other one; default: BANK_UNSUPPORTED. */
  readonly eitherCount?: boolean;
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
  const { capabilities, opened, seen = opened, statedLast } = api;
  const release = oneRelease(bank, { read: api.release, seen, statedLast });
  return {
    capabilities,
    ...(opened === undefined ? {} : { opened }),
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

/** The counts that a question wants; BANK_UNSUPPORTED in place of one that cannot be asked for. */
type Wanted<Request, Outcome> = readonly (readonly [Unit, CountBy<Request, Outcome> | BankError])[];

const countAll = async <Request, Outcome>(
  bank: string,
  api: CountingApi<Request, Outcome>,
  questions: readonly LocalQuestion[],
  signal: AbortSignal,
): Promise<Stated<LocalCounts>> => {
  const wanted = questions.map((question) => wantedOf(bank, api, question));
  const requests = wanted.flatMap((counts) =>
    counts instanceof BankError
      ? []
      : counts.flatMap(([, count]) => (count instanceof BankError ? [] : count.requests)),
  );
  const stated: string[] = [];
  const send = async (part: Some<Request>) => {
    const answer = await api.send(part, signal);
    stated.push(...answer.stated);
    return answer.outcomes;
  };
  const found = await onceEach(requests, { ...api, send });
  const outcomes = new Map(requests.map((request, at) => [request, found[at]!]));
  const counted = wanted.map((counts) =>
    counts instanceof BankError ? counts : joined(read(counts, outcomes), api.eitherCount),
  );
  return { outcomes: counted, stated };
};

const wantedOf = <Request, Outcome>(
  bank: string,
  { capabilities, say, eitherCount = false }: CountingApi<Request, Outcome>,
  question: LocalQuestion,
): Wanted<Request, Outcome> | BankError => {
  const units: readonly Unit[] = question.only === undefined ? ["DONORS", "SAMPLES"] : [question.only];
  const counts = units.map((unit) => {
    const count = unlessUnsupported(bank, () => {
      if (question.by !== undefined) throw new Unsupported("wanted a question without facets, got facets");
      if (capabilities.counts.includes(unit)) return say(unit, question);
      throw new Unsupported(`wanted a count that the bank gives, got one of ${unit.toLowerCase()}`);
    });
    return [unit, count] as const;
  });
  const failed = counts.flatMap(([, count]) => (count instanceof BankError ? [count] : []));
  const [first] = failed;
  return first !== undefined && (!eitherCount || failed.length === counts.length) ? first : counts;
};

type Read = { readonly [U in Unit]?: Range | BankError };

const read = <Request, Outcome>(
  counts: Wanted<Request, Outcome>,
  outcomes: ReadonlyMap<Request, Outcome | BankError>,
): Read =>
  Object.fromEntries(
    counts.map(([unit, count]) => {
      if (count instanceof BankError) return [unit, count];
      const found = count.requests.map((request) => outcomes.get(request)!);
      const failed = found.find((outcome) => outcome instanceof BankError);
      return [unit, failed ?? caughtNow(() => count.read(found as readonly Outcome[]))];
    }),
  );

/** Both counts, or with `eitherCount` one where the other cannot be asked for. Any other failure is that of the question. */
const joined = (counts: Read, eitherCount = false): LocalCounts | BankError => {
  const wanted = Object.values(counts);
  const failed = wanted.filter((count) => count instanceof BankError);
  const fault = failed.find(({ code }) => code !== "BANK_UNSUPPORTED") ?? failed[0];
  const isHalf = eitherCount && fault?.code === "BANK_UNSUPPORTED" && failed.length < wanted.length;
  if (fault !== undefined && !isHalf) return fault;
  const range = (count: Range | BankError = UNKNOWN): Range => (count instanceof BankError ? UNKNOWN : count);
  return { donors: range(counts.DONORS), samples: range(counts.SAMPLES) };
};
