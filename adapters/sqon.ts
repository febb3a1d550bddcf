import { type JsonObject, jsonClient } from "../net/http/json-client.ts";
import { httpLink } from "../net/http/link.ts";
import { withManyListeners } from "../net/signals.ts";
import { BankError } from "../schema/bank-error.ts";
import type { AdapterKind } from "./adapter.ts";
import { atAddresses } from "./kit/at-addresses.ts";
import { Unsupported } from "./kit/unsupported.ts";
import type { LocalQuestion, Range, Unit } from "./local.ts";
import { gather, type Half, joined, UNKNOWN } from "./sqon/batch.ts";
import { checkFields } from "./sqon/check.ts";
import { capabilitiesOf, catalogueOf } from "./sqon/columns.ts";
import { donorFilter, type Filter, sampleFilter } from "./sqon/filters.ts";
import { type SqonOptions, sqonOptions } from "./sqon/options.ts";
import { type Count, countsBody, GRAPHQL, readCount, readRelease } from "./sqon/request.ts";

/**
 * A GraphQL catalogue with SQON filters, such as Overture Arranger's: documents of donors with their samples nested in
 * them, and documents of samples with their donors' fields on them. A batch is one request. A document of a sample says
 * nothing of the donor's other samples. No older releases are kept: the release is read with every batch, and once more
 * behind it where the server does not answer each request from one (see sqonOptions).
 */
export const sqon: AdapterKind<SqonOptions> = atAddresses({
  options: sqonOptions,

  async open(options, mapping, context, signal) {
    const { bank } = context;
    const link = await httpLink(options, context);
    const client = jsonClient(bank, { ...options, dialect: GRAPHQL, link });
    const url = new URL(options.url);
    const catalogue = catalogueOf(options, mapping);
    const post = (body: string, asked: AbortSignal): Promise<JsonObject> => client.fetch(url, asked, body);
    const releaseNow = async (asked: AbortSignal) =>
      readRelease(bank, await post(countsBody([], options), asked), options);

    /** One half of a question: a filter to count by, or why there is none. */
    const half = (question: LocalQuestion, unit: Unit): Filter | BankError => {
      try {
        if (question.by !== undefined) throw new Unsupported("wanted a question without facets, got facets");
        return (unit === "DONORS" ? donorFilter : sampleFilter)(question, catalogue);
      } catch (error) {
        if (error instanceof Unsupported) return new BankError("BANK_UNSUPPORTED", bank, error.message);
        throw error;
      }
    };

    const halvesOf = (question: LocalQuestion): Halves => ({
      donors: question.only === "SAMPLES" ? UNKNOWN : half(question, "DONORS"),
      samples: question.only === "DONORS" ? UNKNOWN : half(question, "SAMPLES"),
    });

    /** Sends counts, as many in one request as the server takes; each is a range, or what went wrong with it. */
    const send = async (
      counts: readonly Count[],
      asOf: string,
      asked: AbortSignal,
    ): Promise<readonly (Range | BankError)[]> => {
      const most = options.aliases ?? Math.max(1, counts.length);
      const requests = Array.from({ length: Math.max(1, Math.ceil(counts.length / most)) }, (_, index) =>
        counts.slice(index * most, (index + 1) * most),
      );
      const outcomes = await Promise.all(
        requests.map(async (part) => {
          const answer = await post(countsBody(part, options), asked);
          requireRelease(bank, asOf, readRelease(bank, answer, options).id);
          return part.map((count) => readCount(bank, answer, count));
        }),
      );
      return outcomes.flat();
    };

    try {
      await checkFields(bank, options, catalogue, (body) => post(body, withManyListeners(signal)));
      return {
        capabilities: {
          counts: options.samples === undefined ? ["DONORS"] : ["DONORS", "SAMPLES"],
          donors: { logic: "boolean" },
          samples: { logic: "boolean", sampleAnd: "same" },
          fields: capabilitiesOf(catalogue, mapping),
          facets: [],
        },

        release: (asked) => releaseNow(withManyListeners(asked)),

        async count(questions, asOf, asked) {
          asked.throwIfAborted();
          if (questions.length === 0) return [];
          const halves = questions.map(halvesOf);
          const { counts, place } = gather(options);
          const placed = halves.map(
            ({ donors, samples }) => [place("DONORS", donors), place("SAMPLES", samples)] as const,
          );
          try {
            const found = await send(counts, asOf.id, withManyListeners(asked));
            if (options.release.told === "behind") requireRelease(bank, asOf.id, (await releaseNow(asked)).id);
            return placed.map(([donors, samples]) => joined(donors(found), samples(found)));
          } catch (error) {
            if (error instanceof BankError && !asked.aborted) return questions.map(() => error);
            throw error;
          }
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

type Halves = { readonly [U in "donors" | "samples"]: Filter | Half };

const requireRelease = (bank: string, wanted: string, got: string): void => {
  if (got !== wanted) throw new BankError("BANK_GONE", bank, `wanted release ${wanted}, got ${got}`);
};
