import { expect, test } from "vitest";
import { openHouse, SEARCH } from "./house.ts";

test("a withdrawn code is refused by the running gateway with what to ask instead, and concepts tell of it", async () => {
  await using house = await openHouse(0.0005);
  for (const [code, instead] of [
    ["ICD10:I84", "ICD10:K64"],
    ["ORPHA:90341", "ORPHA:90340"],
    ["ONCOTREE:MM", "ONCOTREE:PCM"],
    ["MONDO:0006689", "MONDO:0100347"],
  ] as const) {
    const { errors } = await house.send(SEARCH, { where: { disease: { codes: [code] } } });
    expect(errors).toHaveLength(1);
    expect(errors![0]!.message).toContain(
      `where.disease.codes[0]: wanted a code in use, got "${code}", which was withdrawn`,
    );
    expect(errors![0]!.message).toContain(`Did you mean ${instead}?`);
    expect(errors![0]!.extensions).toMatchObject({ code: "BAD_QUESTION", suggestions: [instead] });
  }
  const { concepts } = await house.ask<{ concepts: unknown }>(
    'query { concepts(codes: ["ORPHA:278", "ONCOTREE:MM", "MONDO:0004976"]) { code withdrawn banks { bank { id } verdict } related { code verdict } } }',
  );
  expect(concepts).toEqual([
    { code: "ORPHA:278", withdrawn: true, banks: [], related: [] },
    { code: "ONCOTREE:MM", withdrawn: true, banks: [], related: [] },
    {
      code: "MONDO:0004976",
      withdrawn: false,
      banks: [
        { bank: { id: "bbj" }, verdict: "BROADER" },
        { bank: { id: "tmm" }, verdict: "BROADER" },
      ],
      related: [{ code: "ORPHA:803", verdict: "EXACT" }],
    },
  ]);
});
