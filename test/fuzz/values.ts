import type { Random } from "./random.ts";

const NUMBERS = [
  0,
  1,
  2,
  20,
  200,
  201,
  5000,
  30_000,
  30_001,
  9999,
  10_000,
  -1,
  -(2 ** 31),
  2 ** 31 - 1,
  2 ** 31,
  1e9,
  1.5,
  2024,
  40,
  64,
];

/** An integer, often at the edge of something. */
export const numberOf = (random: Random): number => (random.chance(0.5) ? random.pick(NUMBERS) : random.int(120));

const CODES = [
  "ICD10:E11",
  "ICD10:E10-E14",
  "ICD10:C18-C20",
  "ICD10:I",
  "ICD10:ZZZ",
  "ORPHA:803",
  "NANBYO:2",
  "NANBYO:349",
  "ONCOTREE:LUAD",
  "BBJ:33",
  "MONDO:0004976",
  "NANDO:1200002",
  "PROGRAMME:CONTROL_GROUP",
  "NOT_RECORDED",
  "E11",
  "icd10:e11",
  "ORPHA:278",
  "SNOMED:1",
];
const IDS = ["a", "b", "c", "A", "", "zzz", "b/x", "ncbn/ncgg", "__proto__", "constructor", "toString"];
const TEXTS = [
  "",
  " ",
  "als",
  "diabetes",
  "糖尿病",
  "type 2",
  "1",
  "40-49",
  "40",
  "2020-2010",
  "\u0000",
  "\ud800",
  "\u202e",
  "💉",
  "a\u0301",
  "%s%n",
  "' OR 1=1 --",
  "<script>",
  "../../etc/passwd",
  "\\",
  '"',
  "\n\r\n",
  "null",
  "true",
  "NaN",
  "１２３",
  "ｱｲｳ",
  "FEMALE",
  "DISEASE",
];

/** A text, often one that some scalar wants, or that something could stumble over. */
export const textOf = (random: Random, scalar = ""): string => {
  if (scalar === "Code" && random.chance(0.8)) return random.pick(CODES);
  if (scalar === "ID" && random.chance(0.8)) return random.pick(IDS);
  if (scalar === "Date" && random.chance(0.8)) return random.pick(["2026-04-01", "2026-02-30", "0000-00-00"]);
  if (random.chance(0.02)) return random.pick(TEXTS).repeat(1 + random.int(3000));
  if (random.chance(0.1))
    return String.fromCharCode(...Array.from({ length: random.int(20) }, () => random.int(0x3000)));
  return random.pick([...TEXTS, ...CODES, ...IDS]);
};
