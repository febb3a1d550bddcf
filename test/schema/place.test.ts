import { describe, expect, test } from "vitest";
import { codeSet, meets } from "../../schema/codes/code-set.ts";
import { codeSystem, DISEASE_SYSTEMS } from "../../schema/codes/disease-code.ts";
import { mondoCodes, mondoRow } from "../../schema/codes/mondo.ts";
import { within } from "../../schema/codes/within.ts";
import { isRecordedAs, PATIENTS, patientHas, SLICE_ASKED, SLICE_CODES } from "../law/slice.ts";

/** How a bank that records `code`, that code alone in its own system, answers a question for `asked`. */
const verdict = (asked: string, code: string, descendants = true): string => {
  const [question, record] = [codeSet("DISEASE", [asked], descendants), codeSet("DISEASE", [code], false)];
  return within(record, question) ? "surely" : meets(record, question) ? "perhaps" : "no";
};

describe("a record of one system, asked for in another", () => {
  test.each<[string, string, string, string]>([
    ["ICD10:G12.2", "ORPHA:803", "surely", "amyotrophic lateral sclerosis is narrower than G12.2"],
    ["ORPHA:803", "ICD10:G12.2", "perhaps", "G12.2 may be another motor neuron disease"],
    ["ORPHA:481", "ORPHA:803", "no", "two diseases of G12.2 are not one another"],
    ["ORPHA:803", "ICD10:G12", "no", "a bare G12 is none of its subcategories"],
    ["NANBYO:2", "ORPHA:803", "surely", "number 2 is the same disease"],
    ["ORPHA:803", "NANBYO:2", "surely", "and the other way round"],
    ["NANBYO:1", "ORPHA:803", "no", "number 1 is another one"],
    ["NANBYO:1", "ICD10:G12.2", "perhaps", "by way of G12.2"],
    ["ICD10:G12.1", "ORPHA:70", "perhaps", "spinal muscular atrophy is narrower than G12.0 and G12.1 together"],
    ["ICD10:G12", "ORPHA:70", "surely", "and so surely in G12"],
    ["ORPHA:83330", "ICD10:G12.0", "surely", "type 1 is the same as G12.0"],
    ["ORPHA:83419", "ICD10:G12.1", "perhaps", "type 3 is narrower than G12.1"],
    ["NANBYO:3", "ORPHA:83419", "surely", "a type of it lies below the number's disease"],
    ["ORPHA:83419", "NANBYO:3", "perhaps", "but the number does not tell the type"],
    ["NANBYO:19", "ORPHA:324", "surely", "Fabry disease is one of the lysosomal diseases"],
    ["ORPHA:324", "NANBYO:19", "perhaps", "which the number does not tell apart"],
    ["ICD10:E75.2", "ORPHA:324", "surely", "by its own reference"],
    ["NANDO:1200055", "NANBYO:19", "surely", "a number and its class are the same"],
    ["NANBYO:19", "NANDO:1200056", "surely", "and what lies below the class is in the number"],
    ["NANDO:1200056", "NANDO:1200055", "no", "a class recorded alone is none of those below it"],
    ["ICD10:C34", "ONCOTREE:LUAD", "surely", "an adenocarcinoma of the lung is a cancer of the lung"],
    ["ONCOTREE:LUAD", "ICD10:C34.1", "perhaps", "but not every one is an adenocarcinoma"],
    ["ONCOTREE:LUAD", "ICD10:C50", "no", "and none of the breast"],
    ["ONCOTREE:LUAD", "ORPHA:803", "no", "systems without references to one another are told apart by ICD-10"],
    ["BBJ:33", "ICD10:E11.2", "surely", "a target disease is defined by codes of ICD-10"],
    ["MONDO:0004976", "ORPHA:803", "surely", "Mondo says that the two are the same"],
    ["MONDO:0004976", "NANBYO:2", "surely", "and number 2 is the same as that one"],
    ["MONDO:0004976", "ICD10:G12.2", "perhaps", "which may be another motor neuron disease"],
    ["MONDO:0004976", "ORPHA:481", "no", "two diseases of G12.2 are not one another"],
    ["MONDO:0004976", "ICD10:I10", "no", "as far from it as its counterpart"],
    ["MONDO:0002561", "ORPHA:324", "surely", "what lies below a counterpart lies below the code"],
    ["MONDO:0005148", "ICD10:E11.2", "surely", "type 2 diabetes is E11 of WHO's ICD-10"],
    ["MONDO:0005015", "ICD10:E14", "surely", "diabetes is a range of it"],
    ["MONDO:0005061", "ONCOTREE:LUAD", "surely", "a code of OncoTree"],
    ["MONDO:0005061", "ICD10:C34.1", "perhaps", "by way of OncoTree's own place"],
    ["ORPHA:803", "MONDO:0004976", "surely", "a mapping may say it as well"],
    ["ICD10:G12.2", "MONDO:0004976", "surely", "and it lies where its counterpart does"],
    ["ICD10:E11", "BBJ:33", "perhaps", "and is no more precise than they are"],
  ])("asked for %s, recorded %s: %s, since %s", (asked, code, expected) => {
    expect(verdict(asked, code)).toBe(expected);
  });

  test("without descendants only what the record says exactly is sure", () => {
    expect(verdict("ORPHA:70", "ORPHA:83419", false)).toBe("no");
    expect(verdict("ORPHA:70", "NANBYO:3", false)).toBe("perhaps");
    expect(verdict("ORPHA:803", "NANBYO:2", false)).toBe("surely");
    expect(verdict("ICD10:G12.2", "ORPHA:803", false)).toBe("surely");
    expect(verdict("ICD10:G12", "ORPHA:803", false)).toBe("no");
  });

  test("a code without any reference may lie anywhere, and is never sure to lie somewhere", () => {
    expect(verdict("ICD10:K50", "ORPHA:206")).toBe("perhaps");
    expect(verdict("ICD10:I10", "ORPHA:206")).toBe("perhaps");
    expect(verdict("ORPHA:206", "ICD10:I10")).toBe("perhaps");
  });
});

