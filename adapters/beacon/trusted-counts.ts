import type { JsonObject } from "../../net/http/json-client.ts";
import type { CountBy } from "../kit/counting-api.ts";
import type { Range, Unit } from "../local.ts";
import type { Asked, Filter } from "./filters.ts";
import type { CountRequest } from "./request.ts";
import type { Standings } from "./standings.ts";

/** How counts are asked for and read. */
type Writing = {
  readonly request: (unit: Unit, filters: readonly Filter[]) => CountRequest;
  readonly read: (unit: Unit, filters: readonly Filter[], answer: JsonObject) => Range;
  readonly standings: Standings;
};

/**
 * Counts by filters. One that was not yet asked for by itself is asked for beside the count, once in a release. A filter that
 * may be ignored, or that may stand for more, leaves an upper bound only.
 */
export const trustedCounts =
  ({ request, read, standings }: Writing) =>
  (unit: Unit, asked: Asked): CountBy<CountRequest, JsonObject> => {
    const { filters, meaning } = asked;
    const untried = filters.filter((filter) => standings.of(unit, filter) === undefined);
    return {
      requests: [request(unit, filters), ...untried.map((filter) => request(unit, [filter]))],
      read([answer, ...alone]) {
        for (const [at, filter] of untried.entries()) standings.note(unit, filter, read(unit, [filter], alone[at]!));
        const count = read(unit, filters, answer!);
        const isTrusted = filters.every((filter) => standings.of(unit, filter) === "taken");
        const trusted: Range = isTrusted ? count : { min: 0, max: count.max, why: ["NOT_UNDERSTOOD"] };
        if (meaning === "narrower") return { ...trusted, max: null };
        return meaning === "wider" ? { ...trusted, min: 0 } : trusted;
      },
    };
  };
