import { BankError } from "../../schema/bank-error.ts";
import { FIELDS, type FieldName, isNumberField, isSampleField } from "../../schema/fields.ts";
import type { Unit } from "../local.ts";
import { otherwise } from "./recorded.ts";
import type { Param, Search } from "./search.ts";
import { WITNESSES, type Witness, type Witnesses } from "./witnesses.ts";
import { extremes, NO_CODE, resourceOf, type Word, type Words } from "./words.ts";

/** Counts what each search matches. */
export type Ask = (searches: readonly Search[]) => Promise<readonly (number | BankError)[]>;

/** A field by which a unit is counted. `reference`: the parameter by which a sample refers to its donor. */
export type Route = {
  readonly unit: Unit;
  readonly field: FieldName;
  readonly words: Words;
  readonly reference: string;
};

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

const MISSING = ":missing";
const NOT = ":not";
const APART = "apart";

/**
 * Proves a parameter on witnesses. What finds them by their value, and not by a value that nobody has, alone, among others
 * and beside others, works. @throws {BankError} for what says nothing about the parameter, such as a server that is busy
 */
export const proofOf = async (route: Route, found: Witnesses, ask: Ask): Promise<Proof> => {
  const { unit, field } = route;
  const known = found[unit];
  const claims = [
    ...known.slice(0, WITNESSES).flatMap((witness) => basics(route, witness)),
    ...restClaims(route, found),
    ...(unit === "DONORS" && field === "SAMPLE_TYPE" ? apartClaims(route, known) : []),
  ];
  const searches = claims.flatMap((claim) => claim.searches);
  const outcomes = await ask(searches);
  const countOf = new Map(searches.map((search, at) => [search, outcomes[at]!]));
  const passed = { works: known.length > 0, several: true, rest: canHaveRest(field), apart: true };
  const shown = new Set<string | null>();
  for (const { of, searches: asked, holds, shows } of claims) {
    const counts = asked.flatMap((search) => {
      const count = countOf.get(search)!;
      return count instanceof BankError ? otherwise(count, []) : [count];
    });
    if (counts.length < asked.length || !holds(counts)) passed[of] = false;
    shown.add(shows?.(counts) ?? null);
  }
  const bySamples = unit === "DONORS" && isSampleField(field);
  const needed = isNumberField(field) ? [MISSING] : [MISSING, NOT];
  const restShown = !bySamples || needed.every((modifier) => shown.has(modifier));
  return {
    works: passed.works,
    several: passed.works && passed.several,
    rest: passed.works && passed.several && passed.rest && restShown,
    apart: passed.works && passed.apart && shown.has(APART),
  };
};

/** Of a field that may hold several values, `:not` would say that none of them is among the codes: not what is asked. */
const canHaveRest = (field: FieldName): boolean => !FIELDS[field].many;

const basics = ({ unit, field, words }: Route, { id, value }: Witness): readonly Claim[] => {
  const { name, spell } = words[unit].get(field)!;
  const { low, high } = extremes(field);
  const claim =
    (of: keyof Proof, wanted: 0 | 1) =>
    (...params: readonly Param[]): Claim => ({
      of,
      searches: [search(resourceOf(unit), ["_id", id], ...params)],
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
      // Both bounds count, in either order. Two bounds of one kind are refused by some servers.
      misses([name, `ge${low}`], [name, `lt${low}`]),
      misses([name, `lt${low}`], [name, `ge${low}`]),
      misses([name, `ge${high}`], [name, `lt${high}`]),
      misses([name, `lt${high}`], [name, `ge${high}`]),
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
const wrongOf = (value: string, spell: Word["spell"]): string =>
  value.includes("|") ? value.replace(/[^|]*$/, NO_CODE) : spell(NO_CODE);

/**
 * What holds of `:missing` and `:not`: with their opposite they give everything. Asked by way of samples they must agree,
 * donor for donor, with what the samples themselves say; a donor with both kinds of sample has to be among them, or
 * "has one without" could not be told from "has none with".
 */
const restClaims = ({ unit, field, words, reference }: Route, found: Witnesses): readonly Claim[] => {
  const known = found[unit];
  const { name, spell } = words[unit].get(field)!;
  const resource = resourceOf(unit);
  const [first] = known;
  if (!canHaveRest(field) || first === undefined) return [];
  const wrong = wrongOf(first.value, spell);
  const all: Search = { resource, params: [] };
  const by = (...params: readonly Param[]): Search => search(resource, ...params);
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
    // Of resources that hold the value, none lacks one, and none holds another.
    const holding: Param = isNumberField(field) ? [name, `ge${extremes(field).low}`] : [name, first.value];
    const empty = (param: Param): Claim => ({
      of: "rest",
      searches: [by(holding, param)],
      holds: ([count]) => count === 0,
    });
    return modified.flatMap((param) => [
      halves(param, param[0].endsWith(MISSING) ? [param[0], "false"] : [name, first.value]),
      empty(param),
    ]);
  }
  const own = words.SAMPLES.get(field)!.name;
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
          search("Specimen", ofDonor, [own + modifier, value]),
          search("Specimen", ofDonor, positive),
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
const apartClaims = ({ words, reference }: Route, known: readonly Witness[]): readonly Claim[] => {
  const [has, own] = [words.DONORS.get("SAMPLE_TYPE")!.name, words.SAMPLES.get("SAMPLE_TYPE")!.name];
  const types = [...new Set(known.map(({ value }) => value))];
  const claim = (id: string, value: string, other: string): Claim => ({
    of: "apart",
    searches: [
      search("Patient", ["_id", id], [has, value], [has, other]),
      search("Specimen", [reference, `Patient/${id}`], [own, other]),
    ],
    holds: ([both, others = 0]) => both === Math.min(1, others),
    shows: ([, others = 0]) => (others > 0 ? APART : null),
  });
  return known
    .slice(0, WITNESSES)
    .flatMap(({ id, value }) => types.filter((other) => other !== value).map((other) => claim(id, value, other)));
};

const search = (resource: string, ...params: readonly Param[]): Search => ({ resource, params });
