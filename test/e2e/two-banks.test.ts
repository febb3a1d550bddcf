import { afterAll, beforeAll, expect, test } from "vitest";
import { truthOf } from "../oracle.ts";
import { type BankShown, type House, openHouse, SEARCH, type SearchShown, worldOf } from "./house.ts";

const SIZE = 0.01;
const worlds = { bbj: worldOf("bbj", SIZE), tmm: worldOf("tmm", SIZE) };
let house: House;
beforeAll(async () => {
  house = await openHouse(SIZE);
});
afterAll(() => house[Symbol.asyncDispose]());

const search = async (where: object): Promise<SearchShown> =>
  (await house.ask<{ search: SearchShown }>(SEARCH, { where })).search;
const banks = async (where: object): Promise<{ readonly bbj: BankShown; readonly tmm: BankShown }> => {
  const [bbj, tmm] = (await search(where)).banks;
  if (bbj?.bank.id !== "bbj" || tmm?.bank.id !== "tmm") throw new Error("wanted one entry per bank, sorted by id");
  return { bbj, tmm };
};
const disease = (...codes: readonly string[]) => ({ disease: { codes } });

test("type 2 diabetes: BBJ knows diabetes only, TMM knows it exactly", async () => {
  const { bbj, tmm } = await banks(disease("ICD10:E11"));
  const all = truthOf(worlds.bbj, disease("ICD10:E10-E14"));
  expect(bbj.donors).toMatchObject({ min: 0, max: all.donors, because: ["CODE_BROADER"] });
  expect(bbj.understanding[0]?.verdict).toBe("BROADER");
  expect(bbj.understanding[0]?.says.en).toContain("ICD10:E10-E14");
  const truth = truthOf(worlds.tmm, disease("ICD10:E11"));
  expect(truth.donors).toBeGreaterThan(10);
  expect(tmm.donors).toMatchObject({ min: truth.donors, max: truth.donors, exact: true, because: [] });
  expect(tmm.samples).toMatchObject({ min: truth.samples, max: truth.samples });
  expect(tmm.understanding[0]?.verdict).toBe("EXACT");
});

test("the range that BBJ records is exact, and so is its opposite", async () => {
  for (const where of [disease("ICD10:E10-E14"), { not: disease("ICD10:E10-E14") }]) {
    const { bbj, tmm } = await banks(where);
    const truth = { bbj: truthOf(worlds.bbj, where), tmm: truthOf(worlds.tmm, where) };
    expect(bbj.donors).toMatchObject({ min: truth.bbj.donors, max: truth.bbj.donors });
    expect(bbj.understanding[0]?.verdict).toBe("EXACT");
    expect(tmm.donors).toMatchObject({ min: truth.tmm.donors, max: truth.tmm.donors });
  }
});

test("not type 2 diabetes: at BBJ from those without any diabetes to everybody", async () => {
  const { bbj } = await banks({ not: disease("ICD10:E11") });
  const without = truthOf(worlds.bbj, { not: disease("ICD10:E10-E14") });
  expect(bbj.donors).toMatchObject({ min: without.donors, max: worlds.bbj.length });
});

test("a disease that BBJ cannot hold is exactly 0 there, and it says why", async () => {
  const { bbj } = await banks(disease("ICD10:Q87"));
  expect(bbj.donors).toMatchObject({ min: 0, max: 0, exact: true });
  expect(bbj.understanding[0]?.verdict).toBe("NOT_COLLECTED");
  expect(bbj.understanding[0]?.says.en).toContain("51 diseases");
});

test("a donor without sex recorded widens women and men alike", async () => {
  const [women, men] = [await banks({ sex: ["FEMALE"] }), await banks({ sex: ["MALE"] })];
  for (const bank of ["bbj", "tmm"] as const) {
    const missing = worlds[bank].filter(({ unrecorded }) => unrecorded.donor.has("SEX")).length;
    expect(missing).toBeGreaterThan(0);
    expect((women[bank].donors.max ?? 0) - women[bank].donors.min).toBe(missing);
    expect((men[bank].donors.max ?? 0) - men[bank].donors.min).toBe(missing);
    expect(women[bank].donors.because).toEqual(["NOT_RECORDED"]);
  }
});

test("serum and DNA are two samples of one donor", async () => {
  const where = { all: [{ sample: { type: ["SERUM"] } }, { sample: { type: ["DNA"] } }] };
  const { bbj, tmm } = await banks(where);
  for (const [bank, shown] of [
    ["bbj", bbj],
    ["tmm", tmm],
  ] as const) {
    const truth = truthOf(worlds[bank], where);
    expect(truth.donors).toBeGreaterThan(100);
    expect(shown.donors).toMatchObject({ min: truth.donors, max: truth.donors });
  }
});

test("serum from 2013 on is exactly 0 at BBJ, whose second cohort gave none", async () => {
  const { bbj } = await banks({ sample: { type: ["SERUM"], collectedYear: { from: 2013 } } });
  expect(bbj.donors).toMatchObject({ min: 0, max: 0, exact: true, because: [] });
  expect(bbj.samples).toMatchObject({ min: 0, max: 0, exact: true });
});

test("a bank whose server stops while the question runs is silent, and says so", async () => {
  // The beacon reads its faults for every request: it takes this one, never answers, and stops while it is waited for.
  const taken = new Promise<void>((resolve) => {
    const silent = () => {
      resolve();
      return true;
    };
    Object.defineProperty(house.tmm.faults, "silent", { get: silent });
  });
  // Never asked before: no cache holds it.
  const where = { sex: ["FEMALE"], sample: { type: ["DNA", "URINE"] } };
  const running = search(where);
  await taken;
  await house.tmm.close();
  const { banks: shown, complete, donors } = await running;
  expect(complete).toBe(false);
  const [bbj, tmm] = shown;
  expect(tmm).toMatchObject({
    status: "UNREACHABLE",
    donors: { min: 0, max: 160_000, because: ["BANK_SILENT"] },
    problem: { code: "BANK_UNREACHABLE" },
  });
  const truth = truthOf(worlds.bbj, where);
  expect(bbj?.status).toBe("ANSWERED");
  expect(bbj?.donors.min).toBeLessThanOrEqual(truth.donors);
  expect(bbj?.donors.max).toBeGreaterThanOrEqual(truth.donors);
  expect(donors).toMatchObject({ min: bbj?.donors.min, max: 160_000 + (bbj?.donors.max ?? 0) });
});

test("what such a bank said before turns STALE, with its numbers and since when, and new questions find it silent", async () => {
  const where = { sex: ["FEMALE"] };
  const asked = async () => (await search(where)).banks[1];
  await expect.poll(async () => (await asked())?.status, { timeout: 20_000, interval: 500 }).toBe("STALE");
  const stale = await asked();
  const truth = truthOf(worlds.tmm, where);
  expect(stale?.donors.min).toBeLessThanOrEqual(truth.donors);
  expect(stale?.donors.max).toBeGreaterThanOrEqual(truth.donors);
  expect(stale).toMatchObject({ problem: { code: "BANK_UNREACHABLE" } });
  expect((await search({ sex: ["MALE"], data: ["WGS"] })).banks[1]).toMatchObject({ status: "UNREACHABLE" });
});
