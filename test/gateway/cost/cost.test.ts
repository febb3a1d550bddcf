import {
  getIntrospectionQuery,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isAbstractType,
  isEnumType,
  isObjectType,
  parse,
  validate,
} from "graphql";
import { describe, expect, test } from "vitest";
import { openRegistry } from "../../../gateway/banks/registry.ts";
import { DOCUMENTS } from "../../../gateway/cli/documents.ts";
import { refusalsOf } from "../../../gateway/http/cost/check-cost.ts";
import type { Cost } from "../../../gateway/http/cost/cost.ts";
import { createCosts } from "../../../gateway/http/cost/costs.ts";
import { isFastOf } from "../../../gateway/http/cost/is-fast.ts";
import { isList, LIST_SIZES, mostRelated } from "../../../gateway/http/cost/list-sizes.ts";
import { COMPUTED_FIELDS } from "../../../gateway/http/resolvers.ts";
import { gatewaySchema } from "../../../gateway/http/schema.ts";
import { LIMITS } from "../../../gateway/limits.ts";
import { realClock } from "../../../net/clock.ts";
import { codeSystem, DISEASE_SYSTEMS } from "../../../schema/codes/disease-code.ts";
import { icd10Categories } from "../../../schema/codes/icd10.ts";
import { relatedCodes } from "../../../schema/codes/relations.ts";
import { gatewayOf, memoryLog } from "../fake-subgraph.ts";
import { manyCards } from "./banks.ts";

const { answers, tokens } = gatewayOf([]);
const registry = await openRegistry([], { answers, clock: realClock, log: memoryLog().log });
const schema = gatewaySchema({ registry, deadlineMs: 1000, now: () => new Date(), tokens });

/** Reckons the cost of requests to a federation of so many banks. */
const federation = (count: number) => {
  const banks = manyCards(count).map((card) => ({ card: () => card }));
  const costOf = createCosts({
    banks: () => banks,
    now: () => new Date("2026-12-01"),
    isFast: isFastOf(COMPUTED_FIELDS),
  });
  return (query: string, given: object = {}): Cost | null => {
    const document = parse(query);
    const operation = getOperationAST(document)!;
    const { coerced: variables, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], { ...given });
    if (variables === undefined) throw new Error(errors.map(({ message }) => message).join());
    return costOf({ schema, document, operation, variables });
  };
};
const ofFive = federation(5);
const refusal = (query: string, variables: object = {}) => refusalsOf(ofFive(query, variables))[0] ?? null;

describe("list sizes", () => {
  test("every list of the SDL has one, and no type is abstract", () => {
    const types = Object.values(schema.getTypeMap());
    expect(types.filter(isAbstractType)).toEqual([]);
    const lists = types.filter(isObjectType).flatMap((type) =>
      Object.values(type.getFields()).flatMap((field) => {
        const named = getNamedType(field.type);
        return isList(field.type) && !isEnumType(named) ? [`${type.name}.${field.name}`] : [];
      }),
    );
    expect(lists.length).toBeGreaterThan(25);
    expect(lists.filter((name) => LIST_SIZES[name] === undefined)).toEqual([]);
  });

  test("no concepts are related to more codes", () => {
    const known = DISEASE_SYSTEMS.flatMap((system) =>
      codeSystem(system)
        .codes()
        .map((code) => `${system}:${code}`),
    );
    const all = new Set([...known, ...known.flatMap((code) => relatedCodes(code).map((related) => related.code))]);
    const lengths = [...all].map((code) => relatedCodes(code).length).sort((a, b) => b - a);
    let sum = 0;
    for (const [i, length] of lengths.slice(0, LIMITS.first).entries()) {
      sum += length;
      expect(mostRelated(i + 1)).toBeGreaterThanOrEqual(sum);
    }
  }, 60_000);
});

