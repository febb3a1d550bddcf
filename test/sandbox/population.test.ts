import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { TARGET_DISEASES, targetsOf } from "../../sandbox/banks/bbj-diseases.ts";
import type { BankId, Donor } from "../../sandbox/donor.ts";
import { GENERATOR, POPULATIONS, population, recorded } from "../../sandbox/population.ts";
import { icd10Span, normalizeIcd10 } from "../../schema/codes/icd10.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";

const BANKS = Object.keys(POPULATIONS) as BankId[];

const fingerprint = (bank: BankId, seed?: string): string => {
  const hash = createHash("sha256");
  for (const donor of population(bank, { size: 0.002, ...(seed === undefined ? {} : { seed }) })) {
    hash.update(JSON.stringify([donor, recorded(bank, donor)]));
  }
  return hash.digest("hex").slice(0, 16);
};

/** One walk over a bank at its published size: how many donors hold each value, and what does not depend on one donor. */
const survey = (bank: BankId): Survey => {
  const known = surveys.get(bank);
  if (known !== undefined) return known;
  const held = new Map<string, number>();
  const trios = new Map<string, string[]>();
  const total = { donors: 0, cases: 0, samples: 0, mostSamples: 0, serum: 0, lateSerum: 0 };
  for (const donor of population(bank)) {
    total.donors++;
    total.cases += donor.diagnoses.length;
    total.samples += donor.samples.length;
    total.mostSamples = Math.max(total.mostSamples, donor.samples.length);
    const serum = donor.samples.filter(({ type }) => type === "SERUM");
    total.serum += serum.length;
    total.lateSerum += serum.filter(({ year }) => year >= 2013).length;
    for (const value of [donor.cohort, `only ${donor.programmes.join(", ")}`, ...donor.programmes, ...donor.data]) {
      held.set(value, (held.get(value) ?? 0) + 1);
    }
    if (donor.family !== "TRIO") continue;
    const { id, role } = donor.household!;
    trios.set(id, [...(trios.get(id) ?? []), role]);
  }
  const found = { held, trios, total };
  surveys.set(bank, found);
  return found;
};
type Survey = {
  readonly held: ReadonlyMap<string, number>;
  readonly trios: ReadonlyMap<string, readonly string[]>;
  readonly total: Readonly<Record<"donors" | "cases" | "samples" | "mostSamples" | "serum" | "lateSerum", number>>;
};
const surveys = new Map<BankId, Survey>();

test("the same seed gives the same bytes, and whoever changes them raises GENERATOR", () => {
  const prints = Object.fromEntries(BANKS.map((bank) => [bank, fingerprint(bank)]));
  expect({ GENERATOR, ...prints }).toMatchInlineSnapshot(`
    {
      "GENERATOR": 1,
      "bbj": "21b67fd425bf87ca",
      "cancer": "4a03f2b3d5410af6",
      "ncbn": "80a0e0e9ed664c1a",
      "rare": "28e681bdc2fbd4a6",
      "tmm": "0d1cb2c96cb9faa4",
    }
  `);
  for (const bank of BANKS) {
    expect(fingerprint(bank)).toBe(prints[bank]);
    expect(fingerprint(bank, "another")).not.toBe(prints[bank]);
  }
});

