import { BankError } from "../../schema/bank-error.ts";
import { FIELDS, type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import type { Unit } from "../local.ts";
import type { FhirOptions } from "./options.ts";
import type { Param, Search } from "./search.ts";
import { extremes, NO_CODE, resourceOf, wordOf } from "./words.ts";

/** Counts what each search matches. */
export type Ask = (searches: readonly Search[]) => Promise<readonly (number | BankError)[]>;

/** A resource that is known to hold a value. `value` is the parameter's value that finds it. */
export type Witness = { readonly id: string; readonly value: string };

/** Witnesses of a field for each unit; `lacking`: donors with a sample that lacks a value of it. */
export type Witnesses = { readonly [U in Unit]: readonly Witness[] } & { readonly lacking: readonly string[] };

/**
 * What is proven of a parameter: that it filters, that commas mean OR, that `:missing` and `:not` mean what they should, and
 * that two `_has` may be met by two resources.
 */
export type Proof = {
  readonly works: boolean;
  readonly several: boolean;
  readonly rest: boolean;
  readonly apart: boolean;
};

/** Searches whose counts must stand in a known relation. */
type Claim = {
  readonly of: keyof Proof;
  readonly searches: readonly Search[];
  readonly holds: (counts: readonly number[]) => boolean;
  /** What these counts show besides, if they do. */
  readonly shows?: (counts: readonly number[]) => string | null;
};

const WITNESSES = 4;
const MISSING = ":missing";
const NOT = ":not";
const APART = "apart";

/**
 * Proves a parameter on witnesses. What finds them by their value, and not by a value that nobody has, alone, among others
 * and beside others, works. @throws {BankError} for what says nothing about the parameter, such as a server that is busy
 */
export const proofOf = async (
  options: FhirOptions,
  unit: Unit,
  field: FieldName,
  found: Witnesses,
  ask: Ask,
): Promise<Proof> => {
  const known = found[unit];
  const claims = [
    ...known.slice(0, WITNESSES).flatMap((witness) => basics(options, unit, field, witness)),
    ...restClaims(options, unit, field, found),
    ...(unit === "DONORS" && field === "SAMPLE_TYPE" ? apartClaims(options, known) : []),
  ];
  const outcomes = await ask(claims.flatMap(({ searches }) => searches));
  const passed = { works: known.length > 0, several: true, rest: canHaveRest(field), apart: true };
  let from = 0;
  const shown = new Set<string | null>();
  for (const { of, searches, holds, shows } of claims) {
    const counts = outcomes.slice(from, from + searches.length);
    from += searches.length;
    for (const outcome of counts) if (outcome instanceof BankError) passing(outcome);
    const numbers = counts.flatMap((outcome) => (typeof outcome === "number" ? [outcome] : []));
    if (numbers.length < counts.length || !holds(numbers)) passed[of] = false;
    shown.add(shows?.(numbers) ?? null);
  }
  const bySamples = unit === "DONORS" && isSampleField(field);
  const needed = isNumberField(field) ? [MISSING] : [MISSING, NOT];
  return {
    works: passed.works,
    several: passed.works && passed.several,
    rest:
      passed.works && passed.several && passed.rest && (!bySamples || needed.every((modifier) => shown.has(modifier))),
    apart: passed.works && passed.apart && shown.has(APART),
  };
};

/** Of a field that may hold several values, `:not` would say that none of them is among the codes: not what is asked. */
const canHaveRest = (field: FieldName): boolean => !FIELDS[field].many;

const basics = (options: FhirOptions, unit: Unit, field: FieldName, { id, value }: Witness): readonly Claim[] => {
  const { name, spell } = wordOf(options, field, unit)!;
  const { low, high } = extremes(field);
  const claim =
    (of: keyof Proof, wanted: 0 | 1) =>
    (...params: readonly Param[]): Claim => ({
      of,
      searches: [{ resource: resourceOf(unit), params: [["_id", id], ...params] }],
      holds: ([count]) => count === wanted,
    });
  const [finds, misses] = [claim("works", 1), claim("works", 0)];
  if (isNumberField(field)) {
    return [
      finds(),
      finds([name, `ge${low}`]),
      finds([name, `lt${high}`]),
      finds([name, `ge${low}`], [name, `lt${high}`]),
      misses([name, `lt${low}`]),
      misses([name, `ge${high}`]),
      misses([name, `ge${low}`], [name, `ge${high}`]),
      misses([name, `ge${high}`], [name, `ge${low}`]),
    ];
  }
  const wrong = wrongOf(value, spell);
  return [
    finds(),
    finds([name, value]),
    misses([name, wrong]),
    misses([name, value], [name, wrong]),
    misses([name, wrong], [name, value]),
    claim("several", 1)([name, `${wrong},${value}`]),
    claim("several", 1)([name, `${value},${wrong}`]),
    claim("several", 0)([name, `${wrong},${wrong}`]),
  ];
};

/** In the same system as the right code, since a server may refuse another. */
const wrongOf = (value: string, spell: (code: string) => string): string =>
  value.includes("|") ? value.replace(/[^|]*$/, NO_CODE) : spell(NO_CODE);

/**
 * What holds of `:missing` and `:not`: with their opposite they give everything. Asked by way of samples they must agree,
 * donor for donor, with what the samples themselves say; a donor with both kinds of sample has to be among them, or
 * "has one without" could not be told from "has none with".
 */
const restClaims = (options: FhirOptions, unit: Unit, field: FieldName, found: Witnesses): readonly Claim[] => {
  const known = found[unit];
  const { name, spell } = wordOf(options, field, unit)!;
  const resource = resourceOf(unit);
  const [first] = known;
  if (!canHaveRest(field) || first === undefined) return [];
  const wrong = wrongOf(first.value, spell);
  const all: Search = { resource, params: [] };
  const by = (...params: readonly Param[]): Search => ({ resource, params });
  const halves = (one: Param, other: Param): Claim => ({
    of: "rest",
    searches: [by(one), by(other), all, all],
    holds: ([a = 0, b = 0, total]) => a + b === total,
  });
  const modified: readonly Param[] = isNumberField(field)
    ? [[name + MISSING, "true"]]
    : [
        [name + MISSING, "true"],
        [name + NOT, first.value],
        [name + NOT, `${first.value},${wrong}`],
        [name + NOT, `${wrong},${first.value}`],
      ];
  if (unit === "SAMPLES" || !isSampleField(field)) {
    return modified.map((param) =>
      halves(param, param[0].endsWith(MISSING) ? [param[0], "false"] : [name, first.value]),
    );
  }
  const own = wordOf(options, field, "SAMPLES")!.name;
  const reference = options.samples?.reference ?? "patient";
  const donors = new Set([...known.slice(0, 5 * WITNESSES).map(({ id }) => id), ...found.lacking]);
  return modified.flatMap(([given, value]) =>
    [...donors].map((id): Claim => {
      const modifier = given.slice(given.lastIndexOf(":"));
      const ofDonor: Param = [reference, `Patient/${id}`];
      const positive: Param = modifier === MISSING ? [own + MISSING, "false"] : [own, first.value];
      return {
        of: "rest",
        searches: [
          by(["_id", id], [given, value]),
          { resource: "Specimen", params: [ofDonor, [own + modifier, value]] },
          { resource: "Specimen", params: [ofDonor, positive] },
        ],
        holds: ([had, without = 0]) => had === Math.min(1, without),
        shows: ([, without = 0, withIt = 0]) => (without > 0 && withIt > 0 ? modifier : null),
      };
    }),
  );
};

/**
 * A donor has a sample of two types where the samples themselves say so: a sample has one type, so two of them meet it.
 */
const apartClaims = (options: FhirOptions, known: readonly Witness[]): readonly Claim[] => {
  const [has, own] = [wordOf(options, "SAMPLE_TYPE", "DONORS")!.name, wordOf(options, "SAMPLE_TYPE", "SAMPLES")!.name];
  const reference = options.samples?.reference ?? "patient";
  const types = [...new Set(known.map(({ value }) => value))];
  return known.slice(0, WITNESSES).flatMap(({ id, value }) =>
    types
      .filter((other) => other !== value)
      .map(
        (other): Claim => ({
          of: "apart",
          searches: [
            {
              resource: "Patient",
              params: [
                ["_id", id],
                [has, value],
                [has, other],
              ],
            },
            {
              resource: "Specimen",
              params: [
                [reference, `Patient/${id}`],
                [own, other],
              ],
            },
          ],
          holds: ([both, others = 0]) => both === Math.min(1, others),
          shows: ([, others = 0]) => (others > 0 ? APART : null),
        }),
      ),
  );
};

/** Whatever says that this cannot be asked is an answer; a server out of reach is none. @throws {BankError} */
const passing = (error: BankError): void => {
  if (error.code !== "BANK_UNSUPPORTED" && error.code !== "BANK_BROKEN") throw error;
};
