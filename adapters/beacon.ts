import { type JsonObject, jsonClient } from "../net/http/json-client.ts";
import { BEACON, readCount, statedRelease } from "./beacon/counts.ts";
import { beaconDiscovery } from "./beacon/discovery.ts";
import { declaredFields, type Filter, filterWriter, questionFilters } from "./beacon/filters.ts";
import { findingsOf } from "./beacon/findings.ts";
import { beaconOptions, named } from "./beacon/options.ts";
import { proveFields } from "./beacon/proof.ts";
import { proofAsker } from "./beacon/proof-asker.ts";
import { type CountRequest, countRequests } from "./beacon/request.ts";
import { trustedCounts } from "./beacon/trusted-counts.ts";
import { standingWords } from "./beacon/words.ts";
import { bankBroken } from "./kit/failures.ts";
import { httpKind } from "./kit/http-kind.ts";
import { requireSame } from "./kit/one-release.ts";
import type { Unit } from "./local.ts";

/**
 * GA4GH Beacon v2 over HTTP: filters joined by AND, one request for donors (individuals) and one for samples
 * (biosamples). When it is opened it proves on the data what its filters do, and it is opened anew for each release, which is
 * read before and after every batch, or out of its answers (see beaconOptions).
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
    const request = countRequests(urls, options);
    const fetch = ({ url, body }: CountRequest, asked: AbortSignal) => client.fetch(url, asked, body);
    const words = standingWords(options);
    const read = (unit: Unit, filters: readonly Filter[], answer: JsonObject) =>
      readCount(bank, answer, { filters, unit }, { counts: options.counts, words: words.known });
    const readProof: typeof read = (unit, filters, answer) => {
      words.learn(answer, filters);
      return read(unit, filters, answer);
    };
    const { fields, sampleAnd, standings, faults } = await proveFields({
      options,
      mapping,
      fields: declaredFields(options, mapping, listed),
      write: filterWriter(options, listed),
      ask: proofAsker({ request, fetch, read: readProof }, signal),
    });
    requireSame(bank, "the terms", opened, await release(signal));
    const filters = questionFilters({ ...options, sampleAnd }, fields, listed);
    const countBy = trustedCounts({ request, read, standings });
    return {
      opened,
      release,
      findings: findingsOf(faults, words.open),
      statedLast: info !== undefined,
      capabilities: {
        counts: ["DONORS", "SAMPLES"],
        donors: { logic: "and", sampleAnd },
        samples: { logic: "and", sampleAnd: "same" },
        fields,
        facets: [],
      },
      say: (unit, question) => countBy(unit, filters[unit](question)),
      keyOf: ({ body }) => body,
      async send([sent], asked) {
        const answer = await fetch(sent, asked);
        return { outcomes: [answer], stated: info === undefined ? [] : [statedRelease(bank, answer, info)] };
      },
    };
  },
});
