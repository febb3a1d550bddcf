import type { IncomingMessage, ServerResponse } from "node:http";
import { whenOver } from "../../net/serve/when-over.ts";
import type { Payer } from "./party.ts";
import type { Rate } from "./rate.ts";

type RequestRate = Pick<Rate, "knock" | "takeUnits" | "takeForUnreadable">;

/** See requestCharges. */
export type Charges = {
  /** The rate, as GraphQL is to use it. */
  readonly rate: RequestRate;
  /** Has a request charged once it is over, unless GraphQL has charged its asker, or refused it for lack of units. */
  readonly settle: (asker: Payer, request: IncomingMessage, response: ServerResponse) => void;
};

/**
 * Sees to it that no request is free: one that never comes to GraphQL, such as a broken body or a path that does not exist, costs
 * as much as one that GraphQL cannot read. Askers are compared as objects: each request has its own.
 */
export const requestCharges = ({ knock, takeUnits, takeForUnreadable }: RequestRate): Charges => {
  const charged = new WeakSet<Payer>();
  return {
    rate: {
      knock(asker) {
        const waitMs = knock(asker);
        if (waitMs !== null) charged.add(asker);
        return waitMs;
      },
      takeUnits(asker, units) {
        charged.add(asker);
        return takeUnits(asker, units);
      },
      takeForUnreadable(asker, units) {
        charged.add(asker);
        takeForUnreadable(asker, units);
      },
    },
    settle: (asker, request, response) =>
      whenOver(request, response, () => {
        if (!charged.has(asker)) takeForUnreadable(asker);
      }),
  };
};
