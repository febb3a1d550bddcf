import { BankError } from "../../schema/bank-error.ts";
import { type FieldName, isNumberField } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import type { Unit } from "../local.ts";
import { type Ask, type Proof, proofOf } from "./proof.ts";
import { otherwise } from "./recorded.ts";
import type { Remembered } from "./remembered.ts";
import type { Search } from "./search.ts";
import type { Witnesses } from "./witnesses.ts";
import { extremes, NO_CODE, resourceOf, type Words } from "./words.ts";

/** A field by which a unit is counted, and what is proven of it. `values`: some that are searched for. */
export type ProvedRoute = {
  readonly field: FieldName;
  readonly unit: Unit;
  readonly proof: Proof;
  readonly values: readonly string[];
};

/** What is proven. `codes`: those of the diagnoses that are held, where all were read. */
type Routes = {
  readonly fields: readonly FieldName[];
  readonly units: readonly Unit[];
  readonly words: Words;
  readonly reference: string;
  readonly mapping: MappedCodes;
  readonly codes: ReadonlySet<string> | undefined;
};

const VALUES = 8;

/**
 * Proves each route: by what is remembered of the server's version where two searches show that it still obeys, else on witnesses.
 * @throws {BankError} for a server that is busy or away
 */
export const proveRoutes = async (
  routes: Routes,
  { ask, witnesses }: { readonly ask: Ask; readonly witnesses: (field: FieldName) => Promise<Witnesses> },
  memory: Remembered,
): Promise<readonly ProvedRoute[]> => {
  const { fields, units, words, reference } = routes;
  const each = fields.flatMap((field) => units.map((unit) => ({ field, unit })));
  const keyOf = (field: FieldName, unit: Unit): string => {
    const { name, spell } = words[unit].get(field)!;
    return [unit, field, name, reference, isNumberField(field) ? "" : spell("code")].join(" ");
  };
  const recalled = each.flatMap(({ field, unit }) => {
    const proof = memory.of(keyOf(field, unit));
    return proof === undefined ? [] : [{ field, unit, proof, values: valuesOf(routes, field, unit) }];
  });
  const obeyed = await obeys(recalled, words, ask);
  const known = recalled.filter((_, at) => obeyed[at]);
  const isKnown = (field: FieldName, unit: Unit): boolean =>
    known.some((route) => route.field === field && route.unit === unit);
  const proven = await Promise.all(
    fields
      .filter((field) => units.some((unit) => !isKnown(field, unit)))
      .map(async (field) => {
        const found = await witnesses(field);
        const others = units.filter((unit) => !isKnown(field, unit));
        return Promise.all(
          others.map(async (unit) => ({
            field,
            unit,
            proof: await proofOf({ unit, field, words, reference }, found, ask),
            values: [...new Set(found[unit].map(({ value }) => value))],
          })),
        );
      }),
  );
  const all = [...known, ...proven.flat()];
  await memory.keep(new Map(all.map(({ field, unit, proof }) => [keyOf(field, unit), proof])));
  // In the order of the fields.
  return each.flatMap(({ field, unit }) => all.filter((route) => route.field === field && route.unit === unit));
};

const valuesOf = ({ words, mapping, codes }: Routes, field: FieldName, unit: Unit): readonly string[] => {
  const { spell } = words[unit].get(field)!;
  if (isNumberField(field)) return [`ge${extremes(field).low}`];
  const held = field === "DISEASE" && codes !== undefined ? [...codes] : (mapping[field]?.codes ?? []);
  return held.slice(0, VALUES).map(spell);
};

/** Whether each parameter finds something by values that are held, and nothing by one that nobody has. */
const obeys = async (routes: readonly ProvedRoute[], words: Words, ask: Ask): Promise<readonly boolean[]> => {
  const searches = routes.flatMap(({ field, unit, values, proof }): readonly Search[] => {
    const { name, spell } = words[unit].get(field)!;
    const resource = resourceOf(unit);
    const nobody = isNumberField(field) ? `lt${extremes(field).low}` : spell(NO_CODE);
    const some = proof.several ? values.join(",") : (values[0] ?? nobody);
    return [some, nobody].map((value) => ({ resource, params: [[name, value]] }));
  });
  const counts = await ask(searches);
  for (const count of counts) if (count instanceof BankError) otherwise(count, undefined);
  return routes.map((_, at) => {
    const [some, nobody] = [counts[2 * at], counts[2 * at + 1]];
    return typeof some === "number" && some > 0 && nobody === 0;
  });
};
