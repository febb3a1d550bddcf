import { describe, expect, test } from "vitest";
import { anonymous } from "../../gateway/askers/asker.ts";
import type { Bank } from "../../gateway/banks/bank.ts";
import { openRegistry } from "../../gateway/banks/registry.ts";
import { type ConceptArgs, concepts } from "../../gateway/search/concepts.ts";
import { realClock } from "../../net/clock.ts";
import { NEVER } from "../../net/signals.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { createSubgraph } from "../../subgraphs/serve/subgraph.ts";
import { answersInMemory, fakeSubgraph, gatewayOf, memoryLog } from "./fake-subgraph.ts";

const bank = (id: string, disease: string) => {
  const yaml = `
id: ${id}
name: Bank ${id}
contact: { name: Office, email: office@bank.example }
size: {}
adapter: { kind: none }
complete: [disease]
${disease}
disclosure: { off: true }
`;
  return createSubgraph(parseMapping(yaml, `${id}.yaml`, {}), async () => {
    throw new Error("the local API is down");
  });
};

const open = async () => {
  const { log } = memoryLog();
  const mute = fakeSubgraph("mute", {
    readings: () => {
      throw new Error("no");
    },
  });
  const registry = await openRegistry(
    gatewayOf([
      bank("icd", "disease: { system: ICD10, spelling: plain }"),
      bank("rare", "disease: { system: [ORPHA, NANBYO], spelling: curie }"),
      bank("cancer", "disease: { system: ONCOTREE, spelling: plain }"),
      bank("target", 'disease: { "47": { is: "ICD10:G12.2", label: ALS } }'),
      mute,
    ]).banks,
    { answers: answersInMemory(), clock: realClock, log },
  );
  /** The banks that were asked, once for each time. */
  const asked: string[] = [];
  const counted = (bank: Bank): Bank => ({
    ...bank,
    readings: (...args) => {
      asked.push(bank.id);
      return bank.readings(...args);
    },
  });
  const ask = (args: Partial<ConceptArgs>) =>
    concepts({ first: 20, ...args }, registry.live().map(counted), {
      asker: anonymous("ip:192.0.2.1"),
      deadlineMs: 60_000,
      signal: NEVER,
      log,
    });
  return { registry, asked, ask };
};

