import { describe, expect, test } from "vitest";
import { anonymous } from "../../gateway/askers/asker.ts";
import type { Bank } from "../../gateway/banks/bank.ts";
import { openRegistry } from "../../gateway/banks/registry.ts";
import { type FindArgs, find } from "../../gateway/search/find.ts";
import { realClock } from "../../net/clock.ts";
import { NEVER } from "../../net/signals.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { createSubgraph } from "../../subgraphs/serve/subgraph.ts";
import { answersInMemory, gatewayOf, memoryLog } from "./fake-subgraph.ts";

const bank = (id: string, name: string, more: string) => {
  const yaml = `
id: ${id}
name: ${name}
contact: { name: Office, email: office@bank.example }
size: {}
adapter: { kind: none }
complete: [disease]
${more}
disclosure: { off: true }
`;
  return createSubgraph(parseMapping(yaml, `${id}.yaml`, {}), async () => {
    throw new Error("the local API is down");
  });
};

const open = async () => {
  const { log } = memoryLog();
  const registry = await openRegistry(
    gatewayOf([
      bank(
        "north",
        "{ en: Northern Biobank, ja: 北のバイオバンク }",
        `disease: { system: ICD10, spelling: plain }
sampleType: { P: PLASMA, D: DNA }
centres: [{ id: north/tohoku, name: { en: Tohoku University, ja: 東北大学 } }]
centre: { t: north/tohoku }`,
      ),
      bank("rare", "{ en: Rare Bank, ja: 希少疾患バンク }", "disease: { system: [ORPHA, NANBYO], spelling: curie }"),
    ]).banks,
    { answers: answersInMemory(), clock: realClock, log },
  );
  const asked: string[] = [];
  const counted = (each: Bank): Bank => ({
    ...each,
    readings: (...args) => {
      asked.push(each.id);
      return each.readings(...args);
    },
  });
  const ask = (text: string, args: Partial<FindArgs> = {}) =>
    find({ text, first: 20, ...args }, registry.live().map(counted), {
      asker: anonymous("ip:192.0.2.1"),
      deadlineMs: 60_000,
      signal: NEVER,
      log,
    });
  return { registry, asked, ask };
};

describe("find", { timeout: 60_000 }, () => {
  test.each([
    ["肺がん", "DISEASE", "ICD10:C34"],
    ["heart attack", "DISEASE", "ICD10:I21"],
    ["血漿", "SAMPLE_TYPE", "PLASMA"],
    ["けっしょう", "SAMPLE_TYPE", "PLASMA"],
    ["plasma", "SAMPLE_TYPE", "PLASMA"],
    ["frozen tissue", "SAMPLE_TYPE", "TISSUE_FROZEN"],
    ["serm", "SAMPLE_TYPE", "SERUM"],
    ["whole genome", "DATA", "WGS"],
    ["全ゲノム", "DATA", "WGS"],
    ["deep freezer", "STORAGE", "MINUS_80"],
    ["企業", "USE", "COMMERCIAL"],
    ["women", "SEX", "FEMALE"],
    ["東北", "CENTRE", "north/tohoku"],
    ["tohoku university", "CENTRE", "north/tohoku"],
    ["Northern Biobank", null, "north"],
    ["希少疾患バンク", null, "rare"],
    ["ＩＣＤ10:Ｅ11", "DISEASE", "ICD10:E11"],
    ["e11", "DISEASE", "ICD10:E11"],
  ])("%s is first what people mean", async (text, field, value) => {
    const { registry, asked, ask } = await open();
    await using _ = registry;
    const { hits, nearest } = await ask(text);
    expect(hits[0]).toMatchObject({ field, value: { value } });
    expect([nearest, asked]).toEqual([[], []]);
  });

  test("tells by which name, which banks record it, and of a disease its concept", async () => {
    const { registry, asked, ask } = await open();
    await using _ = registry;
    const [attack] = (await ask("heart attack", { first: 1 })).hits;
    expect(attack).toMatchObject({ match: { name: "heart attack", kind: "SYNONYM" }, concept: { code: "ICD10:I21" } });
    const told = await attack!.banks();
    expect(told.map(({ bank, verdict }) => `${bank.id} ${verdict}`)[0]).toBe("north EXACT");
    expect(asked).toEqual(["north", "rare"]);
    const [plasma] = (await ask("plasma")).hits;
    expect(plasma).toMatchObject({ concept: null, match: { name: "plasma", kind: "NAME" } });
    expect((await plasma!.banks()).map(({ bank, verdict }) => `${bank.id} ${verdict}`)).toEqual(["north NARROWER"]);
    const [centre] = (await ask("東北大学")).hits;
    expect((await centre!.banks()).map(({ bank }) => bank.id)).toEqual(["north"]);
  });

  test("says that an id was met as a code, and weighs a system by the banks that record it", async () => {
    const { registry, ask } = await open();
    await using _ = registry;
    expect((await ask("north")).hits[0]).toMatchObject({ field: null, match: { name: "north", kind: "CODE" } });
    expect((await ask("north/tohoku")).hits[0]).toMatchObject({ field: "CENTRE", match: { kind: "CODE" } });
    // Both are called so; one of the banks codes in ORPHA, and none in OncoTree.
    const codes = (await ask("chordoma")).hits.map(({ value }) => value.value);
    expect(codes.filter((code) => ["ORPHA:178", "ONCOTREE:CHDM"].includes(code))).toEqual([
      "ORPHA:178",
      "ONCOTREE:CHDM",
    ]);
  });

  test("searches only the fields that are named", async () => {
    const { registry, ask } = await open();
    await using _ = registry;
    const { hits, says } = await ask("blood", { fields: ["SAMPLE_TYPE", "STORAGE"] });
    expect(hits[0]).toMatchObject({ field: "SAMPLE_TYPE", value: { value: "WHOLE_BLOOD" } });
    expect(new Set(hits.map(({ field }) => field))).toEqual(new Set(["SAMPLE_TYPE"]));
    expect(says).toEqual({
      en: "Names and codes of sample type, storage that match “blood”",
      ja: "「blood」に合う名称・コード（試料種別・保管温度）",
    });
  });

  test("offers no withdrawn code, and near names where there is no hit", async () => {
    const { registry, ask } = await open();
    await using _ = registry;
    expect((await ask("ORPHA:278")).hits).toEqual([]);
    const { hits, nearest } = await ask("qqqzzzxxx");
    expect(hits).toEqual([]);
    expect(nearest.length).toBeLessThanOrEqual(3);
    await expect(ask("a", { first: 0 })).rejects.toThrow("find.first: wanted 1 to 200, got 0");
    for (const text of ["", " ", "癌", "a", "あ".repeat(500), "x y ".repeat(200)]) await ask(text, { first: 200 });
  });
});
