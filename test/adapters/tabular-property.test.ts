import { test } from "vitest";
import { newFolder } from "../folder.ts";
import { agreesOnBatches, agreesOnPairsOfFacets, agreesOnQuestions, POPULATION } from "./agreement.ts";
import { anyDoubtfulQuestion, withDoubt } from "./doubtful.ts";
import { IN_DOUBT, OPTIONS, openTabular, writeBank } from "./tabular-bank.ts";

const openPopulation = async () => {
  const folder = await newFolder();
  await writeBank(folder, POPULATION);
  return openTabular(folder);
};

test("any question has the counts that the plain evaluator finds", { timeout: 30_000 }, async () => {
  await agreesOnQuestions(await openPopulation(), 200);
});

test("so it has of donors, samples and records in doubt", { timeout: 30_000 }, async () => {
  const folder = await newFolder();
  const donors = withDoubt(POPULATION);
  await writeBank(folder, donors);
  const sections = Object.entries(OPTIONS).map(([name, section]) =>
    typeof section === "string" ? [name, section] : [name, { ...section, only: IN_DOUBT.only }],
  );
  const adapter = await openTabular(folder, Object.fromEntries(sections));
  await agreesOnQuestions(adapter, 200, { donors, questions: anyDoubtfulQuestion });
});

test("questions of one batch have the counts that each has alone", { timeout: 60_000 }, async () => {
  await agreesOnBatches(await openPopulation(), 100);
});

test("every pair of facets has the cells that the plain evaluator finds", { timeout: 30_000 }, async () => {
  await agreesOnPairsOfFacets(await openPopulation());
});