/** Aliases on each of six levels below `banks`. */
const bomb = (n: number): string => {
  const level = (field: string, below: string) =>
    Array.from({ length: n }, (_, i) => `${field[0]}${i}: ${field} ${below}`).join(" ");
  return `{ ${level("banks", "{ ...B }")} }
    fragment B on Bank { ${level("capabilities", "{ ...C }")} } fragment C on Capabilities { ${level("fields", "{ ...F }")} }
    fragment F on FieldSupport { ${level("values", "{ ...V }")} } fragment V on ValueSupport { ${level("value", "{ ...X }")} }
    fragment X on Value { ${level("label", "{ en }")} }`;
};

/** The README's question, with nine breakdowns. */
const NINE = {
  where: {
    disease: { codes: ["ICD10:E11"] },
    sex: ["FEMALE"],
    all: [{ sample: { type: ["PLASMA"] } }, { sample: { type: ["DNA"] } }],
  },
  facets: ["DISEASE", "SEX", "COHORT", "PROGRAMME", "DATA", "USE", "CENTRE", "SAMPLE_TYPE", "STORAGE"].map((by) => ({
    by,
  })),
};

describe("the cost", () => {
  test.each([3, 4, 10, 40])("of six levels of %i aliases is too much", (n) => {
    const { code, over } = refusal(bomb(n))!;
    expect([code, over!.limit]).toEqual(["TOO_COSTLY", n < 40 ? LIMITS.cost : LIMITS.rootFields]);
    expect(over!.cost).toBeGreaterThan(over!.limit);
  });

  test.each(Object.entries(DOCUMENTS))(
    "of the command %s is less than half of each limit at 500 banks",
    (_, document) => {
      const variables = {
        ...NINE,
        text: "diabetes",
        bank: "bank0",
        release: { number: "1", date: "2026-01-01" },
        purge: false,
      };
      const cost = federation(500)(document, variables)!;
      expect(cost.cost).toBeLessThan(LIMITS.cost / 2);
      expect(cost.cells).toBeLessThan(LIMITS.cells / 2);
      expect(cost.codes).toBeLessThan(LIMITS.codesPerQuestion / 2);
      expect(cost.rootFields).toBeLessThan(LIMITS.rootFields / 2);
      expect(cost.aliases).toBeLessThan(LIMITS.aliases / 2);
    },
  );
  test("of introspection as tools send it is within the limits", () => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, schemaDescription: true });
    expect(refusal(query)).toBeNull();
  });
  test.each([
    [
      "a hundred aliases of banks",
      `{ ${Array.from({ length: 100 }, (_, i) => `b${i}: banks { id }`).join(" ")} }`,
      LIMITS.rootFields,
    ],
    [
      "banks of many concepts, aliased",
      `{ a: concepts(text: "a", first: 200) { ...C } b: concepts(text: "b", first: 200) { ...C } }
       fragment C on Concept { banks { bank { name { en ja } capabilities { fields { field values { value { value } } } } } } }`,
      LIMITS.cost,
    ],
    [
      "__typename under many aliases",
      `{ ${Array.from({ length: 101 }, (_, i) => `t${i}: __typename`).join(" ")} }`,
      LIMITS.rootFields,
    ],
    [
      "__typename under many aliases below",
      `{ fields { ${Array.from({ length: 101 }, (_, i) => `t${i}: __typename`).join(" ")} } }`,
      LIMITS.aliases,
    ],
    [
      "aliases that only fragments bring together",
      `{ banks { ...A ... on Bank { ${Array.from({ length: 51 }, (_, i) => `x${i}: id`).join(" ")} } } }
       fragment A on Bank { ${Array.from({ length: 51 }, (_, i) => `a${i}: id`).join(" ")} }`,
      LIMITS.aliases,
    ],
    [
      "aliases of one object under two nodes",
      `{ limits { ${Array.from({ length: 51 }, (_, i) => `x${i}: depth`).join(" ")} }
         limits { ${Array.from({ length: 51 }, (_, i) => `y${i}: depth`).join(" ")} } }`,
      LIMITS.aliases,
    ],
    [
      "types within types of the introspection",
      `{ ${Array.from({ length: 20 }, (_, i) => `s${i}: __schema { types { fields { type { fields { name args { name } } } } } }`).join(" ")} }`,
      LIMITS.cost,
    ],
    [
      "all categories for every search",
      `{ ${Array.from({ length: 3 }, (_, i) => `s${i}: search(where: {}, facets: [{ by: DISEASE, level: CATEGORY, first: 1 }]) { complete }`).join(" ")} }`,
      LIMITS.cells,
    ],
    [
      "parts that are deferred",
      `{ banks { ${Array.from({ length: 100 }, (_, i) => `... @defer(label: "${i}") { id }`).join(" ")} search0: id } }`,
      null,
    ],
  ])("%s", (_, query, limit) => {
    expect(refusal(query)?.over?.limit ?? null).toBe(limit);
  });

  test("follows from the values of variables and their defaults", () => {
    const query = `query ($n: Int = 200, $hidden: Boolean!, $where: Where!, $facets: [FacetInput!]) {
      concepts(text: "a", first: $n) @skip(if: $hidden) { banks { bank { name { en } } } }
      search(where: $where, facets: $facets) { facets { cells { counts { donors { min } } } } }
    }`;
    const cost = (variables: object) => ofFive(query, { where: {}, hidden: false, ...variables })!;
    const hidden = cost({ hidden: true });
    expect(cost({}).cost - hidden.cost).toBe(1 + 200 * (1 + 5 * 3));
    expect(cost({ n: 3 }).cost - hidden.cost).toBe(1 + 3 * (1 + 5 * 3));
    const facets = [
      { by: "SEX", across: "SAMPLE_TYPE" },
      { by: "DISEASE", level: "CATEGORY", first: 7 },
    ];
    expect(cost({ facets }).cells).toBe(4 * 28 + icd10Categories.length);
    expect(cost({ facets, hidden: true }).cost - hidden.cost).toBe(2 + (4 * 28 + 7) * 3);
  });

  test("of a question counts all its codes and grows with its criteria", () => {
    const list = (from: number) => ({
      disease: { codes: icd10Categories.slice(from, from + 200).map((code) => `ICD10:${code}`) },
    });
    const query = "query ($where: Where!) { search(where: $where) { complete } }";
    const any = (n: number) => ({ where: { any: Array.from({ length: n }, (_, i) => list(200 * i)) } });
    expect(ofFive(query, any(5))!.codes).toBe(1000);
    expect(refusal(query, any(5))).toBeNull();
    expect(refusal(query, any(6))!.over).toEqual({ cost: 1200, limit: LIMITS.codesPerQuestion });
    const simple = ofFive(query, { where: { sex: ["FEMALE"] } })!;
    expect(simple.units).toBeCloseTo(10, 1);
    expect(ofFive(query, any(10))!.cost - simple.cost).toBe(simple.cost - 2);
  });

  test("of a subscription is that of all its events", () => {
    const query = "subscription { search(where: {}) { answers { status } search { banks { status } } } }";
    expect(ofFive(query)!.cost).toBe(16_000 + 10 * (1 + 5 * (2 + 1 + 1 + 5)));
  });

  test("of fragments that may be merged in more ways than can be counted is too much", () => {
    const last = 13;
    const both = (x: string, y: string) =>
      `x: availability(where: {}) { bank { ${x} } } y: availability(where: {}) { bank { ${y} } }`;
    const levels = Array.from({ length: last }, (_, i) => i);
    const fragments = levels.flatMap((i) => {
      const next = i + 1 < last ? `...F${i + 1}` : "id";
      const kept = levels.slice(i + 1).map((level) => {
        const below = level + 1 < last ? `...G${i}to${level + 1}` : `g${i}: id`;
        return `fragment G${i}to${level} on Bank { ${both(below, below)} }`;
      });
      const also = i + 1 < last ? `...G${i}to${i + 1}` : "";
      return [`fragment F${i} on Bank { ${both(next, `${next} ${also}`)} }`, ...kept];
    });
    const query = `{ banks { ...F0 } } ${fragments.join(" ")}`;
    expect(validate(schema, parse(query, { maxTokens: LIMITS.tokens }))).toEqual([]);
    const started = performance.now();
    expect(refusal(query)!.over).toEqual({ cost: null, limit: LIMITS.cost });
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
