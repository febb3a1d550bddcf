import { Pool } from "undici";
import { WORDS } from "../typical.ts";
import { exact, type Hand, span } from "./hand.ts";

const PLASMA = { id: "OBI:0100016" };
const DNA = { id: "OBI:0001051" };
const DIABETES = { id: WORDS.beacon.disease, includeDescendantTerms: true };
const AGES = [
  { id: "ageAtCollection", operator: ">=", value: "P40Y" },
  { id: "ageAtCollection", operator: "<=", value: "P59Y" },
];

/** The Beacon requests that each question needs, all at once over eight connections. */
export const beaconHand = async (url: string): Promise<Hand> => {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 8 });
  const { body: info } = await pool.request({ path: `${pathname}info`, method: "GET" });
  const release = ((await info.json()) as { response: { version: string } }).response.version;
  const count = async (path: "individuals" | "biosamples", filters: readonly object[]): Promise<number> => {
    const query = { filters, requestedGranularity: "count" };
    const { statusCode, body } = await pool.request({
      path: pathname + path,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ meta: { apiVersion: "v2.0.0" }, query }),
    });
    const { meta, info, responseSummary } = (await body.json()) as Answer;
    // Without these a number may be of another release, or of fewer filters than were asked for: it would not be comparable.
    const taken = statusCode === 200 && meta.returnedGranularity === "count" && info.warnings === undefined;
    if (!taken || meta.receivedRequestSummary.filters.length !== filters.length || info.release !== release) {
      throw new Error(`wanted a count of release ${release}, got something else`);
    }
    return responseSummary.numTotalResults;
  };
  /** Donors and samples for each list of filters. */
  const both = async (...lists: readonly (readonly object[])[]): Promise<readonly number[]> =>
    Promise.all(lists.flatMap((filters) => [count("individuals", filters), count("biosamples", filters)]));

  return {
    sex: async () => {
      // No filter finds a donor without any term of sex: women at most are all but the men, as the SQL says it too.
      const [women = 0, samples = 0, all = 0, ofAll = 0, men = 0, ofMen = 0] = await both(
        [{ id: "NCIT:C16576" }],
        [],
        [{ id: "NCIT:C20197" }],
      );
      return [span(women, all - men), span(samples, ofAll - ofMen)];
    },
    disease: async () => (await both([DIABETES])).map(exact),
    // A beacon that joins biosample filters by any biosample says the donors; of the samples it says each type alone.
    "two samples": async () => {
      const [donors, plasma = 0, dna = 0] = await Promise.all([
        count("individuals", [PLASMA, DNA]),
        count("biosamples", [PLASMA]),
        count("biosamples", [DNA]),
      ]);
      return [exact(donors), span(0, plasma + dna)];
    },
    "one sample": async () => {
      const [donors, samples] = await both([PLASMA, ...AGES]);
      return [span(0, donors), exact(samples)];
    },
    not: async () => {
      const [donors = 0, samples = 0, ill = 0, ofIll = 0] = await both([], [DIABETES]);
      return [exact(donors - ill), exact(samples - ofIll)];
    },
    "disease facet": async () => (await both([], ...WORDS.beacon.diseases.map((id) => [{ id }]))).map(exact),
    [Symbol.asyncDispose]: () => pool.close(),
  };
};

type Answer = {
  readonly meta: {
    readonly returnedGranularity: string;
    readonly receivedRequestSummary: { readonly filters: readonly unknown[] };
  };
  readonly info: { readonly release: string; readonly warnings?: unknown };
  readonly responseSummary: { readonly numTotalResults: number };
};
