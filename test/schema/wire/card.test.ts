import { execute, type GraphQLEnumType } from "graphql";
import { expect, test } from "vitest";
import { CARD } from "../../../gateway/banks/card-document.ts";
import { parseCard } from "../../../schema/wire/card.ts";
import { fakeSubgraph } from "../../gateway/fake-subgraph.ts";

type Json = { [key: string]: unknown };

const { schema } = fakeSubgraph("a", { centres: ["a/x"], programmes: ["PROGRAMME:CONTROL_GROUP"] });
const { data } = await execute({ schema, document: CARD });

/** A good card with one value set, at a path such as `size.donors`; undefined takes the member out. */
const card = (path = "", value?: unknown): Json => {
  const self = structuredClone(data?.["self"]) as Json;
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let parent = self;
  for (const key of keys) parent = parent[key] as Json;
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return self;
};

test("a good card is read as it came, with what the gateway does not read itself", () => {
  expect(parseCard(card(), "a")).toEqual(card());
});

test.each([
  ["access.eligible", "Requester"],
  ["capabilities.counts", "Unit"],
])("a card knows every value that the SDL has for %s", (path, type) => {
  const values = (schema.getType(type) as GraphQLEnumType).getValues().map(({ name }) => name);
  expect(parseCard(card(path, values))).toEqual(card(path, values));
});

test.each([
  ["state", "BankState"],
  ["name.missing", "Language"],
])("a card knows every value that the SDL has for its %s", (path, type) => {
  for (const { name } of (schema.getType(type) as GraphQLEnumType).getValues()) {
    expect(parseCard(card(path, name))).toEqual(card(path, name));
  }
});

test.each<[string, unknown, string]>([
  ["size.enrolmentsPerPerson", 0, "self.size.enrolmentsPerPerson: wanted an integer >= 1, got 0"],
  ["size.enrolmentsPerPerson", 1.5, "self.size.enrolmentsPerPerson: wanted an integer >= 1, got 1.5"],
  ["size.donors", -1, "self.size.donors: wanted an integer >= 0, got -1"],
  ["size.donors", 2 ** 31, "self.size.donors: wanted an integer >= 0, got 2147483648"],
  ["size.samples", "many", "self.size.samples: wanted an integer >= 0, got many"],
  ["size", undefined, "self.size: wanted an object, got undefined"],
  ["centres", undefined, "self.centres: wanted a list, got undefined"],
  ["centres", {}, "self.centres: wanted a list, got an object"],
  ["centres.0.name", "Centre", "self.centres[0].name: wanted an object, got Centre"],
  ["centres.0.id", "b/x", "self.centres[0].id: wanted a/..., got b/x"],
  ["name.ja", null, "self.name.ja: wanted a text, got null"],
  ["id", "", "self.id: wanted a text, got "],
  ["id", "b", "self.id: wanted a, got b"],
  ["state", 3, "self.state: wanted a text, got 3"],
  [
    "capabilities.fields.0.values.0.value",
    null,
    "self.capabilities.fields[0].values[0].value: wanted an object, got null",
  ],
  ["capabilities.sameSample", "yes", "self.capabilities.sameSample: wanted true or false, got yes"],
  ["contact.email", 7, "self.contact.email: wanted a text, got 7"],
  ["disclosure", [], "self.disclosure: wanted an object, got a list"],
  ["url", {}, "self.url: wanted a text, got an object"],
])("a card with %s %j is refused", (path, value, message) => {
  expect(() => parseCard(card(path, value), "a")).toThrow(message);
});

test.each([undefined, null, [], "card"])("%j is no card", (json) => {
  expect(() => parseCard(json)).toThrow(/^self: wanted an object, got/);
});

test("values of a newer contract are read with caution or left out", () => {
  const [known] = (card()["capabilities"] as { fields: readonly Json[] }).fields;
  const newer = {
    ...card("state", "ASLEEP"),
    access: { requestUrl: null, eligible: ["JP_ACADEMIA", "MARTIANS"], terms: null, licence: null },
    name: { en: "A", ja: "A", missing: "KO" },
    capabilities: {
      counts: ["DONORS", "DROPS"],
      sameSample: true,
      fields: [
        { ...known, verdict: "NEARLY" },
        { ...known, field: "HEIGHT" },
      ],
    },
  };
  expect(parseCard(newer)).toMatchObject({
    state: "PAUSED",
    access: { eligible: ["JP_ACADEMIA"] },
    name: { missing: null },
    capabilities: { counts: ["DONORS"], fields: [{ field: "PROGRAMME", verdict: "UNSUPPORTED" }] },
  });
});