describe("at the published size", { timeout: 30_000 }, () => {
  const published: readonly (readonly [BankId, Readonly<Record<string, number>>])[] = [
    [
      "tmm",
      {
        donors: 150_000,
        WGS: 54_302,
        LONG_READ: 333,
        METABOLOME: 10_719,
        "PROGRAMME:CONTROL_GROUP": 8_000,
        "PROGRAMME:PUBLIC_PRIVATE_100K": 18_000,
      },
    ],
    ["bbj", { donors: 270_000, WGS: 10_000, "PROGRAMME:CONTROL_GROUP": 6_000 }],
    ["ncbn", { donors: 100_000, WGS: 9_290, "PROGRAMME:CONTROL_GROUP": 8_000 }],
    [
      "cancer",
      {
        donors: 13_650,
        WGS: 13_650,
        "PROGRAMME:CANCER_WGS": 13_650,
        "PROGRAMME:CANCER_WGS_HEREDITARY": 3_000,
        "PROGRAMME:CANCER_WGS_INTRACTABLE": 750,
        "PROGRAMME:CANCER_WGS_FY2021": 9_900,
      },
    ],
    [
      "rare",
      {
        donors: 5_500,
        WGS: 5_500,
        "PROGRAMME:RARE_DISEASE_WGS": 5_500,
        "PROGRAMME:RARE_DISEASE_WGS_FY2020": 2_500,
        "PROGRAMME:RARE_DISEASE_WGS_FY2021": 3_000,
      },
    ],
  ];
  test.each(published)("%s has the published donors, genomes and programmes", (bank, { donors, ...numbers }) => {
    const { held, total } = survey(bank);
    expect(total.donors).toBe(donors);
    expect(Object.fromEntries(Object.keys(numbers).map((key) => [key, held.get(key) ?? 0]))).toEqual(numbers);
  });

  test("the parts of a programme add up at any size", () => {
    for (const size of [0.001, 0.0137, 0.33]) {
      const donors = [...population("cancer", { size })];
      expect(donors.every(({ programmes }) => programmes.length === 2)).toBe(true);
    }
  });

  test("8,000 of TMM's 18,000 in the public-private project are controls", () => {
    expect(survey("tmm").held.get("only PROGRAMME:CONTROL_GROUP, PROGRAMME:PUBLIC_PRIVATE_100K")).toBe(8_000);
  });

  test("TMM has two cohorts, more than 10,000 complete trios, and about 6 samples per donor", () => {
    const { held, trios, total } = survey("tmm");
    expect([held.get("POPULATION"), held.get("FAMILY")]).toEqual([80_000, 70_000]);
    expect(trios.size).toBeGreaterThan(10_000);
    const broken = [...trios.values()].filter(
      (roles) => !["MOTHER", "FATHER", "CHILD"].every((role) => roles.includes(role)),
    );
    expect(broken).toEqual([]);
    expect(total.samples / total.donors).toBeGreaterThan(5.7);
    expect(total.samples / total.donors).toBeLessThan(6.3);
  });

  test("BBJ has 1.65 cases and about 4 samples per donor, and no serum from 2013 on", () => {
    const { total } = survey("bbj");
    expect(total.cases / total.donors).toBeCloseTo(1.65, 2);
    expect(total.samples / total.donors).toBeGreaterThan(3.7);
    expect(total.samples / total.donors).toBeLessThan(4.3);
    expect(total.lateSerum).toBe(0);
    expect(total.serum).toBeGreaterThan(500_000);
    expect(total.mostSamples).toBeLessThanOrEqual(40);
  });
});

