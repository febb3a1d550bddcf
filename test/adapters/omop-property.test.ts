import { afterAll, beforeAll, test } from "vitest";
import { type Postgres, startPostgres } from "../postgres.ts";
import { agreesOnBatches, agreesOnPairsOfFacets, agreesOnQuestions, POPULATION } from "./agreement.ts";
import { connect, OPTIONS, openOmop, writeCdm } from "./omop-bank.ts";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres[Symbol.asyncDispose]());

const openPopulation = async () => {
  const url = await postgres.newDatabase();
  await writeCdm(await connect(url), POPULATION);
  return openOmop(url);
};

/** The same donors, all born in 2010: the age of a sample is the difference of the years. */
const BORN = POPULATION.map(({ samples, ...donor }) => ({
  ...donor,
  samples: samples.map((sample) => ({ ...sample, age: sample.year === null ? null : ageOfYears(sample.year - 2010) })),
}));
/** Nobody is below 0, and whoever is not in the year of birth may be a year younger. */
function ageOfYears(years: number): number | null {
  return years < 0 ? null : Math.max(0, years - 0.5);
}

const openBorn = async () => {
  const url = await postgres.newDatabase();
  const client = await connect(url);
  await writeCdm(client, BORN);
  await client.query("UPDATE cdm.person SET year_of_birth = 2010");
  return openOmop(url, { ...OPTIONS, age: { by: "year_of_birth" } });
};

test("any question has the counts that the plain evaluator finds", { timeout: 30_000 }, async () => {
  await agreesOnQuestions(await openPopulation(), 300);
});

test("questions of one batch have the counts that each has alone, also by ages that are reckoned from birth", {
  timeout: 60_000,
}, async () => {
  await agreesOnBatches(await openBorn(), 200, BORN);
});

test("every pair of facets has the cells that the plain evaluator finds", { timeout: 30_000 }, async () => {
  await agreesOnPairsOfFacets(await openPopulation());
});
