import { Pool } from "undici";
import { codeSystem } from "../../../schema/codes/disease-code.ts";
import { WORDS } from "../typical.ts";
import { exact, type Hand, span } from "./hand.ts";

type Sqon = { readonly op: string; readonly pivot?: string; readonly content: unknown };
/** Filters on the catalogue's donors and on its samples. */
type Pair = { readonly donor: Sqon; readonly sample: Sqon };

const leaf = (op: string, fieldName: string, ...value: readonly (string | number)[]): Sqon => ({
  op,
  content: { fieldName, value },
});
const group = (op: string, ...content: readonly Sqon[]): Sqon => ({ op, content });
const ofDonor = (field: string, ...value: readonly string[]): Pair => ({
  donor: leaf("in", field, ...value),
  sample: leaf("in", `donor.${field}`, ...value),
});

/** One GraphQL request for each question: totals under aliases, and aggregations for the facet. */
export const sqonHand = async (url: string): Promise<Hand> => {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 1 });
  let release: string | undefined;
  const post = async (query: string, variables: object): Promise<Answer["data"]> => {
    const { body } = await pool.request({
      path: pathname,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await body.json()) as Answer;
    release ??= data.catalogue.release;
    // Without these a number may be of another release, or of a filter that failed: it would not be comparable.
    if (errors !== undefined || data.catalogue.release !== release) throw new Error(`wanted counts of ${release}`);
    return data;
  };
  const totals = async (...pairs: readonly Pair[]): Promise<readonly number[]> => {
    const declared = pairs.flatMap((_, at) => [`$d${at}: JSON`, `$s${at}: JSON`]);
    const hits = (name: string) => pairs.map((_, at) => `${name}${at}: hits(filters: $${name}${at}) { total }`);
    const data = await post(
      `query(${declared.join(" ")}) { ${RELEASE} donor { ${hits("d").join(" ")} } sample { ${hits("s").join(" ")} } }`,
      Object.fromEntries(
        pairs.flatMap(({ donor, sample }, at) => [
          [`d${at}`, donor],
          [`s${at}`, sample],
        ]),
      ),
    );
    const of = (index: string, alias: string) => (data[index] as Totals)[alias]?.total ?? Number.NaN;
    return pairs.flatMap((_, at) => [of("donor", `d${at}`), of("sample", `s${at}`)]);
  };
  const lung = ofDonor("oncotree_codes", ...below(WORDS.sqon.disease));
  const plasma = (of: string) => [
    leaf("in", `${of}specimen_type`, "Plasma"),
    leaf(">=", `${of}age_at_collection`, 40),
    leaf("<=", `${of}age_at_collection`, 59),
  ];

  return {
    sex: async () => {
      const women = ofDonor("sex", "Female");
      const perhaps = ofDonor("sex", "Female", "__missing__");
      const [least, samples, most, mostSamples] = await totals(women, perhaps);
      return [span(least, most), span(samples, mostSamples)];
    },
    disease: async () => (await totals(lung)).map(exact),
    // The samples of donors who have both cannot be said: a sample's document does not know its donor's other samples.
    "two samples": async () => {
      const type = (value: string) => leaf("in", "samples.specimen_type", value);
      const donor = group("and", type("Plasma"), type("DNA"));
      const [donors, samples] = await totals({ donor, sample: leaf("in", "specimen_type", "Plasma", "DNA") });
      return [exact(donors), span(0, samples)];
    },
    "one sample": async () => {
      const donor = { ...group("and", ...plasma("samples.")), pivot: "samples" };
      return (await totals({ donor, sample: group("and", ...plasma("")) })).map(exact);
    },
    not: async () => (await totals({ donor: group("not", lung.donor), sample: group("not", lung.sample) })).map(exact),
    "disease facet": async () => {
      const buckets = "{ buckets { key doc_count } }";
      const data = await post(
        `{ ${RELEASE} donor { hits { total } aggregations { oncotree_codes ${buckets} } }
           sample { hits { total } aggregations { donor__oncotree_codes ${buckets} } } }`,
        {},
      );
      const of = (index: string, field: string) => {
        const { hits, aggregations } = data[index] as Aggregated;
        const counts = new Map(aggregations[field]?.buckets.map(({ key, doc_count }) => [key, doc_count]));
        return [hits.total, ...WORDS.sqon.diseases.map((code) => counts.get(code.replace("ONCOTREE:", "")) ?? 0)];
      };
      const samples = of("sample", "donor__oncotree_codes");
      return of("donor", "oncotree_codes").flatMap((donors, at) => [exact(donors), exact(samples[at])]);
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
};

/** The release that a request is answered from. */
const RELEASE = "catalogue { release }";
type Answer = {
  readonly data: { readonly [index: string]: unknown; readonly catalogue: { readonly release: string } };
  readonly errors?: unknown;
};
type Totals = { readonly [alias: string]: { readonly total: number } | undefined };
type Aggregated = {
  readonly hits: { readonly total: number };
  readonly aggregations: {
    readonly [field: string]: { readonly buckets: readonly { readonly key: string; readonly doc_count: number }[] };
  };
};

/** The catalogue's own codes of a cancer and of what lies below it. */
const below = (curie: string): readonly string[] => {
  const code = curie.replace("ONCOTREE:", "");
  return [code, ...codeSystem("ONCOTREE").children(code).flatMap(below)];
};
