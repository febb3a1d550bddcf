import { expect, test } from "vitest";
import { findDiseases } from "../../schema/words/find-diseases.ts";
import { queriesOf, scoresOf } from "./score.ts";

/** Least shares of queries whose right code is first, and among three. They may rise and never fall. */
const REACHED: { readonly [file: string]: readonly [first: number, three: number] } = {
  everyday: [0.99, 1],
  people: [0.99, 0.99],
  mixed: [0.98, 0.985],
  rough: [0.96, 0.97],
  various: [0.98, 0.995],
  spoken: [0.97, 0.98],
  clinical: [0.99, 0.99],
};

test.each(Object.entries(REACHED))("the right code of %s is found as often as ever", (file, [first, three]) => {
  const find = (query: string): readonly string[] => findDiseases(query, 10).hits.map(({ code }) => code);
  const { rows, missed } = scoresOf(queriesOf(file), find);
  const missing = missed.map(({ query }) => query).join(", ");
  expect(rows[0]!.first, missing).toBeGreaterThanOrEqual(first);
  expect(rows[0]!.three, missing).toBeGreaterThanOrEqual(three);
});
