import { describe, expect, test } from "vitest";
import type { Document, Documents } from "../../sandbox/cancer/documents.ts";
import { type CatalogueOptions, catalogueServer } from "../../sandbox/cancer/server.ts";
import { started } from "./kit-bank.ts";
import { code, has, question } from "./questions.ts";
import { openSqon } from "./sqon-bank.ts";

/** A catalogue whose every total of hits is 0, since it shows aggregations only. */
const NEVER = new AbortController().signal;
const field = (...codes: readonly string[]) => ({ codes, absent: [], complete: false });
const MAPPING = { SEX: field("F", "M"), COHORT: field("P", "R"), DISEASE: field("E11", "C34", "Q87") };

const opened = async (documents: readonly Document[], hidden: CatalogueOptions["hidden"]) => {
  const fields: Documents["fields"] = { cohort: "keyword", sex: "keyword", disease: "keyword" };
  const index: Documents = { name: "donor", fields, documents };
  const { url } = await started(catalogueServer([index], hidden === undefined ? {} : { hidden }));
  const donors = { index: "donor", fields: { cohort: "cohort", sex: "sex", disease: "disease" } };
  return openSqon(url, { donors, samples: undefined }, MAPPING);
};
const ASKED = [
  question([]),
  question([has("SEX", code("F"))]),
  question([has("SEX", code("F")), has("DISEASE", code("E11"))]),
  question([has("SEX", { codes: ["F"], negate: false, missing: true })]),
  question([has("DISEASE", code("Q87"))]),
].map((one) => ({ ...one, only: "DONORS" as const }));
const DONORS: readonly Document[] = Array.from({ length: 400 }, (_, at) => ({
  // A donor in two cohorts is counted in both buckets, so that these do not add up.
  cohort: at === 0 ? ["P", "R"] : at % 2 === 0 ? "P" : "R",
  sex: ["F", "M", null][at % 3],
  disease: at % 4 === 0 ? ["E11", "C34"] : at < 10 ? ["Q87"] : [],
}));

describe("a catalogue that shows aggregations only", () => {
  test("is counted by the buckets of a field of one value", async () => {
    const counted = async (hidden: CatalogueOptions["hidden"]) => {
      const adapter = await opened(DONORS, hidden);
      const got = await adapter.count(ASKED, await adapter.release(NEVER), NEVER);
      return { got, fields: adapter.capabilities.fields };
    };
    const seen = await counted({ below: 0 });
    expect(seen).toEqual(await counted(undefined));
    expect(seen.got[0]).toMatchObject({ donors: { min: 400, max: 400 } });
  });

  test("that masks small numbers gives lower bounds", async () => {
    const adapter = await opened(DONORS, { below: 5 });
    const [all, women, , , rare] = await adapter.count(ASKED, await adapter.release(NEVER), NEVER);
    expect(all).toMatchObject({ donors: { min: 400, max: 400 } });
    expect(women).toMatchObject({ donors: { min: 134, max: 134 } });
    expect(rare).toMatchObject({ donors: { min: 3, max: null } });
    const [few] = await (await opened(DONORS, { below: 300 })).count([ASKED[0]!], await adapter.release(NEVER), NEVER);
    expect(few).toMatchObject({ donors: { min: 3, max: null } });
  });

  test("is refused where no field has one value in each document", async () => {
    const documents = DONORS.map(() => ({ cohort: ["P", "R"], sex: ["F", "M"] }));
    await expect(opened(documents, { below: 0 })).rejects.toMatchObject({
      code: "BANK_BROKEN",
      message: expect.stringMatching(/the catalogue hides its hits: wanted a field of one value/),
    });
  });

  test("is told from one without any documents", async () => {
    const adapter = await opened([], { below: 0 });
    expect(await adapter.count([ASKED[0]!], await adapter.release(NEVER), NEVER)).toMatchObject([
      { donors: { min: 0, max: 0 } },
    ]);
  });
});
