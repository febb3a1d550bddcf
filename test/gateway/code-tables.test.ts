import { setImmediate } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { readCodeTables } from "../../gateway/code-tables.ts";
import { findDiseases } from "../../schema/words/find-diseases.ts";

test("the tables of codes are read in several turns, and nothing of them again", async () => {
  let turns = 0;
  let over = false;
  const reading = readCodeTables().finally(() => {
    over = true;
  });
  while (!over) {
    await setImmediate();
    turns += 1;
  }
  await reading;
  expect(turns).toBeGreaterThan(5);
  const split = vi.spyOn(String.prototype, "split");
  findDiseases("heart attack", 1);
  // The 30,000 tokens of the index are split once, and not by the first search.
  expect(split.mock.results.filter(({ value }) => (value as string[]).length > 1000)).toEqual([]);
  split.mockRestore();
});
