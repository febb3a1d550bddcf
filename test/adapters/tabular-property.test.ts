import { test } from "vitest";
import { newFolder } from "../folder.ts";
import { agreesOnBatches, agreesOnPairsOfFacets, agreesOnQuestions, POPULATION } from "./agreement.ts";
import { openTabular, writeBank } from "./tabular-bank.ts";

const openPopulation = async () => {
  const folder = await newFolder();
  await writeBank(folder, POPULATION);
  return openTabular(folder);
};

test("any question has the counts that the plain evaluator finds", { timeout: 30_000 }, async () => {
  await agreesOnQuestions(await openPopulation(), 200);
});

test("questions of one batch have the counts that each has alone", { timeout: 60_000 }, async () => {
  await agreesOnBatches(await openPopulation(), 100);
});

test("every pair of facets has the cells that the plain evaluator finds", { timeout: 30_000 }, async () => {
  await agreesOnPairsOfFacets(await openPopulation());
});
