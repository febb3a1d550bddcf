import { readdirSync, readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../gateway/limits.ts";
import { SETTINGS } from "../gateway/settings/settings-table.ts";
import { SETTINGS as SANDBOX_SETTINGS } from "../sandbox/settings.ts";
import { BANK_ERRORS } from "../schema/bank-error.ts";
import { FAULTS } from "../schema/faults.ts";
import { PUBLIC_SDL } from "../schema/sdl.ts";
import { MAX_CELLS, MAX_COUNTS } from "../subgraphs/answer/cells.ts";
import { FINDINGS } from "../subgraphs/check/finding-texts.ts";
import { parseMapping } from "../subgraphs/mapping/mapping.ts";
import { MAX_TERMS } from "../subgraphs/plan/conjunction.ts";
import { OPTION_PAGES, withOptions } from "./option-tables.ts";

const page = (file: string): string => readFileSync(file, "utf8");
const README = page("README.md");

/** The rows of the first table under a heading, without its head. */
const table = (file: string, heading: string): readonly (readonly string[])[] => {
  const section = page(file).split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
};

test("the table of errors is the code's", () => {
  const rows = Object.entries(BANK_ERRORS).map(([code, { status, retry, meaning, remedy }]) => [
    code,
    status,
    retry ? "yes" : "no",
    meaning.en,
    remedy.en,
  ]);
  expect(table("docs/errors.md", "A bank cannot answer")).toEqual(rows);
});

test("the table of findings is the code's", () => {
  const rows = Object.entries(FINDINGS).map(([id, { level, says }]) => [id, level, says.en]);
  expect(table("docs/adding-a-bank.md", "2. Check it until no error is left")).toEqual(rows);
});

test("the table of refusals is the code's", () => {
  const rows = Object.entries(FAULTS).map(([code, { status, retry, says, remedy }]) => [
    code,
    String(status),
    retry ? "yes" : "no",
    says.en,
    remedy.en,
  ]);
  expect(table("docs/errors.md", "A request is refused")).toEqual(rows);
});

test.each([
  ["Gateway and subgraphs", SETTINGS],
  ["Sandbox", SANDBOX_SETTINGS],
])("the table of settings is the code's: %s", (heading, settings) => {
  expect(table("docs/settings.md", heading)).toEqual(
    settings.map(({ name, default: otherwise, meaning }) => [name, otherwise, meaning]),
  );
});

test("the limits are the code's", () => {
  const rows = table("docs/limits.md", "Limits").map(([name, value]) => [name, Number(value)]);
  expect(Object.fromEntries(rows)).toEqual(LIMITS);
  const served = buildSchema(PUBLIC_SDL).getType("Limits");
  const names = served !== undefined && "getFields" in served ? Object.keys(served.getFields()) : [];
  expect(names.length).toBeGreaterThan(10);
  expect(Object.keys(LIMITS)).toEqual(expect.arrayContaining(names));
  const text = page("docs/asking.md").replace(/\s+/g, " ");
  expect(text).toContain(
    `at most ${MAX_TERMS} counts are asked for one number and at most ${MAX_CELLS} cells of one facet`,
  );
  expect(text).toContain(`cells of all facets at most ${MAX_COUNTS.toLocaleString("en")} counts`);
});

test("the states of a bank are the contract's", () => {
  const states = buildSchema(PUBLIC_SDL).getType("BankState");
  const names = states !== undefined && "getValues" in states ? states.getValues().map(({ name }) => name) : [];
  const rows = table("docs/releases.md", "Pausing and leaving").map(([state]) => state);
  expect(rows.toSorted()).toEqual(names.toSorted());
});

// The query once stood on several lines inside its JSON string, where a line break is no JSON: a copy of it got a 400.
test("the README's question can be copied and asked", () => {
  const [body = ""] = /(?<=-d ')[^']*(?=')/.exec(README) ?? [];
  const { query } = JSON.parse(body) as { query: string };
  expect(validate(buildSchema(PUBLIC_SDL), parse(query))).toEqual([]);
});

test("the bank.yaml of the docs is one", () => {
  const [yaml = ""] = /(?<=```yaml\n)[\s\S]*?(?=```)/.exec(page("docs/banks.md")) ?? [];
  expect(parseMapping(yaml, "docs/banks.md", {}).id).toBe("small");
});

describe.each(OPTION_PAGES)("$page", ({ page: file, rows }) => {
  test("lists the options of the schema, as npm run docs writes them", () => {
    expect(withOptions(page(file), rows())).toBe(page(file));
  });

  test("says what each option means, with an example", () => {
    const bare = rows().filter(
      ({ type, example, meaning }) => meaning === "" || (example === "" && !/settings$|^as /.test(type)),
    );
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  test("is linked from the page about bank.yaml", () => {
    expect(page("docs/banks.md")).toContain(`](${file.replace("docs/", "")})`);
  });
});

test("the README names every page of the docs and every room", () => {
  for (const file of readdirSync("docs").filter((name) => name.endsWith(".md")))
    expect(README).toContain(`docs/${file}`);
  for (const kind of readdirSync("subgraphs", { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    expect(README).toContain(kind.name);
  }
  expect(README.split("\n").length).toBeLessThanOrEqual(125);
});
