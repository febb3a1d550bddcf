import { expect, onTestFinished, test } from "vitest";
import { askField } from "./ask.ts";
import { fieldQuestions, QUESTION_SEED } from "./questions.ts";
import { omop } from "./servers/omop.ts";
import { FIELD_DONORS } from "./truth/donors.ts";

/** The first of the questions that `npm run field -- omop` asks: SQL is not recorded, but a PostgreSQL starts at once. */
test("an OMOP CDM as others have it is never misunderstood", { timeout: 60_000 }, async () => {
  const donors = FIELD_DONORS();
  const server = await omop.start(donors);
  onTestFinished(server.stop);
  const questions = fieldQuestions(QUESTION_SEED, 60);
  const { misses, numbers, exact } = await askField(omop.bankYaml(server.urls), donors, questions);
  expect(misses).toEqual([]);
  expect(numbers).toBeGreaterThan(300);
  expect(exact).toBeGreaterThan(50);
});