describe("the links that the sources have wrong are put right", () => {
  test.each<[string, string, string, string]>([
    ["NANBYO:208", "ORPHA:216694", "surely", "corrected transposition"],
    ["NANBYO:208", "ORPHA:860", "no", "was linked to what is number 209"],
    ["NANBYO:209", "ORPHA:860", "surely", "complete transposition"],
    ["NANBYO:209", "ORPHA:216694", "no", "was linked to what is number 208"],
    ["ICD10:Q20.5", "NANBYO:208", "surely", "and so each has the other's place in ICD-10"],
    ["ICD10:Q20.3", "NANBYO:208", "no", "no more"],
    ["ICD10:Q20.3", "NANBYO:209", "surely", "likewise"],
    ["ICD10:Q20.5", "NANBYO:209", "no", "likewise"],
    ["ICD10:G47.3", "NANBYO:230", "surely", "hypoventilation is one of sleep"],
    ["ICD10:J84", "NANBYO:230", "no", "and not of the lung's tissue"],
    ["ICD10:Q64.1", "NANBYO:292", "surely", "cloacal exstrophy"],
    ["ICD10:Q64.1", "NANBYO:293", "no", "a persistent cloaca is none"],
    ["NANBYO:101", "ORPHA:388", "no", "hypoganglionosis is not Hirschsprung disease"],
    ["NANBYO:291", "ORPHA:388", "surely", "which is number 291"],
    ["NANBYO:101", "ICD10:Q43.1", "perhaps", "and nothing tells where in ICD-10 it is"],
    ["NANBYO:230", "ORPHA:661", "surely", "Ondine syndrome is one of the alveolar hypoventilation syndromes"],
    ["NANBYO:230", "ORPHA:99931", "no", "pulmonary hemosiderosis is none"],
    ["NANBYO:293", "ORPHA:93929", "no", "persistent cloaca is not cloacal exstrophy"],
    ["NANBYO:292", "ORPHA:93929", "surely", "which is number 292"],
    ["NANBYO:257", "ORPHA:371", "perhaps", "muscle phosphofructokinase deficiency is hardly a hepatic one"],
    ["NANBYO:257", "ORPHA:2089", "surely", "as glycogen synthase deficiency of the liver is"],
  ])("asked for %s, recorded %s: %s, since %s", (asked, code, expected) => {
    expect(verdict(asked, code)).toBe(expected);
  });
});

