import { type JsonObject, jsonClient } from "../net/http/json-client.ts";
import { BEACON, readCount, statedRelease } from "./beacon/counts.ts";
import { beaconDiscovery } from "./beacon/discovery.ts";
import { ENTITIES } from "./beacon/echo.ts";
import { type Asked, vocabulary } from "./beacon/filters.ts";
import { type BeaconOptions, beaconOptions, named } from "./beacon/options.ts";
import { byOne } from "./kit/counting-api.ts";
import { bankBroken } from "./kit/failures.ts";
import { httpKind } from "./kit/http-kind.ts";
import { requireSame } from "./kit/one-release.ts";

/**
 * GA4GH Beacon v2 over HTTP: filters joined by AND, one request for donors (individuals) and one for samples
 * (biosamples). The release is read before and after every batch, or out of its answers (see beaconOptions).
 */
export const beacon = httpKind({
  options: beaconOptions,
  named,
  connect: (bank, options, link) => jsonClient(bank, { ...options, dialect: BEACON, link }),

  async open({ bank, options, mapping, client }, signal) {
    const { info } = options.release;
    const { release, endpoints, terms } = beaconDiscovery(bank, options, client);
    const opened = await release(signal);
    const [urls, listed] = await Promise.all([endpoints(signal), terms(signal)]);
    if (info !== undefined && opened.kind !== "ANNOUNCED") {
      throw bankBroken(bank, "info: wanted `version`, which every answer is to state, got none");
    }
    requireSame(bank, "the terms", opened, await release(signal));
    const { fields, filters } = vocabulary(options, mapping, listed);
    return {
      opened,
      release,
      statedLast: info !== undefined,
      capabilities: {
        counts: ["DONORS", "SAMPLES"],
        donors: { logic: "and", sampleAnd: options.sampleAnd },
        samples: { logic: "and", sampleAnd: "same" },
        fields,
        facets: [],
      },
      say(unit, question) {
        const asked = filters[unit](question);
        const body = requestBody(ENTITIES[unit], asked, options);
        const sent = { ...asked, unit };
        return byOne({ url: urls[unit], body }, (answer: JsonObject) => readCount(bank, answer, sent, options));
      },
      // The body names the entity, so that no two endpoints share one.
      keyOf: ({ body }) => body,
      async send([{ url, body }], asked) {
        const answer = await client.fetch(url, asked, body);
        return { outcomes: [answer], stated: info === undefined ? [] : [statedRelease(bank, answer, info)] };
      },
    };
  },
});

const requestBody = (
  entityType: "individual" | "biosample",
  { filters }: Asked,
  { granularity }: BeaconOptions,
): string =>
  JSON.stringify({
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
