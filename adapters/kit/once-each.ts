import { mapInTurns } from "../../net/turns.ts";
import { BankError } from "../../schema/bank-error.ts";
import { caught } from "./failures.ts";

/** At least one of them. */
export type Some<T> = readonly [T, ...T[]];

/** How requests are sent. */
export type Sending<Request, Outcome> = {
  /** Equal requests have the same key. */
  readonly keyOf: (request: Request) => string;
  /** How many requests are sent together; default 1. */
  readonly most?: number;
  /** Sends some different requests together; one outcome for each, in their order. A BankError thrown goes for all of them. */
  readonly send: (requests: Some<Request>) => Promise<readonly (Outcome | BankError)[]>;
};

/** Sends each of several requests once, all parts at the same time. One outcome for each request, in their order. */
export const onceEach = async <Request, Outcome>(
  requests: readonly Request[],
  { keyOf, most = 1, send }: Sending<Request, Outcome>,
): Promise<readonly (Outcome | BankError)[]> => {
  const distinct: Request[] = [];
  const places = new Map<string, number>();
  const placed = await mapInTurns(requests, (request) => {
    const key = keyOf(request);
    const place = places.get(key) ?? distinct.push(request) - 1;
    places.set(key, place);
    return place;
  });
  const parts = Array.from({ length: Math.ceil(distinct.length / most) }, (_, at) =>
    distinct.slice(at * most, (at + 1) * most),
  );
  const sent = await Promise.all(
    parts.map(async (part) => {
      const outcomes = await caught(() => send(part as [Request, ...Request[]]));
      return outcomes instanceof BankError ? part.map(() => outcomes) : outcomes;
    }),
  );
  const outcomes = sent.flat();
  return placed.map((place) => outcomes[place]!);
};