// A group of Orphanet's stood as the same as a number that holds less of it, or more: donors of other numbers were counted as
// certain, and donors of the number as certainly not. NANDO's classes below the numbers showed it.
describe("a number is what NANDO's classes below it are, not the group of Orphanet that is called alike", () => {
  test.each<[string, string, string, string]>([
    ["NANBYO:139", "ORPHA:43", "no", "adrenoleukodystrophy is number 20 and no hypomyelinating leukodystrophy"],
    ["NANBYO:139", "ORPHA:702", "surely", "Pelizaeus-Merzbacher disease is one"],
    ["NANBYO:139", "ORPHA:309334", "surely", "and Salla disease, which Orphanet counts elsewhere"],
    ["NANBYO:58", "ORPHA:648", "no", "Noonan syndrome is number 195, however often its hearts are thick"],
    ["NANBYO:65", "ORPHA:138", "no", "CHARGE syndrome is number 105"],
    ["NANBYO:65", "ORPHA:91378", "surely", "hereditary angioedema is in number 65"],
    ["NANBYO:28", "ORPHA:85443", "perhaps", "amyloidosis of light chains may be systemic or not"],
    ["NANBYO:28", "ORPHA:330001", "surely", "that of wild-type transthyretin is"],
    ["NANBYO:164", "ORPHA:79430", "surely", "Hermansky-Pudlak syndrome is in number 164"],
    ["NANBYO:239", "ORPHA:93160", "surely", "both types of vitamin D-dependent rickets are in number 239"],
    ["NANBYO:237", "ORPHA:869", "surely", "the triple A syndrome is in number 237"],
    ["NANBYO:240", "ORPHA:238583", "surely", "and deficiency of BH4 in number 240"],
    ["NANBYO:113", "ORPHA:75840", "no", "Ullrich disease is number 29"],
    ["NANBYO:120", "ORPHA:905", "no", "Wilson disease is number 171"],
    ["NANBYO:146", "ORPHA:1934", "perhaps", "Orphanet's code of today holds early myoclonic encephalopathy as well"],
    ["NANBYO:147", "ORPHA:1934", "perhaps", "which is number 147"],
    ["NANBYO:83", "ORPHA:85138", "surely", "Addison's disease of autoimmune origin"],
    ["NANBYO:83", "ORPHA:101963", "perhaps", "which is one of the acquired ones"],
    ["NANBYO:329", "ORPHA:250923", "surely", "isolated aniridia, although the code for all of it was given up"],
    ["NANBYO:80", "ORPHA:566243", "perhaps", "as that for resistance to thyroid hormone was"],
    ["NANBYO:220", "ORPHA:280569", "surely", "and that for rapidly progressive glomerulonephritis"],
  ])("asked for %s, recorded %s: %s, since %s", (asked, code, expected) => {
    expect(verdict(asked, code)).toBe(expected);
  });
});

// Benign and uncertain tumours had the cancer's place of the type above them, and what is no neoplasm in ICD-10 had none.
describe("tumours of OncoTree that are no cancers lie where ICD-10 has them", () => {
  test.each<[string, string, string, string]>([
    ["ICD10:C54-C55", "ONCOTREE:ULM", "no", "a leiomyoma of the uterus is benign"],
    ["ICD10:D25", "ONCOTREE:ULM", "surely", "and has a category of its own"],
    ["ICD10:C54-C55", "ONCOTREE:ULMS", "surely", "a leiomyosarcoma is none"],
    ["ICD10:C54-C55", "ONCOTREE:USMT", "perhaps", "their common group may be either"],
    ["ICD10:D05", "ONCOTREE:PD", "no", "Paget disease of the nipple is C50.0"],
    ["ICD10:C64", "ONCOTREE:ROCY", "no", "an oncocytoma is benign"],
    ["ICD10:C18-C20", "ONCOTREE:CAIS", "no", "a carcinoma in situ is none of C18"],
    ["ICD10:C92-C95", "ONCOTREE:TMDS", "no", "a myelodysplastic syndrome is no leukaemia"],
    ["ICD10:C92-C95", "ONCOTREE:TAML", "surely", "acute leukaemia after therapy is"],
    ["ICD10:E85", "ONCOTREE:MIDDA", "perhaps", "amyloidosis is no neoplasm in ICD-10"],
    ["ICD10:O01", "ONCOTREE:CHM", "perhaps", "nor is a complete mole"],
    ["ICD10:Q82.2", "ONCOTREE:CMCD", "perhaps", "nor cutaneous mastocytosis"],
    ["ICD10:C71", "ONCOTREE:DMG", "perhaps", "a midline glioma may be one of the spinal cord"],
    ["ICD10:C71", "ONCOTREE:DHG", "surely", "a hemispheric one is not"],
    ["ICD10:C40-C41", "ONCOTREE:EMCHS", "perhaps", "an extraskeletal chondrosarcoma is not of the bone"],
  ])("asked for %s, recorded %s: %s, since %s", (asked, code, expected) => {
    expect(verdict(asked, code)).toBe(expected);
  });

  test("a number whose sources name two codes of ICD-10 is sure of neither", () => {
    for (const code of ["ICD10:G90.3", "ICD10:G23.3"]) expect(verdict(code, "NANBYO:17")).toBe("perhaps");
    for (const code of ["ICD10:F80.3", "ICD10:G40.4"]) expect(verdict(code, "NANBYO:154")).toBe("perhaps");
  });
});

