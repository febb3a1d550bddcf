import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type BeaconColumns,
  beaconIndex,
  type Condition,
  MISSING,
  type Operator,
} from "../../sandbox/tmm/beacon-index.ts";

const PARENTS = new Map([
  ["E11.2", "E11"],
  ["E11.9", "E11"],
  ["E11", "E10-E14"],
  ["E10", "E10-E14"],
]);
const TERMS = ["female", "male", "E11", "E11.2", "E11.9", "E10", "wgs"];
const TYPES = ["plasma", "serum", "dna"];

type Person = {
  readonly terms: readonly string[];
  readonly samples: readonly { readonly type: string; readonly age: number; readonly year: number }[];
};

const person: fc.Arbitrary<Person> = fc.record({
  terms: fc.subarray(TERMS),
  samples: fc.array(
    fc.record({
      type: fc.constantFrom(...TYPES),
      age: fc.constantFrom(MISSING, 0, 39, 40, 41),
      year: fc.constantFrom(MISSING, 2013, 2014),
    }),
    { maxLength: 4 },
  ),
});
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ id: fc.constantFrom(...TERMS, ...TYPES, "E10-E14", "nobody"), descendants: fc.boolean() }),
  fc.record({
    id: fc.constant("age"),
    operator: fc.constantFrom<Operator>("=", "<", ">", "!", ">=", "<="),
    value: fc.constantFrom(0, 39, 40, 50),
  }),
  fc.record({ id: fc.constant("year"), operator: fc.constantFrom<Operator>("=", ">="), value: fc.constant(2014) }),
);

const columnsOf = (people: readonly Person[]): BeaconColumns => {
  const samples = people.flatMap((one, owner) => one.samples.map((sample) => ({ ...sample, owner })));
  const indices = <T>(list: readonly T[], passes: (item: T) => boolean) =>
    Uint32Array.from(list.flatMap((item, at) => (passes(item) ? [at] : [])));
  return {
    individuals: people.length,
    terms: new Map(TERMS.map((id) => [id, indices(people, ({ terms }) => terms.includes(id))])),
    parents: PARENTS,
    biosamples: {
      owner: Uint32Array.from(samples, ({ owner }) => owner),
      terms: new Map(TYPES.map((id) => [id, indices(samples, ({ type }) => type === id)])),
      numbers: new Map([
        ["age", Int16Array.from(samples, ({ age }) => age)],
        ["year", Int16Array.from(samples, ({ year }) => year)],
      ]),
    },
  };
};

/** The same counts, by looking at one record after the other. */
const scan = (people: readonly Person[], entryType: string, conditions: readonly Condition[]): number => {
  const lies = (id: string, top: string): boolean => id === top || (PARENTS.has(id) && lies(PARENTS.get(id)!, top));
  const ofSample = (each: Condition): boolean => "operator" in each || TYPES.includes(each.id);
  const meets = (sample: Person["samples"][number], each: Condition): boolean => {
    if (!("operator" in each)) return sample.type === each.id;
    const number = each.id === "age" ? sample.age : sample.year;
    const { operator, value } = each;
    if (number === MISSING) return false;
    if (operator === "=") return number === value;
    if (operator === "!") return number !== value;
    if (operator === "<") return number < value;
    if (operator === ">") return number > value;
    return operator === "<=" ? number <= value : number >= value;
  };
  const has = ({ terms }: Person, { id, ...more }: Condition): boolean =>
    terms.some((term) => ("descendants" in more && more.descendants ? lies(term, id) : term === id));
  const own = (one: Person): boolean => conditions.filter((each) => !ofSample(each)).every((each) => has(one, each));
  const sampled = conditions.filter(ofSample);
  if (entryType === "biosample") {
    return people
      .filter(own)
      .flatMap(({ samples }) => samples.filter((one) => sampled.every((each) => meets(one, each)))).length;
  }
  return people.filter((one) => own(one) && sampled.every((each) => one.samples.some((sample) => meets(sample, each))))
    .length;
};

test("counts what a plain scan counts, for individuals and for biosamples", () => {
  const property = fc.property(
    fc.array(person, { maxLength: 70 }),
    fc.array(fc.array(condition, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
    (people, questions) => {
      const index = beaconIndex(columnsOf(people));
      for (const entryType of ["individual", "biosample"] as const) {
        for (const conditions of questions) {
          expect(index.count(entryType, conditions)).toBe(scan(people, entryType, conditions));
        }
      }
    },
  );
  fc.assert(property, { seed: 20260401, numRuns: 500 });
});

test("two conditions on biosamples may be met by two biosamples of an individual, but by one biosample only together", () => {
  const index = beaconIndex(
    columnsOf([
      {
        terms: [],
        samples: [
          { type: "plasma", age: 39, year: 2013 },
          { type: "serum", age: 41, year: 2014 },
        ],
      },
    ]),
  );
  const conditions: Condition[] = [
    { id: "plasma", descendants: true },
    { id: "age", operator: ">", value: 40 },
  ];
  expect(index.count("individual", conditions)).toBe(1);
  expect(index.count("biosample", conditions)).toBe(0);
});
