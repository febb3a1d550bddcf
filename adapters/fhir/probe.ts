import { asObject, type JsonObject } from "../../net/http/json-client.ts";
import { BankError } from "../../schema/bank-error.ts";
import { FIELD_NAMES, type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import type { FieldCapability, Unit } from "../local.ts";
import { asObjects, type FhirClient } from "./http.ts";
import type { FhirOptions } from "./options.ts";
import { type Ask, proofOf, type Witness, type Witnesses } from "./proof.ts";
import { recordedDiseases } from "./recorded.ts";
import { type Counting, count, hasNext, ignoredBy, type Manner, type Search, send } from "./search.ts";
import { askable, extremes, resourceOf, type Word, wordOf } from "./words.ts";

/** What has been proven of a server: how it is asked, what it counts, and by which fields. */
export type Proven = {
  readonly manner: Manner;
  readonly counts: readonly Unit[];
  readonly fields: { readonly [F in FieldName]?: FieldCapability };
  /** Two `_has` of one kind may be met by two resources. */
  readonly apart: boolean;
  /** The fields' codes are those that the release holds. */
  readonly listed: boolean;
};

type Read = (searches: readonly Search[]) => Promise<readonly (readonly JsonObject[])[]>;

const NOBODY = "odan-no-such-id";
const CODES_TRIED = 8;
const CONDITIONS_READ = 100;
const LACKING = 20;
const WITNESSES = 4;

/**
 * Finds out what a server can be relied on. Servers ignore or answer 0 to what they do not support, mostly without a word,
 * so nothing is believed that it says of itself: every parameter is tried on resources of which the answer is known, as it
 * will be sent later. What finds the witness by its value, and does not find it by a value that nobody has, alone, among
 * others and together with others, is proven; the rest is not declared. @throws {BankError}
 */
export const probe = async (
  bank: string,
  client: FhirClient,
  options: FhirOptions,
  mapping: MappedCodes,
  signal: AbortSignal,
): Promise<Proven> => {
  const manner = await mannerOf(bank, client, options, signal);
  const ask: Ask = (searches) => count(bank, client, searches, manner, signal);
  const read: Read = async (searches) => {
    const found = await send(bank, client, searches, manner.batch, signal);
    return found.map((outcome) => (outcome instanceof BankError ? fatal(outcome, []) : resourcesOf(outcome)));
  };

  const counts = await countable(options, ask);
  const fields = askable(options, mapping, FIELD_NAMES);
  const found = await Promise.all(fields.map((field) => witnesses(options, mapping, field, counts, read)));
  const recorded = await recordedDiseases(bank, client, options, mapping, manner, signal);
  const proven = await Promise.all(
    fields.flatMap((field, at) =>
      counts.map(async (unit) => ({
        field,
        unit,
        proof: await proofOf(options, unit, field, found[at]!, ask),
      })),
    ),
  );
  const capability = (field: FieldName): readonly (readonly [FieldName, FieldCapability])[] => {
    const routes = proven.filter((route) => route.field === field && route.proof.works);
    if (routes.length === 0) return [];
    const on = routes.map(({ unit }) => unit);
    const several = isNumberField(field) || routes.every(({ proof }) => proof.several);
    const rest = routes.every(({ proof }) => proof.rest);
    return [
      [field, { on, rest, several, ...(field === "DISEASE" && recorded !== undefined ? { codes: recorded } : {}) }],
    ];
  };
  const apart = proven.some(({ proof }) => proof.apart);
  return {
    manner,
    counts,
    fields: Object.fromEntries(fields.flatMap(capability)),
    apart,
    listed: recorded !== undefined,
  };
};

/** Whether it takes batches, how it tells totals, and whether its self links can be believed. */
const mannerOf = async (
  bank: string,
  client: FhirClient,
  options: FhirOptions,
  signal: AbortSignal,
): Promise<Manner> => {
  const nobody: Search = { resource: "Patient", params: [["_id", NOBODY]] };
  const tried: readonly Search[] = [
    { ...nobody, params: [...nobody.params, ["_summary", "count"]] },
    { ...nobody, params: [...nobody.params, ["_total", "accurate"], ["_count", "0"]] },
  ];
  const inBatch = options.batch === 0 ? [] : await send(bank, client, tried, options.batch, signal);
  const takesBatch = inBatch.length > 0 && inBatch.every((outcome) => !(outcome instanceof BankError));
  const found = takesBatch ? inBatch : await send(bank, client, tried, 0, signal);
  const totals = found.map((outcome) => (outcome instanceof BankError ? fatal(outcome, undefined) : outcome["total"]));
  const counting: Counting = totals[0] === 0 ? "summary" : totals[1] === 0 ? "total" : "pages";
  if (counting === "pages") await requirePages(bank, client, signal);
  const [first] = found;
  const echoes = first !== undefined && !(first instanceof BankError) && ignoredBy(first, nobody) === undefined;
  return { batch: takesBatch ? options.batch : 0, counting, echoes };
};

/** Without totals there must be pages, and a page that is not the last has to say so. @throws {BankError} BANK_BROKEN */
const requirePages = async (bank: string, client: FhirClient, signal: AbortSignal): Promise<void> => {
  const [page] = await send(bank, client, [{ resource: "Patient", params: [["_count", "1"]] }], 0, signal);
  if (page instanceof BankError) throw page;
  if (page !== undefined && resourcesOf(page).length === 1 && hasNext(page)) return;
  throw new BankError("BANK_BROKEN", bank, "Patient: wanted Bundle.total or pages with next links, got neither");
};

/** The units of which all can be counted, one that is known, and nobody. */
const countable = async (options: FhirOptions, ask: Ask): Promise<readonly Unit[]> => {
  const units: readonly Unit[] = options.samples === undefined ? ["DONORS"] : ["DONORS", "SAMPLES"];
  const outcomes = await ask(
    units.flatMap((unit) => [
      { resource: resourceOf(unit), params: [] },
      { resource: resourceOf(unit), params: [["_id", NOBODY]] },
    ]),
  );
  const [broken] = outcomes.filter((outcome) => outcome instanceof BankError);
  const counts = units.filter((_, at) => outcomes[2 * at + 1] === 0 && !(outcomes[2 * at] instanceof BankError));
  if (counts.length === 0 && broken !== undefined) throw broken;
  for (const outcome of outcomes) if (outcome instanceof BankError) fatal(outcome, undefined);
  return counts;
};

/** Donors and samples that hold a value of the field, found by way of other parameters than those to be proven. */
const witnesses = async (
  options: FhirOptions,
  mapping: MappedCodes,
  field: FieldName,
  counts: readonly Unit[],
  read: Read,
): Promise<Witnesses> => {
  if (isSampleField(field)) {
    const { name, spell } = wordOf(options, field, "SAMPLES")!;
    const values = isNumberField(field) ? [`ge${extremes(field).low}`] : codesOf(mapping, field).map(spell);
    const reference = options.samples?.reference ?? "patient";
    const missing: Search = {
      resource: "Specimen",
      params: [
        [`${name}:missing`, "true"],
        ["_count", String(LACKING)],
      ],
    };
    const [found, [without = []]] = await Promise.all([holders("Specimen", name, values, read), read([missing])]);
    const donors = found.flatMap(({ resource, value }) => {
      const id = patientOf(resource, reference);
      return id === undefined ? [] : [{ id, value }];
    });
    const lacking = without.slice(0, LACKING).flatMap((resource) => patientOf(resource, reference) ?? []);
    return { DONORS: donors, SAMPLES: found, lacking };
  }
  const word = wordOf(options, field, "DONORS")!;
  const donors =
    field === "DISEASE"
      ? await ill(options, mapping, word, read)
      : await holders("Patient", word.name, codesOf(mapping, field).map(word.spell), read);
  if (!counts.includes("SAMPLES")) return { DONORS: donors, SAMPLES: [], lacking: [] };
  const reference = options.samples?.reference ?? "patient";
  const tried = donors.slice(0, 5 * WITNESSES);
  const samples = await read(
    tried.map(
      ({ id }): Search => ({
        resource: "Specimen",
        params: [
          [reference, `Patient/${id}`],
          ["_count", "1"],
        ],
      }),
    ),
  );
  const owned = samples.flatMap((resources, at) =>
    resources.flatMap((resource) =>
      patientOf(resource, reference) === tried[at]!.id ? [{ id: String(resource["id"]), value: tried[at]!.value }] : [],
    ),
  );
  return { DONORS: donors, SAMPLES: owned, lacking: [] };
};

const codesOf = (mapping: MappedCodes, field: FieldName): readonly string[] =>
  (mapping[field]?.codes ?? []).slice(0, CODES_TRIED);

const holders = async (resource: string, name: string, values: readonly string[], read: Read) => {
  const found = await read(
    values.map(
      (value): Search => ({
        resource,
        params: [
          [name, value],
          ["_count", String(WITNESSES)],
        ],
      }),
    ),
  );
  return found.flatMap((resources, at) =>
    resources
      .filter(({ id, resourceType }) => typeof id === "string" && resourceType === resource)
      .map((one) => ({ id: String(one["id"]), value: values[at]!, resource: one })),
  );
};

/** Donors with a mapped diagnosis, as their conditions read. */
const ill = async (
  options: FhirOptions,
  mapping: MappedCodes,
  { spell }: Word,
  read: Read,
): Promise<readonly Witness[]> => {
  const [conditions = []] = await read([{ resource: "Condition", params: [["_count", String(CONDITIONS_READ)]] }]);
  const mapped = new Set(mapping.DISEASE?.codes.map(spell));
  return conditions.flatMap((condition) => {
    const id = patientOf(condition, options.diseases?.reference);
    const tokens = asObjects(asObject(condition["code"])?.["coding"]).flatMap(({ system, code }) => [
      `${String(system)}|${String(code)}`,
      String(code),
    ]);
    const value = tokens.find((token) => mapped.has(token));
    return id === undefined || value === undefined ? [] : [{ id, value }];
  });
};

/** The id of the patient to whom a resource belongs; patient and subject are the same element by two names. */
const patientOf = (resource: JsonObject, reference: string | undefined): string | undefined => {
  const element = asObject(resource["subject"]) ?? asObject(resource[reference ?? "patient"]);
  const target = element?.["reference"];
  return typeof target === "string" ? /(?:^|\/)Patient\/([\w.-]+)(?:\/_history\/.*)?$/.exec(target)?.[1] : undefined;
};

const resourcesOf = (bundle: JsonObject): readonly JsonObject[] =>
  asObjects(asObjects(bundle["entry"]).map((entry) => entry["resource"]));

/** Passes what a probe may fail by, and throws what says nothing about the server's abilities. @throws {BankError} */
const fatal = <T>(error: BankError, otherwise: T): T => {
  if (error.code === "BANK_UNSUPPORTED" || error.code === "BANK_BROKEN") return otherwise;
  throw error;
};