/** What the product leaves open although the slice does not: patients that it does not hold would be possible. */
const WIDER: readonly string[] = [
  "ORPHA:70 for ICD10:G12.0: no",
  "ORPHA:70 for ICD10:G12.1: surely",
  "NANBYO:19 for ICD10:E75.2: surely",
  "NANBYO:19 for ICD10:G00-G99: no",
  "ICD10:C34 for ONCOTREE:LUSC: no",
  "ONCOTREE:LUSC for ICD10:C34.1: surely",
  "ONCOTREE:IDC for ICD10:C50.9: surely",
];

test("looking at every patient of a small slice says the same of every pair of codes, or leaves less open", () => {
  const wider: string[] = [];
  for (const code of SLICE_CODES) {
    const possible = PATIENTS.filter((patient) => isRecordedAs(patient, code));
    for (const asked of SLICE_ASKED) {
      const having = possible.filter((patient) => patientHas(patient, asked)).length;
      const expected = having === 0 ? "no" : having === possible.length ? "surely" : "perhaps";
      const found = verdict(asked, code);
      if (found === "perhaps" && expected !== "perhaps") wider.push(`${code} for ${asked}: ${expected}`);
      else expect([asked, code, found]).toEqual([asked, code, expected]);
    }
  }
  expect(wider).toEqual(WIDER);
});

test("a code may be what lies above it in its own system, whatever the cross-references of the two say", () => {
  const { codes, graph } = codeSystem("ORPHA");
  for (const code of codes()) {
    const record = codeSet("DISEASE", [`ORPHA:${code}`], false);
    for (const parent of graph()!.parents(code)) {
      expect([parent, code, meets(record, codeSet("DISEASE", [`ORPHA:${parent}`], true))]).toEqual([
        parent,
        code,
        true,
      ]);
    }
  }
});

test.each<[string, string, string, string]>([
  ["ORPHA:183521", "ORPHA:282", "no", "G31.0 tells of a code that is another one in its own system"],
  ["ORPHA:183521", "NANBYO:127", "perhaps", "nor for sure of a number that is the same as that other one"],
  [
    "ORPHA:558",
    "NANBYO:167",
    "perhaps",
    "number 167 is Marfan or Loeys-Dietz syndrome, and the other one is no Marfan's",
  ],
  ["ORPHA:422", "NANBYO:86", "perhaps", "number 86 holds more than the idiopathic one"],
  ["MONDO:0019087", "ONCOTREE:EHCH", "surely", "Mondo's cholangiocarcinoma is one of OncoTree's"],
])("asked for %s, recorded %s: %s, since %s", (asked, code, expected) => {
  expect(verdict(asked, code)).toBe(expected);
});

test("codes that Mondo says are the same may be the same", () => {
  for (const code of mondoCodes()) {
    const [first, ...others] = mondoRow(code).counterparts;
    for (const other of others) expect([code, other, verdict(first!, other)]).not.toContain("no");
  }
});

test("every code lies within itself, and within what lies above it in its own system", () => {
  for (const system of DISEASE_SYSTEMS) {
    const { codes, graph } = codeSystem(system);
    for (const code of codes().slice(0, 1_500)) {
      expect([code, verdict(`${system}:${code}`, `${system}:${code}`)]).toEqual([code, "surely"]);
      for (const parent of graph()?.parents(code) ?? []) {
        expect([parent, code, verdict(`${system}:${parent}`, `${system}:${code}`)]).toEqual([parent, code, "surely"]);
      }
    }
  }
});
