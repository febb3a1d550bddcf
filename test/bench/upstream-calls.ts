import type { FacetInput } from "../../gateway/search/facets.ts";
import { countDuckDb, countHttp, countPostgres } from "./counting.ts";
import { KIND_NAMES, type Kind, openSubgraphs, type Places } from "./house.ts";
import { askOne, editionOf, questionFor } from "./questions.ts";
import { WORDS } from "./typical.ts";

/** Nine breakdowns, as many as one question may have. The first three are the ones that are asked most. */
const FIELDS = [
  ...(["SEX", "SAMPLE_TYPE", "AGE_AT_COLLECTION"] as const),
  ...(["DATA", "COHORT", "FAMILY", "USE", "STORAGE", "DISEASE"] as const),
];
const FACETS: readonly FacetInput[] = FIELDS.map((by) => ({ by }));

/** Calls of the bank for one question, by how many facets it has. */
export type Calls = { readonly [facets in "0" | "3" | "9"]: number };

/**
 * HTTP requests or SQL statements that a bank gets for one question about a disease, with 0, 3 and 9 facets; what asks for
 * the release among them. Counted on the way to the bank.
 */
export const upstreamCalls = async (at: Places): Promise<{ readonly [K in Kind]: Calls }> => {
  await using tabular = await countDuckDb(at.tabular);
  await using beacon = await countHttp(at.beacon);
  await using omop = await countPostgres(at.omop);
  await using sqon = await countHttp(at.sqon);
  await using fhir = await countHttp(at.fhir);
  const counters = { tabular, beacon, omop, sqon, fhir };
  const places = Object.fromEntries(KIND_NAMES.map((kind) => [kind, counters[kind].at])) as Places;
  const { registry, execute } = await openSubgraphs(places);
  await using _closing = registry;
  const callsOf = async (kind: Kind, facets: number): Promise<number> => {
    const where = { disease: { codes: [WORDS[kind].disease] } };
    const question = questionFor(registry, kind, where, facets === 0 ? undefined : FACETS.slice(0, facets));
    // What a lease costs is shared by all the questions that are asked under it.
    await editionOf(execute(kind));
    const before = counters[kind].calls();
    await askOne(execute(kind), question);
    return counters[kind].calls() - before;
  };
  const counted: [Kind, Calls][] = [];
  for (const kind of KIND_NAMES) {
    counted.push([kind, { 0: await callsOf(kind, 0), 3: await callsOf(kind, 3), 9: await callsOf(kind, 9) }]);
  }
  return Object.fromEntries(counted) as { readonly [K in Kind]: Calls };
};
