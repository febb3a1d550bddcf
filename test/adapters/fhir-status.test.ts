import { describe, expect, test } from "vitest";
import type { LocalQuestion } from "../../adapters/local.ts";
import type { FhirDonor } from "../../sandbox/rare/donors.ts";
import { type FhirServerOptions, fhirServer } from "../../sandbox/rare/server.ts";
import { OPTIONS, openFhir } from "./fhir-bank.ts";
import { CODES } from "./fixture.ts";
import { started } from "./kit-bank.ts";
import { code, EVERY, has, is, question, sample } from "./questions.ts";

const NEVER = new AbortController().signal;
const SYSTEM = "https://codes.example";
const { E11, C34, FEMALE, DNA } = CODES;

type Given = Partial<Pick<FhirDonor, "active" | "replacedBy">> & {
  /** Codes with their verification status. */
  readonly ill?: readonly (readonly [code: string, status: string | null])[];
  /** Statuses of samples of DNA. */
  readonly dna?: readonly (string | null)[];
};

const donorsOf = (given: readonly Given[]): readonly FhirDonor[] =>
  given.map(({ ill = [[E11, "confirmed"]], dna = ["available"], ...more }, at) => ({
    ...more,
    id: `P${at + 1}`,
    tokens: { gender: [{ system: null, code: FEMALE }] },
    diagnoses: ill.map(([one]) => [{ system: SYSTEM, code: one }]),
    verification: ill.map(([, status]) => status),
    samples: dna.map((status) => ({
      status,
      tokens: { type: [{ system: SYSTEM, code: DNA }] },
      age: 40,
      collected: "2015-05-05",
    })),
  }));

/** Both counts of a question, each asked by itself. */
const counted = async (
  given: readonly Given[],
  asked: LocalQuestion,
  more: object = {},
  how: FhirServerOptions = {},
) => {
  const { url } = await started(fhirServer(donorsOf(given), how));
  const adapter = await openFhir(url, more);
  const release = await adapter.release(NEVER);
  const one = async (only: "DONORS" | "SAMPLES") => {
    const [found] = await adapter.count([{ ...asked, only }], release, NEVER);
    if (found === undefined || !("donors" in found)) throw new Error(String(found));
    const { min, max } = only === "DONORS" ? found.donors : found.samples;
    return [min, max];
  };
  return { donors: await one("DONORS"), samples: await one("SAMPLES") };
};

const ILL = question([has("DISEASE", code(E11))]);
const ALL: LocalQuestion = question([]);
const both = (min: number, max: number) => ({ donors: [min, max], samples: [min, max] });
const KNOWN: Given = {};

describe("a diagnosis counts by its verification status", () => {
  test.each([
    ["confirmed", 2, 2],
    [null, 2, 2],
    ["refuted", 1, 1],
    ["entered-in-error", 1, 1],
    ["provisional", 1, 2],
    ["differential", 1, 2],
    ["unconfirmed", 1, 2],
  ] as const)("%s", async (status, min, max) => {
    expect(await counted([KNOWN, { ill: [[E11, status]] }], ILL)).toEqual(both(min, max));
    expect(await counted([KNOWN, { ill: [[E11, status]] }], ALL)).toEqual(both(2, 2));
  });

  test("another one of the same patient counts all the same", async () => {
    expect(
      await counted(
        [
          {
            ill: [
              [E11, "refuted"],
              [E11, "confirmed"],
            ],
          },
          {
            ill: [
              [E11, "provisional"],
              [C34, "confirmed"],
            ],
          },
        ],
        ILL,
      ),
    ).toEqual(both(1, 2));
  });

  test("by the bank's own rule", async () => {
    const diseases = { ...OPTIONS.diseases, verification: { counts: ["confirmed", "provisional"], drops: [""] } };
    const given = [KNOWN, { ill: [[E11, "provisional"]] }, { ill: [[E11, null]] }] as const;
    expect(await counted(given, ILL, { diseases })).toEqual(both(2, 2));
  });

  test.each(["zero", "ignore", "refuse"] as const)("where `:missing` is answered by %s, all are read", async (lack) => {
    const given = [KNOWN, { ill: [[E11, "refuted"]] }, { ill: [[E11, "provisional"]] }] as const;
    const how = { weak: { modifiers: lack }, handling: "lenient", self: "asked" } as const;
    expect(await counted(given, ILL, {}, how)).toEqual(both(1, 2));
  });
});

describe("a patient counts by being active and not merged", () => {
  test.each([
    ["inactive", { active: false }, {}, 1, 2],
    ["merged", { replacedBy: "P1" }, {}, 1, 1],
    ["merged and inactive", { active: false, replacedBy: "P1" }, {}, 1, 1],
    ["inactive, which counts here", { active: false }, { patients: { inactive: "counts" } }, 2, 2],
    ["merged, which is in doubt here", { replacedBy: "P1" }, { patients: { merged: "doubt" } }, 1, 2],
  ] as const)("%s", async (_, given, more, min, max) => {
    for (const asked of [ALL, ILL]) expect(await counted([KNOWN, given], asked, more)).toEqual(both(min, max));
  });
});

describe("a sample counts by its status", () => {
  test.each([
    ["available", 2, 2],
    [null, 2, 2],
    ["unavailable", 1, 1],
    ["entered-in-error", 1, 1],
    ["unsatisfactory", 1, 2],
  ] as const)("%s", async (status, min, max) => {
    const given = [KNOWN, { dna: [status] }];
    expect(await counted(given, ALL)).toEqual({ donors: [2, 2], samples: [min, max] });
    expect((await counted(given, question([], is("SAMPLE_TYPE", code(DNA))))).samples).toEqual([min, max]);
  });

  test("a donor has one that counts, or perhaps", async () => {
    const given = [KNOWN, { dna: ["unavailable"] }, { dna: ["unavailable", "available"] }];
    const asked = { ...question([sample(is("SAMPLE_TYPE", code(DNA)))]), samples: EVERY };
    const { url } = await started(fhirServer(donorsOf(given)));
    const adapter = await openFhir(url);
    const [found] = await adapter.count([{ ...asked, only: "DONORS" }], await adapter.release(NEVER), NEVER);
    expect(found).toMatchObject({ donors: { min: 1, max: 3 } });
  });
});
