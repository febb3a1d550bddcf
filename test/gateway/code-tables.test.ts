import { setImmediate } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { readCodeTables } from "../../gateway/code-tables.ts";
import { conceptIndex } from "../../schema/codes/concept-index.ts";

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
  const normalize = vi.spyOn(String.prototype, "normalize");
  conceptIndex();
  expect(normalize).not.toHaveBeenCalled();
});
