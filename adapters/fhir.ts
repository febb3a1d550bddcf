import type { JsonObject } from "../net/http/json-client.ts";
import { httpLink } from "../net/http/link.ts";
import { withManyListeners } from "../net/signals.ts";
import { BankError } from "../schema/bank-error.ts";
import type { AdapterKind } from "./adapter.ts";
import { fhirClient } from "./fhir/http.ts";
import { type FhirOptions, fhirOptions } from "./fhir/options.ts";
import { probe } from "./fhir/probe.ts";
import { checkVersion, readRelease, releaseIn, releasePath } from "./fhir/release.ts";
import { countUntil, pathOf, type Search } from "./fhir/search.ts";
import { donorSum, type Language, languageOf, type Sum, sampleSum } from "./fhir/terms.ts";
import { resourceOf } from "./fhir/words.ts";
import { atAddresses } from "./kit/at-addresses.ts";
import { type Held, oneRelease } from "./kit/one-release.ts";
import { Unsupported } from "./kit/unsupported.ts";
import type { LocalCounts, LocalQuestion, Range, Unit } from "./local.ts";

const UNKNOWN: Range = { min: 0, max: null };
const UNITS: readonly Unit[] = ["DONORS", "SAMPLES"];

/**
 * HL7 FHIR R4 search over HTTP: donors are Patients, samples Specimens, diagnoses Conditions. It declares what the server
 * was seen to obey when it was opened, and counts a batch of questions by one `batch` bundle. The server keeps no older
 * releases: the release is read before and after every batch, or by the batch itself (see fhirOptions).
 */
export const fhir: AdapterKind<FhirOptions> = atAddresses({
  options: fhirOptions,

  async open(options, mapping, context, signal) {
    const { bank } = context;
    const link = await httpLink(options, context);
    const client = fhirClient(bank, options.url, options, link);
    try {
      await checkVersion(bank, client, signal);
      const before = await readRelease(bank, client, options, signal);
      const proven = await probe(bank, client, options, mapping, withManyListeners(signal));
      const after = proven.listed ? await readRelease(bank, client, options, signal) : before;
      if (after.id !== before.id) {
        throw new BankError("BANK_GONE", bank, `wanted the codes of ${before.id}, got ${after.id} meanwhile`);
      }
      const language = languageOf(options, mapping, proven);

      const release = oneRelease(bank, (asked) => readRelease(bank, client, options, asked));

      const last = options.release !== "metadata" && options.release.told === "last" ? [releasePath(options)] : [];

      const countAll = async (questions: readonly LocalQuestion[], asked: AbortSignal): Promise<Held<LocalCounts>> => {
        const sums = questions.map((question) => sumsOf(bank, question, language));
        const sheet = searchSheet();
        const read = sums.map((found) => {
          if (found instanceof BankError) return () => found;
          const [donors, samples] = UNITS.map((unit) => sheet.add(unit, found[unit]));
          return (outcomes: Outcomes): LocalCounts | BankError => {
            const [d, s] = [donors!(outcomes, bank), samples!(outcomes, bank)];
            return d instanceof BankError ? d : s instanceof BankError ? s : { donors: d, samples: s };
          };
        });
        const { counts, read: told } =
          sheet.searches.length === 0
            ? { counts: [], read: [] }
            : await countUntil(bank, client, sheet.searches, proven.manner, last, asked);
        return {
          outcomes: read.map((one) => one(counts)),
          until: told.map((found) => toldBy(bank, found, options)),
        };
      };

      return {
        ...(proven.listed ? { opened: before } : {}),
        capabilities: {
          counts: proven.counts,
          donors: { logic: "and", sampleAnd: proven.apart ? "any" : "unknown" },
          samples: { logic: "and", sampleAnd: "same" },
          fields: proven.fields,
          facets: [],
        },

        release: (asked) => release.now(withManyListeners(asked)),

        async count(questions, asOf, asked) {
          asked.throwIfAborted();
          if (questions.length === 0) return [];
          return release.hold(asOf, questions.length, withManyListeners(asked), () => countAll(questions, asked));
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

/** The id of the release that a batch's last entry tells, or why it tells none. */
const toldBy = (bank: string, found: JsonObject | BankError, options: FhirOptions): string | BankError => {
  try {
    return found instanceof BankError ? found : releaseIn(bank, found, options).id;
  } catch (error) {
    if (error instanceof BankError) return error;
    throw error;
  }
};

type Sums = { readonly [U in Unit]: Sum | null };
type Outcomes = readonly (number | BankError)[];

/** What is searched for each unit; null where it is not wanted. */
const sumsOf = (bank: string, question: LocalQuestion, language: Language): Sums | BankError => {
  try {
    if (question.by !== undefined) throw new Unsupported("wanted a question without facets, got facets");
    for (const unit of UNITS) {
      const wanted = question.only === undefined || question.only === unit;
      if (wanted && !language.proven.counts.includes(unit)) {
        throw new Unsupported(`wanted ${resourceOf(unit)}s counted, got a server that does not tell their number`);
      }
    }
    return {
      DONORS: question.only === "SAMPLES" ? null : donorSum(question, language),
      SAMPLES: question.only === "DONORS" ? null : sampleSum(question, language),
    };
  } catch (error) {
    if (error instanceof Unsupported) return new BankError("BANK_UNSUPPORTED", bank, error.message);
    throw error;
  }
};

/** Collects the searches of a batch, each once, and reads a sum back out of their counts. */
const searchSheet = () => {
  const searches: Search[] = [];
  const places = new Map<string, number>();
  const placeOf = (search: Search): number => {
    const key = pathOf(search);
    const place = places.get(key) ?? searches.push(search) - 1;
    places.set(key, place);
    return place;
  };
  return {
    searches,
    add(unit: Unit, sum: Sum | null): (outcomes: Outcomes, bank: string) => Range | BankError {
      if (sum === null) return () => UNKNOWN;
      const terms = sum.terms.map(({ times, params }) => ({
        times,
        place: placeOf({ resource: resourceOf(unit), params }),
      }));
      return (outcomes, bank) => {
        let total = 0;
        for (const { times, place } of terms) {
          const outcome = outcomes[place]!;
          if (typeof outcome !== "number") return outcome;
          total += times * outcome;
        }
        if (total < 0) {
          const reason = "CONTRADICTION";
          return new BankError("BANK_BROKEN", bank, "counts: wanted a sum >= 0, got less", { reason });
        }
        return { min: sum.wider ? 0 : total, max: total };
      };
    },
  };
};
