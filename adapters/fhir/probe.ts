import type { JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { FIELD_NAMES, type FieldName, isNumberField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import { bankBroken } from "../kit/failures.ts";
import type { HttpPlace } from "../kit/http-kind.ts";
import type { FieldCapability, Unit } from "../local.ts";
import { askedAgain } from "./asking.ts";
import { type Controls, controlsOf } from "./controls.ts";
import { type Unsure, unsureOf } from "./exceptions.ts";
import type { FhirClient } from "./http.ts";
import type { FhirOptions } from "./options.ts";
import type { Ask } from "./proof.ts";
import { proveRoutes } from "./proving.ts";
import { otherwise, recordedDiseases } from "./recorded.ts";
import type { Remembered } from "./remembered.ts";
import { hasYearsInDoubt } from "./seams.ts";
import { ignoredBy, nextPage, type Search } from "./search.ts";
import { type Counting, type FhirServer, fhirServer, type Manner, resourcesIn } from "./server.ts";
import { type Slack, slackOf } from "./slack.ts";
import { type Read, witnessFinder } from "./witnesses.ts";
import { resourceOf, type Words, wordsOf } from "./words.ts";

/** What has been proven of a server: how it is asked, what it counts, and by which fields. */
export type Proven = {
  readonly server: FhirServer;
  readonly words: Words;
  readonly counts: readonly Unit[];
  readonly fields: { readonly [F in FieldName]?: FieldCapability };
  /** Two `_has` of one kind may be met by two resources. */
  readonly apart: boolean;
  /** What does not count, or perhaps. */
  readonly unsure: Unsure;
  readonly slack: Slack;
  /** The search parameter that leads from a Specimen to its Patient. */
  readonly reference: string;
  readonly controls: Controls;
};

const NOBODY = "odan-no-such-id";

/**
 * Finds out what a server can be relied on. Servers ignore or answer 0 to what they do not support, mostly without a word,
 * so nothing is believed that it says of itself: every parameter is tried on resources of which the answer is known, as it
 * will be sent later. What finds the witness by its value, and does not find it by a value that nobody has, alone, among
 * others and together with others, is proven; the rest is not declared. @throws {BankError}
 */
export const probe = async (
  place: HttpPlace<FhirOptions, FhirClient>,
  memory: Remembered,
  signal: AbortSignal,
): Promise<Proven> => {
  const { bank, options, mapping, client } = place;
  const asked = fhirServer(bank, client, await mannerOf(bank, client, options, signal));
  const server = askedAgain(asked);
  const ask: Ask = (searches) => server.count(searches, signal);
  const read: Read = async (searches) => {
    const found = await server.search(searches, signal);
    return found.map((outcome) => (outcome instanceof BankError ? otherwise(outcome, []) : resourcesIn(outcome)));
  };
  const words = wordsOf(options);
  const counts = await countable(options, ask);
  const fields = FIELD_NAMES.filter((field) => words.DONORS.has(field) && isMapped(field, mapping));
  const witnesses = witnessFinder({ options, mapping, words, countsSamples: counts.includes("SAMPLES"), read });
  const disease = words.DONORS.get("DISEASE");
  const recorded = disease && (await recordedDiseases(options, disease, mapping.DISEASE, { server, signal }));
  const reference = options.samples?.reference ?? "patient";
  const routes = { fields, units: counts, words, reference, mapping, codes: recorded?.codes };
  const proven = await proveRoutes(routes, { ask, witnesses }, memory);
  const year = words.SAMPLES.get("COLLECTED_YEAR");
  const hasYears = proven.some(({ field, proof }) => field === "COLLECTED_YEAR" && proof.works);
  const yearsInDoubt = hasYears && year !== undefined && (await hasYearsInDoubt(year.name, ask));
  const capability = (field: FieldName): readonly (readonly [FieldName, FieldCapability])[] => {
    const routes = proven.filter((route) => route.field === field && route.proof.works);
    if (routes.length === 0) return [];
    const on = routes.map(({ unit }) => unit);
    const several = isNumberField(field) || routes.every(({ proof }) => proof.several);
    const rest = routes.every(({ proof }) => proof.rest);
    const codes =
      field === "DISEASE" && recorded !== undefined ? { codes: recorded.codes, exhaustive: true as const } : {};
    const halves = field === "COLLECTED_YEAR" && yearsInDoubt ? { halves: true as const } : {};
    return [[field, { on, rest, several, ...codes, ...halves }]];
  };
  return {
    server: asked,
    words,
    counts,
    fields: Object.fromEntries(fields.flatMap(capability)),
    unsure: await unsureOf(options, { server, signal }),
    slack: await slackOf(
      options,
      { field: mapping.DISEASE, word: disease, read: recorded?.unfound },
      { server, signal },
    ),
    reference,
    controls: await controlsOf(
      bank,
      words,
      {
        units: counts,
        proved: proven.filter(({ proof }) => proof.works),
      },
      ask,
    ),
    apart: proven.some(({ proof }) => proof.apart),
  };
};

/** Numbers need no mapping. */
const isMapped = (field: FieldName, mapping: MappedCodes): boolean =>
  isNumberField(field) || (mapping[field]?.codes.length ?? 0) > 0;

/** Whether it takes bundles, how it states totals, and whether its self links can be believed. */
const mannerOf = async (
  bank: string,
  client: FhirClient,
  options: FhirOptions,
  signal: AbortSignal,
): Promise<Manner> => {
  const nobody: Search = { resource: "Patient", params: [["_id", NOBODY]] };
  const summary: Search = { ...nobody, params: [...nobody.params, ["_summary", "count"]] };
  const total: Search = { ...nobody, params: [...nobody.params, ["_total", "accurate"], ["_count", "0"]] };
  const search = (batch: number, ...searches: readonly Search[]) =>
    fhirServer(bank, client, { batch, counting: "pages", echoes: false }).search(searches, signal);
  const inBundle = options.batch === 0 ? [] : await search(options.batch, summary, total);
  const takesBundles = inBundle.length > 0 && inBundle.every((outcome) => !(outcome instanceof BankError));
  const [ofSummary, ofTotal] = (takesBundles ? inBundle : await search(0, summary, total)).map((outcome) =>
    outcome instanceof BankError ? otherwise<JsonObject>(outcome, {}) : outcome,
  );
  const counting: Counting = ofSummary?.["total"] === 0 ? "summary" : ofTotal?.["total"] === 0 ? "total" : "pages";
  if (counting === "pages") {
    const [page] = await search(0, { resource: "Patient", params: [["_count", "1"]] });
    if (page instanceof BankError) throw page;
    if (page === undefined || resourcesIn(page).length !== 1 || nextPage(page) === undefined) {
      throw bankBroken(bank, "Patient: wanted Bundle.total or pages with next links, got neither");
    }
  }
  const echoes = ofSummary?.["resourceType"] === "Bundle" && ignoredBy(ofSummary, nobody) === undefined;
  return { batch: takesBundles ? options.batch : 0, counting, echoes };
};

/** The units for which the server can count everything, a known one, and nobody. */
const countable = async (options: FhirOptions, ask: Ask): Promise<readonly Unit[]> => {
  const units: readonly Unit[] = options.samples === undefined ? ["DONORS"] : ["DONORS", "SAMPLES"];
  const outcomes = await Promise.all(
    units.map(async (unit) => {
      const resource = resourceOf(unit);
      const [all, nobody] = await ask([
        { resource, params: [] },
        { resource, params: [["_id", NOBODY]] },
      ]);
      return { unit, all: all!, nobody: nobody! };
    }),
  );
  const broken = outcomes.flatMap(({ all, nobody }) => [all, nobody]).filter((outcome) => outcome instanceof BankError);
  const counts = outcomes.flatMap(({ unit, all, nobody }) =>
    nobody === 0 && !(all instanceof BankError) ? [unit] : [],
  );
  if (counts.length === 0 && broken[0] !== undefined) throw broken[0];
  for (const error of broken) otherwise(error, undefined);
  return counts;
};
