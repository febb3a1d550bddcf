import { type JsonObject, jsonClient } from "../net/http/json-client.ts";
import { httpLink } from "../net/http/link.ts";
import { withManyListeners } from "../net/signals.ts";
import { BankError } from "../schema/bank-error.ts";
import type { AdapterKind } from "./adapter.ts";
import { BEACON, readCount, toldRelease } from "./beacon/counts.ts";
import { findEndpoints, listTerms, readRelease } from "./beacon/discovery.ts";
import { type Asked, donorFilters, sampleFilters, vocabulary } from "./beacon/filters.ts";
import { type BeaconOptions, beaconOptions } from "./beacon/options.ts";
import { atAddresses } from "./kit/at-addresses.ts";
import { oneRelease } from "./kit/one-release.ts";
import { Unsupported } from "./kit/unsupported.ts";
import type { LocalCounts, LocalQuestion, Range } from "./local.ts";

const UNKNOWN: Range = { min: 0, max: null };

/**
 * GA4GH Beacon v2 over HTTP: filters joined by AND, one request for donors (individuals) and one for samples
 * (biosamples). It keeps no older releases: the release is read before and after every batch, or out of its answers (see
 * beaconOptions).
 */
export const beacon: AdapterKind<BeaconOptions> = atAddresses({
  options: beaconOptions,

  async open(options, mapping, context, signal) {
    const { bank } = context;
    const link = await httpLink(options, context);
    const client = jsonClient(bank, { ...options, dialect: BEACON, link });
    try {
      const opened = await readRelease(bank, client, options, signal);
      const [endpoints, terms] = await Promise.all([
        findEndpoints(client, options, signal),
        listTerms(bank, client, options, signal),
      ]);
      if (options.release.info !== undefined && opened.kind !== "ANNOUNCED") {
        throw new BankError("BANK_BROKEN", bank, "info: wanted `version`, which every answer is to state, got none");
      }
      const after = await readRelease(bank, client, options, signal);
      if (after.id !== opened.id) {
        throw new BankError("BANK_GONE", bank, `wanted the terms of ${opened.id}, got ${after.id} meanwhile`);
      }
      const words = vocabulary(options, mapping, terms);

      const put = (entityType: EntityType, what: Asked): Put => ({
        what,
        body: requestBody(entityType, what, options),
      });
      /** @throws {Unsupported} */
      const requestsFor = (question: LocalQuestion): Requests => {
        const { by, only } = question;
        if (by !== undefined) throw new Unsupported("wanted a question without facets, got facets");
        const donors = only === "SAMPLES" ? undefined : put("individual", donorFilters(question, options, words));
        const samples = only === "DONORS" ? undefined : put("biosample", sampleFilters(question, options, words));
        return { donors, samples };
      };

      /** Sends each request of a batch once. `until`: the releases that its answers tell. */
      const batch = (asked: AbortSignal) => {
        const sent = new Map<string, Promise<JsonObject>>();
        const until: (string | BankError)[] = [];
        const send = async (url: URL, body: string): Promise<JsonObject> => {
          const answer = await client.fetch(url, asked, body);
          if (options.release.info !== undefined) until.push(toldRelease(bank, answer, options.release.info));
          return answer;
        };
        const ask = async (url: URL, { what, body }: Put): Promise<Range> => {
          const answer = sent.get(body) ?? send(url, body);
          sent.set(body, answer);
          return readCount(bank, await answer, what, options);
        };
        return { ask, until };
      };

      const countOne = async (
        question: LocalQuestion,
        ask: ReturnType<typeof batch>["ask"],
      ): Promise<LocalCounts | BankError> => {
        try {
          const { donors, samples } = requestsFor(question);
          const [donorCount, sampleCount] = await Promise.all([
            donors === undefined ? UNKNOWN : ask(endpoints.donors, donors),
            samples === undefined ? UNKNOWN : ask(endpoints.samples, samples),
          ]);
          return { donors: donorCount, samples: sampleCount };
        } catch (error) {
          if (error instanceof BankError) return error;
          if (error instanceof Unsupported) return new BankError("BANK_UNSUPPORTED", bank, error.message);
          throw error;
        }
      };

      const release = oneRelease(bank, (asked) => readRelease(bank, client, options, asked));

      return {
        opened,
        capabilities: {
          counts: ["DONORS", "SAMPLES"],
          donors: { logic: "and", sampleAnd: options.sampleAnd },
          samples: { logic: "and", sampleAnd: "same" },
          fields: words.fields,
          facets: [],
        },

        release: (asked) => release.now(withManyListeners(asked)),

        async count(questions, asOf, asked) {
          asked.throwIfAborted();
          if (questions.length === 0) return [];
          return release.hold(asOf, questions.length, withManyListeners(asked), async () => {
            const { ask, until } = batch(asked);
            return { outcomes: await Promise.all(questions.map((question) => countOne(question, ask))), until };
          });
        },

        [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
      };
    } catch (error) {
      await client[Symbol.asyncDispose]();
      if (!(error instanceof BankError) || error.code !== "BANK_UNSUPPORTED") throw error;
      throw new BankError("BANK_BROKEN", bank, error.message.replace(`[${bank}] `, ""), { cause: error });
    }
  },
});

type EntityType = "individual" | "biosample";
/** What to ask at one endpoint, and the body that asks it; it names the entity, so that no two endpoints share one. */
type Put = { readonly what: Asked; readonly body: string };
type Requests = { readonly donors: Put | undefined; readonly samples: Put | undefined };

const requestBody = (entityType: EntityType, { filters }: Asked, options: BeaconOptions): string => {
  return JSON.stringify({
    meta: {
      apiVersion: "v2.0.0",
      requestedSchemas: [{ entityType, schema: `ga4gh-beacon-${entityType}-v2.0.0` }],
    },
    query: {
      filters,
      requestedGranularity: options.granularity,
      includeResultsetResponses: "NONE",
      pagination: { skip: 0, limit: 0 },
      testMode: false,
    },
  });
};