describe("every donor", { timeout: 30_000 }, () => {
  const some = BANKS.map((bank) => [bank, [...population(bank, { size: bank === "rare" ? 1 : 0.03 })]] as const);

  test.each(some)("of %s is plausible: own id, ages that fit the year of birth, known codes", (_, donors) => {
    expect(new Set(donors.map(({ id }) => id)).size).toBe(donors.length);
    const born = donors.flatMap(({ birthYear, samples }) => samples.map(({ age, year }) => year - birthYear - age));
    expect([...new Set(born)].sort()).toEqual([0, 1]);
    for (const code of new Set(donors.flatMap(({ diagnoses }) => diagnoses))) {
      const [system, plain] = code.split(":") as [string, string];
      if (system === "ICD10") expect(normalizeIcd10(plain)).toBe(plain);
      else expect(["ORPHA", "NANBYO", "ONCOTREE"]).toContain(system);
    }
  });

  test("has diseases of the own sex only", () => {
    const only = (sex: string, codes: RegExp): void => {
      for (const [, donors] of some.filter(([bank]) => bank !== "rare")) {
        const others = donors.filter((donor) => donor.sex !== sex && donor.diagnoses.some((code) => codes.test(code)));
        expect(others.map(({ id }) => id)).toEqual([]);
      }
    };
    only("FEMALE", /^ICD10:(C50|C53|C54|C55|C56|D25|N80)/);
    only("MALE", /^ICD10:(C61|N40)/);
  });

  test("of TMM keeps rare cells at every size", () => {
    const donors = [...population("tmm", { size: 0.01 })];
    expect(donors.filter(({ diagnoses }) => diagnoses.includes("ICD10:G10"))).toHaveLength(3);
  });

  test("of the rare-disease bank's trios comes with mother and father, who are well", () => {
    const donors = some.find(([bank]) => bank === "rare")![1].filter(({ family }) => family === "TRIO");
    const roles = new Map<string, Donor[]>();
    for (const donor of donors) roles.set(donor.household!.id, [...(roles.get(donor.household!.id) ?? []), donor]);
    expect(roles.size).toBeGreaterThan(500);
    for (const family of roles.values()) {
      expect(family.map(({ household }) => household!.role)).toEqual(["CHILD", "MOTHER", "FATHER"]);
      expect(family.slice(1).flatMap(({ diagnoses }) => diagnoses)).toEqual([]);
    }
  });
});

describe("what a bank records", () => {
  test("is the truth with values removed, about one sex in 200", () => {
    const keys = ["type", "origin", "storage", "age", "year"] as const;
    for (const bank of ["tmm", "ncbn", "cancer", "rare"] as const) {
      const donors = [...population(bank, { size: bank === "rare" ? 1 : 0.05 })];
      const seen = donors.map((donor) => recorded(bank, donor));
      const changed = donors.filter((truth, at) => {
        const { sex, samples, diagnoses } = seen[at]!;
        const kept = (sample: (typeof samples)[number], which: number): boolean =>
          keys.every((key) => sample[key] === null || sample[key] === truth.samples[which]![key]);
        return (
          (sex !== null && sex !== truth.sex) || diagnoses.join() !== truth.diagnoses.join() || !samples.every(kept)
        );
      });
      expect(changed.map(({ id }) => id)).toEqual([]);
      const missing = seen.filter(({ sex }) => sex === null).length / donors.length;
      expect(missing).toBeGreaterThan(0.001);
      expect(missing).toBeLessThan(0.012);
    }
  });

  test("keeps what the mappings warrant: every year at BBJ, every type, year and age at TMM", () => {
    const samplesOf = (bank: BankId) =>
      Array.from(population(bank, { size: 0.01 }), (donor) => recorded(bank, donor).samples).flat();
    expect(samplesOf("bbj").filter(({ type, year }) => type === null || year === null)).toEqual([]);
    expect(samplesOf("tmm").filter(({ type, year, age }) => [type, year, age].includes(null))).toEqual([]);
  });

  test("at BBJ is a target disease in whose ICD-10 codes, by bank.yaml, the true code lies", () => {
    const file = new URL("../../subgraphs/banks/bbj/bank.yaml", import.meta.url);
    const codes = parseMapping(readFileSync(file, "utf8"), fileURLToPath(file), {}).fields.DISEASE!.codes;
    const spans = new Map(codes.map(({ code, means }) => [code, means.spans]));
    expect([...spans.keys()].sort()).toEqual(TARGET_DISEASES.map(({ target }) => target).sort());
    for (const code of new Set(TARGET_DISEASES.flatMap((disease) => disease.codes.map(([truth]) => truth)))) {
      const [[atom]] = icd10Span(code, false) as [[number, number]];
      const holding = [...spans].filter(([, of]) => of.some(([start, end]) => start <= atom && atom < end));
      expect(holding.map(([target]) => target)).toEqual([...targetsOf(`ICD10:${code}`)]);
    }
  });
});
