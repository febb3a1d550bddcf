/** A filtering term as a beacon lists it. */
export type SaneTerm = { readonly id: string; readonly type?: string; readonly scopes?: readonly string[] };

type Filter = { readonly id: string; readonly operator?: string; readonly value?: string };
type Body = {
  readonly meta: { readonly requestedSchemas: readonly [{ readonly entityType: string }] };
  readonly query: { readonly filters: readonly Filter[] };
};
type Sample = { readonly owner: number; readonly type: string | undefined; readonly number: number };

/**
 * Counts in a small world that every proof holds in: each term that is listed for individuals first is had by two of them, those
 * for biosamples by one of two samples of most individuals, and each sample has an age and a year.
 */
export const saneBeacon = (terms: readonly SaneTerm[], sampleAnd: "same" | "any") => {
  const plain = terms.filter(({ type }) => type !== "alphanumeric");
  const isOfSamples = ({ scopes }: SaneTerm) => scopes?.[0] === "biosample";
  const types = plain.filter(isOfSamples).map(({ id }) => id);
  const owned = new Map(plain.filter((term) => !isOfSamples(term)).map(({ id }, at) => [id, at]));
  const individuals = Array.from({ length: 2 * owned.size + 12 }, (_, at) => at);
  const samples = individuals
    .slice(3)
    .flatMap((owner): Sample[] =>
      [0, 1].map((at) => ({ owner, type: types[(owner + at) % types.length], number: (2 * owner + at) % 15 })),
    );
  const isMet = ({ owner, type, number }: Sample, { id, operator, value }: Filter): boolean => {
    if (operator === undefined) return owned.has(id) ? owned.get(id) === owner >> 1 : id === type;
    const wanted = Number(value?.replace(/\D/g, ""));
    const is = (value?.startsWith("P") ? 20 : 2005) + number;
    return operator === "=" ? is === wanted : operator === "<" ? is < wanted : is >= wanted;
  };
  const ofIndividual = (owner: number, filters: readonly Filter[]): boolean => {
    const own = filters.filter(({ id }) => owned.has(id));
    const others = filters.filter(({ id }) => !owned.has(id));
    if (!own.every(({ id }) => owned.get(id) === owner >> 1)) return false;
    const had = samples.filter((sample) => sample.owner === owner);
    if (sampleAnd === "any") return others.every((filter) => had.some((sample) => isMet(sample, filter)));
    return others.length === 0 || had.some((sample) => others.every((filter) => isMet(sample, filter)));
  };
  return ({ meta, query: { filters } }: Body): object => {
    const [{ entityType }] = meta.requestedSchemas;
    const found =
      entityType === "individual"
        ? individuals.filter((one) => ofIndividual(one, filters))
        : samples.filter((sample) => filters.every((filter) => isMet(sample, filter)));
    return {
      meta: { returnedGranularity: "count", returnedSchemas: [{ entityType }] },
      responseSummary: { exists: found.length > 0, numTotalResults: found.length },
    };
  };
};