describe("concepts", { timeout: 60_000 }, () => {
  test("tell how each bank records them, and leave out a bank that does not say it", async () => {
    const { registry, asked, ask } = await open();
    await using _ = registry;
    const found = await ask({ codes: ["ORPHA:803", "ICD10:G12.2", "ONCOTREE:LUAD", "ICD10:E11"] });
    const told = await Promise.all(found.map((concept) => concept.banks()));
    expect(told.map((banks) => banks.map(({ bank, verdict }) => `${bank.id} ${verdict}`))).toEqual([
      ["cancer NOT_COLLECTED", "icd BROADER", "rare EXACT", "target BROADER"],
      ["cancer NOT_COLLECTED", "icd EXACT", expect.stringMatching(/^rare (?:EXACT|BROADER)$/), "target EXACT"],
      ["cancer EXACT", "icd BROADER", expect.stringMatching(/^rare /), "target NOT_COLLECTED"],
      ["cancer NOT_COLLECTED", "icd EXACT", expect.stringMatching(/^rare /), "target NOT_COLLECTED"],
    ]);
    expect(asked).toEqual(registry.live().map(({ id }) => id));
  });

  test("come by text, by code in the order asked, and below a code", async () => {
    const { registry, ask } = await open();
    await using _ = registry;
    const [als] = await ask({ text: "ALS", first: 1 });
    expect(als).toMatchObject({
      code: "NANBYO:2",
      matched: "ALS",
      withdrawn: false,
      label: { ja: "筋萎縮性側索硬化症" },
    });
    expect(als!.related().map(({ code, verdict }) => `${code} ${verdict}`)).toContain("ORPHA:803 EXACT");
    expect((await ask({ codes: ["orpha:803", "ICD10:e11"] })).map(({ code }) => code)).toEqual([
      "ORPHA:803",
      "ICD10:E11",
    ]);
    expect((await ask({ under: "ORPHA:70" })).map(({ code }) => code)).toEqual([
      "ORPHA:83330",
      "ORPHA:83418",
      "ORPHA:83419",
      "ORPHA:83420",
    ]);
    expect((await ask({ under: "ICD10:E10-E14" })).map(({ code, hasChildren }) => [code, hasChildren])[0]).toEqual([
      "ICD10:E10",
      true,
    ]);
  });

  test("lie in the tree of their system, which can be walked from its top", async () => {
    const { registry, asked, ask } = await open();
    await using _ = registry;
    const [luad] = await ask({ codes: ["ONCOTREE:LUAD"] });
    expect(luad!.path().map(({ code, verdict }) => `${code} ${verdict}`)).toEqual([
      "ONCOTREE:TISSUE BROADER",
      "ONCOTREE:LUNG BROADER",
      "ONCOTREE:NSCLC BROADER",
    ]);
    const [colorectal] = await ask({ codes: ["ICD10:C18-C20"] });
    expect(colorectal!.codes()).toEqual(["ICD10:C18", "ICD10:C19", "ICD10:C20"]);
    expect((await ask({ under: "OncoTree" })).map(({ code }) => code)).toEqual(["ONCOTREE:TISSUE"]);
    expect((await ask({ under: "ICD10", first: 1 }))[0]!.below()).toBeGreaterThan(900);
    expect(asked).toEqual([]);
  });

  test("show withdrawn codes, and ask no bank for them", async () => {
    const { registry, asked, ask } = await open();
    await using _ = registry;
    const found = await ask({ codes: ["ORPHA:278", "ICD10:I84.1", "oncotree:mm", "MONDO:6689", "ORPHA:803"] });
    expect(found.map(({ code, label, withdrawn, hasChildren }) => [code, label.en, withdrawn, hasChildren])).toEqual([
      ["ORPHA:278", "Corticobasal degeneration", true, false],
      ["ICD10:I84.1", "Haemorrhoids", true, false],
      ["ONCOTREE:MM", "Multiple Myeloma", true, false],
      ["MONDO:0006689", "carcinoid syndrome", true, false],
      ["ORPHA:803", "Amyotrophic lateral sclerosis", false, false],
    ]);
    const told = await Promise.all(found.map((concept) => concept.banks()));
    expect(told.map((banks) => banks.length)).toEqual([0, 0, 0, 0, 4]);
    expect(asked).toEqual(registry.live().map(({ id }) => id));
    expect(found.map((concept) => concept.related().length)).toEqual([0, 0, 0, 0, found[4]!.related().length]);
    await expect(ask({ under: "ORPHA:278" })).rejects.toThrow("concepts.under: wanted a code in use");
  });

  test("of Mondo are recorded as their counterparts are", async () => {
    const { registry, ask } = await open();
    await using _ = registry;
    const [mondo, orpha] = await ask({ codes: ["MONDO:0004976", "ORPHA:803"] });
    const verdicts = async (concept: typeof mondo) =>
      (await concept!.banks()).map(({ bank, verdict }) => `${bank.id} ${verdict}`);
    expect(await verdicts(mondo)).toEqual(["cancer NOT_COLLECTED", "icd BROADER", "rare EXACT", "target BROADER"]);
    expect(await verdicts(mondo)).toEqual(await verdicts(orpha));
    expect(mondo!.label).toEqual(expect.objectContaining({ ja: "筋萎縮性側索硬化症" }));
  });

  test("want exactly one of text, codes and under, and codes that exist", async () => {
    const { registry, ask } = await open();
    await using _ = registry;
    await expect(ask({})).rejects.toThrow("concepts: wanted exactly one of text, codes and under, got none");
    await expect(ask({ text: "a", under: "ICD10:E11" })).rejects.toThrow("got text, under");
    await expect(ask({ codes: ["ONCOTREE:LUAT"] })).rejects.toThrow("concepts.codes[0]: wanted a code of OncoTree");
    await expect(ask({ codes: ["NANBYO:349"] })).rejects.toThrow("NANBYO:1 to NANBYO:348");
    await expect(ask({ text: "a", first: 0 })).rejects.toThrow("concepts.first: wanted 1 to 200, got 0");
  });

  // The fuzzer found that a number in a variable was a fault of the gateway.
  test.each([7, true, ["ICD10:E11"], { a: 1 }])("want a code as a text, not %j", async (under) => {
    const { registry, ask } = await open();
    await using _ = registry;
    const args = JSON.parse(JSON.stringify({ under }));
    await expect(ask(args)).rejects.toThrow("concepts.under: wanted a text");
    await expect(ask(JSON.parse(JSON.stringify({ codes: [under] })))).rejects.toThrow(
      "concepts.codes[0]: wanted a text",
    );
  });
});
