import { asObject, type JsonObject } from "../../net/http/json-client.ts";
import { type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import type { Unit } from "../local.ts";
import { asObjects } from "./http.ts";
import type { FhirOptions } from "./options.ts";
import { patientOf } from "./references.ts";
import type { Param, Search } from "./search.ts";
import { extremes, type Word, type Words } from "./words.ts";

/** A resource that is known to hold a value. `value` is the parameter's value that finds it. */
export type Witness = { readonly id: string; readonly value: string };

/** Witnesses of a field for each unit; `lacking`: donors with a sample that lacks a value of it. */
export type Witnesses = { readonly [U in Unit]: readonly Witness[] } & { readonly lacking: readonly string[] };

/** Resources that match each search; none where it cannot be asked. */
export type Read = (searches: readonly Search[]) => Promise<readonly (readonly JsonObject[])[]>;

/** How many witnesses are looked for by each value. */
export const WITNESSES = 4;
const CODES_TRIED = 8;
const CONDITIONS_READ = 100;
const LACKING = 20;
const SAMPLES_READ = 200;

/** Where witnesses are looked for. `countsSamples`: samples are counted, so that they need witnesses too. */
type Place = {
  readonly options: FhirOptions;
  readonly mapping: MappedCodes;
  readonly words: Words;
  readonly countsSamples: boolean;
  readonly read: Read;
};

/** Finds witnesses of a field by other parameters than those that are to be proven. */
export const witnessFinder = ({ options, mapping, words, countsSamples, read }: Place) => {
  const reference = options.samples?.reference ?? "patient";

  const holders = async (resource: string, name: string, values: readonly string[]) => {
    const found = await read(values.map((value) => limited(resource, WITNESSES, [name, value])));
    return found.flatMap((resources, at) =>
      resources
        .filter(({ id, resourceType }) => typeof id === "string" && resourceType === resource)
        .map((one) => ({ id: String(one["id"]), value: values[at]!, resource: one })),
    );
  };
  const codesOf = (field: FieldName, { spell }: Word): readonly string[] =>
    (mapping[field]?.codes ?? []).slice(0, CODES_TRIED).map(spell);

  const ofSample = async (field: FieldName, word: Word): Promise<Witnesses> => {
    const values = isNumberField(field) ? [`ge${extremes(field).low}`] : codesOf(field, word);
    const [found, [without = []]] = await Promise.all([
      holders("Specimen", word.name, values),
      read([limited("Specimen", LACKING, [`${word.name}:missing`, "true"])]),
    ]);
    const donors = found.flatMap(({ resource, value }) => {
      const id = patientOf(resource, reference);
      return id === undefined ? [] : [{ id, value }];
    });
    const others = field === "SAMPLE_TYPE" ? await ofSeveralTypes(word, values, donors) : [];
    const lacking = without.slice(0, LACKING).flatMap((resource) => patientOf(resource, reference) ?? []);
    return { DONORS: [...others, ...donors], SAMPLES: found, lacking };
  };

  /** Of some donors those who have samples of several types. */
  const ofSeveralTypes = async (
    word: Word,
    values: readonly string[],
    donors: readonly Witness[],
  ): Promise<readonly Witness[]> => {
    const ids = [...new Set(donors.map(({ id }) => id))];
    if (ids.length === 0) return [];
    const owners: Param = [reference, ids.map((id) => `Patient/${id}`).join(",")];
    const found = await read(values.map((value) => limited("Specimen", SAMPLES_READ, [word.name, value], owners)));
    return ofSeveral(
      found.map((resources) => resources.map((one) => patientOf(one, reference))),
      values,
    );
  };

  /** Donors with a mapped diagnosis, as their conditions read. */
  const ill = async ({ spell }: Word): Promise<readonly Witness[]> => {
    const [conditions = []] = await read([limited("Condition", CONDITIONS_READ)]);
    const mapped = new Set(mapping.DISEASE?.codes.map(spell));
    return conditions.flatMap((condition) => {
      const id = patientOf(condition, options.diseases?.reference ?? "patient");
      const tokens = asObjects(asObject(condition["code"])?.["coding"]).flatMap(({ system, code }) => [
        `${String(system)}|${String(code)}`,
        String(code),
      ]);
      const value = tokens.find((token) => mapped.has(token));
      return id === undefined || value === undefined ? [] : [{ id, value }];
    });
  };

  const ofDonor = async (field: FieldName, word: Word): Promise<Witnesses> => {
    const donors = await (field === "DISEASE" ? ill(word) : holders("Patient", word.name, codesOf(field, word)));
    if (!countsSamples) return { DONORS: donors, SAMPLES: [], lacking: [] };
    const tried = donors.slice(0, 5 * WITNESSES);
    const samples = await read(tried.map(({ id }) => limited("Specimen", 1, [reference, `Patient/${id}`])));
    const owned = samples.flatMap((resources, at) => {
      const { id, value } = tried[at]!;
      const own = resources.filter((resource) => patientOf(resource, reference) === id);
      return own.map((resource) => ({ id: String(resource["id"]), value }));
    });
    return { DONORS: donors, SAMPLES: owned, lacking: [] };
  };

  return (field: FieldName): Promise<Witnesses> =>
    isSampleField(field) ? ofSample(field, words.SAMPLES.get(field)!) : ofDonor(field, words.DONORS.get(field)!);
};

const limited = (resource: string, count: number, ...params: readonly Param[]): Search => ({
  resource,
  params: [...params, ["_count", String(count)]],
});

/** Two of those who are found by several values. `found`: whom each value finds. */
const ofSeveral = (
  found: readonly (readonly (string | undefined)[])[],
  values: readonly string[],
): readonly Witness[] => {
  const valuesOf = new Map<string, string[]>();
  for (const [at, ids] of found.entries()) {
    for (const id of new Set(ids)) if (id !== undefined) valuesOf.set(id, [...(valuesOf.get(id) ?? []), values[at]!]);
  }
  const several = [...valuesOf].filter(([, held]) => held.length > 1).slice(0, 2);
  return several.flatMap(([id, held]) => held.slice(0, 2).map((value) => ({ id, value })));
};
