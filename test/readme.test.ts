import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { expect, test } from "vitest";
import { SETTINGS } from "../gateway/config.ts";
import { LIMITS } from "../gateway/limits.ts";
import { BANK_ERRORS } from "../schema/bank-error.ts";
import { PUBLIC_SDL } from "../schema/sdl.ts";
import { MAX_CELLS } from "../subgraphs/answer/cells.ts";
import { parseMapping } from "../subgraphs/mapping/mapping.ts";
import { MAX_TERMS } from "../subgraphs/plan/conjunction.ts";

const readme = readFileSync("README.md", "utf8");

/** The rows of the table under a heading, without its head. */
const table = (heading: string): readonly (readonly string[])[] => {
  const section = readme.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
};

test("the README's table of errors is the code's", () => {
  const rows = Object.entries(BANK_ERRORS).map(([code, { status, retry, meaning, remedy }]) => [
    code,
    status,
    retry ? "yes" : "no",
    meaning.en,
    remedy.en,
  ]);
  expect(table("When a bank cannot answer")).toEqual(rows);
});

test("the README's table of settings is the code's", () => {
  expect(table("Settings")).toEqual(
    SETTINGS.map(({ name, default: otherwise, meaning }) => [name, otherwise, meaning]),
  );
});

test("the README's limits are the code's", () => {
  const text = readme.replace(/\s+/g, " ");
  expect(text).toContain(
    `One question: ${LIMITS.criteria} criteria, ${LIMITS.depth} levels, ${LIMITS.codes} codes, ${LIMITS.facets} facets.`,
  );
  expect(text).toContain(`at most ${MAX_TERMS} counts for one number and ${MAX_CELLS} cells of one facet`);
});

// The query once stood on several lines inside its JSON string, where a line break is no JSON: whoever copied it got a 400.
test("the README's question can be copied and asked", () => {
  const [body = ""] = /(?<=-d ')[^']*(?=')/.exec(readme) ?? [];
  const { query } = JSON.parse(body) as { query: string };
  expect(validate(buildSchema(PUBLIC_SDL), parse(query))).toEqual([]);
});

test("the README's bank.yaml is one", () => {
  const [yaml = ""] = /(?<=```yaml\n)[\s\S]*?(?=```)/.exec(readme) ?? [];
  expect(parseMapping(yaml, "README.md", {}).id).toBe("small");
});
