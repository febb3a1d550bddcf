import { describe, expect, test } from "vitest";
import type { FhirDonor } from "../../sandbox/rare/donors.ts";
import { fhirServer } from "../../sandbox/rare/server.ts";
import { openFhir } from "./fhir-bank.ts";
import { started } from "./kit-bank.ts";
import { is, question, range } from "./questions.ts";

const NEVER = new AbortController().signal;

/** Donors with one sample each, collected when it is told. */
const collectedAt = (dates: readonly (string | null)[]): readonly FhirDonor[] =>
  dates.map((collected, at) => ({
    id: `P${at + 1}`,
    tokens: { gender: [{ system: null, code: "NCIT:C16576" }] },
    diagnoses: [],
    samples: [{ tokens: {}, age: null, collected }],
  }));

/** How many samples are surely of the years, and how many may be. */
const samplesOf = async (dates: readonly (string | null)[], from: number | null, to: number | null) => {
  const { url } = await started(fhirServer(collectedAt(dates)));
  const adapter = await openFhir(url, { diseases: undefined, samples: { year: "collected" } });
  const year = adapter.capabilities.fields.COLLECTED_YEAR!;
  const half = year.halves ? 0.5 : 0;
  const asked = [range(from, to), range(from === null ? null : from - half, to === null ? null : to + half)].map(
    (one) => ({ ...question([], is("COLLECTED_YEAR", one)), only: "SAMPLES" as const }),
  );
  const [inner, outer] = await adapter.count(asked, await adapter.release(NEVER), NEVER);
  if (inner === undefined || outer === undefined || !("samples" in inner) || !("samples" in outer)) {
    throw new Error(`no counts: ${String(inner)}`);
  }
  return { sure: inner.samples.min, perhaps: outer.samples.max, halves: year.halves === true };
};

describe("a year is asked for by its days", () => {
  test.each(["2005", "2005-06", "2005-06-17", "2005-01-01", "2005-12-31", "2005-06-17T10:00:00+09:00"])(
    "%s is of 2005 for sure",
    async (date) => {
      expect(await samplesOf([date], 2005, 2005)).toEqual({ sure: 1, perhaps: 1, halves: false });
      expect(await samplesOf([date], 2006, null)).toMatchObject({ sure: 0, perhaps: 0 });
      expect(await samplesOf([date], null, 2004)).toMatchObject({ sure: 0, perhaps: 0 });
    },
  );

  test.each([
    ["a period over New Year", "2004-12-30/2005-01-02"],
    ["the new year in Japan", "2005-01-01T00:30:00+09:00"],
    ["the old year in Honolulu", "2004-12-31T23:30:00-10:00"],
  ])("%s is of either year perhaps", async (_, date) => {
    const both = { sure: 0, perhaps: 1, halves: true };
    expect(await samplesOf([date], 2004, 2004)).toEqual(both);
    expect(await samplesOf([date], 2005, 2005)).toEqual(both);
    expect(await samplesOf([date], 2005, null)).toEqual(both);
    expect(await samplesOf([date], 2004, 2005)).toMatchObject({ sure: 1, perhaps: 1 });
    expect(await samplesOf([date], null, 2003)).toMatchObject({ sure: 0, perhaps: 0 });
    expect(await samplesOf([date], 2006, 2007)).toMatchObject({ sure: 0, perhaps: 0 });
  });

  test("what is in doubt widens no other date", async () => {
    const dates = ["2005", "2005-01-01", "2004-12-31", "2005-06-17T10:00:00Z", "2004-11-01/2005-02-01", null];
    expect(await samplesOf(dates, 2005, 2005)).toEqual({ sure: 3, perhaps: 4, halves: true });
    expect(await samplesOf(dates, null, 2004)).toEqual({ sure: 1, perhaps: 2, halves: true });
  });

  test("a period of several years is of none of them for sure", async () => {
    const found = await samplesOf(["2003-05-01/2007-05-01", "2005-05-01"], 2005, 2005);
    expect(found.sure).toBeLessThanOrEqual(1);
    expect(found.perhaps).toBe(2);
    expect(await samplesOf(["2003-05-01/2007-05-01"], 2003, 2007)).toMatchObject({ sure: 1, perhaps: 1 });
  });
});
