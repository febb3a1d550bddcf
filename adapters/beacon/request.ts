import type { Unit } from "../local.ts";
import { ENTITIES } from "./echo.ts";
import type { Filter } from "./filters.ts";
import type { BeaconOptions } from "./options.ts";

/** A request for one count. `body` names the entity, so that no two endpoints share one. */
export type CountRequest = { readonly url: URL; readonly body: string };

/** Writes requests for counts: nothing but the number is asked for, and no records. */
export const countRequests =
  (urls: { readonly [U in Unit]: URL }, { granularity }: Pick<BeaconOptions, "granularity">) =>
  (unit: Unit, filters: readonly Filter[]): CountRequest => {
    const entityType = ENTITIES[unit];
    const body = JSON.stringify({
      meta: {
        apiVersion: "v2.0.0",
        requestedSchemas: [{ entityType, schema: `ga4gh-beacon-${entityType}-v2.0.0` }],
      },
      query: {
        filters,
        requestedGranularity: granularity,
        includeResultsetResponses: "NONE",
        pagination: { skip: 0, limit: 0 },
        testMode: false,
      },
    });
    return { url: urls[unit], body };
  };
