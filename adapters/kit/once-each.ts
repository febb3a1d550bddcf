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
  const keys = requests.map(keyOf);
  const distinct = [...new Map(keys.map((key, at) => [key, requests[at]!]))];
  const parts = Array.from({ length: Math.ceil(distinct.length / most) }, (_, at) =>
    distinct.slice(at * most, (at + 1) * most),
  );
  const sent = await Promise.all(
    parts.map(async (part) => {
      const outcomes = await caught(() => send(part.map(([, request]) => request) as [Request, ...Request[]]));
      return part.map(([key], at) => [key, outcomes instanceof BankError ? outcomes : outcomes[at]!] as const);
    }),
  );
  const outcomeOf = new Map(sent.flat());
  return keys.map((key) => outcomeOf.get(key)!);
};
