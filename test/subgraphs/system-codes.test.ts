import { expect, test } from "vitest";
import { exactCapabilities } from "../../adapters/kit/exact-counts.ts";
import { canonical } from "../../schema/canonical.ts";
import { parseWhere } from "../../schema/parse.ts";
import { questionSays } from "../../schema/says.ts";
import { parseMapping } from "../../subgraphs/mapping/mapping.ts";
import { declaredInterpreter } from "../../subgraphs/serve/declared-interpreter.ts";
import { interpreterOf } from "../../subgraphs/understand/interpret.ts";
import { NO_VALUE } from "../../subgraphs/understand/predicates.ts";

const mapping = (disease: string) =>
  parseMapping(
    `
id: bank
name: Bank
contact: { name: Office, email: office@bank.example }
size: {}
adapter: { kind: none }
complete: [disease]
disease: ${disease}
disclosure: { off: true }
`,
    "bank.yaml",
    {},
  );
const disease = (yaml: string) => mapping(yaml).fields.DISEASE!;

test("a bank that codes in OncoTree has its codes and their tree in its own spelling", () => {
  const { codes, tree, system } = disease("{ system: ONCOTREE, spelling: plain }");
  expect(system).toEqual(["ONCOTREE"]);
  expect(codes.find(({ code }) => code === "LUAD")).toMatchObject({ is: ["ONCOTREE:LUAD"], label: { ja: "肺腺癌" } });
  expect(tree.get("NSCLC")).toContain("LUAD");
  expect(tree.has("LUAD")).toBe(false);
});

test("a bank may code in several systems, told apart by curie", () => {
  const { codes, tree } = disease("{ system: [ORPHA, NANBYO], spelling: curie }");
  const names = codes.map(({ code }) => code);
  expect(names).toEqual(expect.arrayContaining(["ORPHA:803", "NANBYO:2"]));
  expect(tree.get("ORPHA:70")).toContain("ORPHA:83419");
  expect(() => disease("{ system: [ORPHA, NANBYO], spelling: plain }")).toThrow("wanted curie");
});

test("a question in one system is read by a bank that codes in another", () => {
  const interpreter = declaredInterpreter(mapping("{ system: [ORPHA, NANBYO], spelling: curie }"));
  expect(interpreter.values("DISEASE", ["ORPHA:803"], true)).toMatchObject({
    verdict: "EXACT",
    inner: { codes: ["ORPHA:803", "NANBYO:2"] },
  });
  const icd = declaredInterpreter(mapping("{ system: ICD10, spelling: plain }"));
  const broader = icd.values("DISEASE", ["ORPHA:803"], true);
  expect(broader).toMatchObject({ verdict: "BROADER", inner: { codes: [] }, outer: { codes: ["G122"] } });
});

test("codes of every system have one normal form, absorb what lies below them in it, and read as words", () => {
  const where = { disease: { codes: ["orpha:83419", "ORPHA:070", "ICD10:G12.2", "nanbyo:003", "BBJ:BBJ-47"] } };
  const { where: form, expr } = canonical(parseWhere(where));
  expect(form).toEqual({ disease: { codes: ["BBJ:47", "ICD10:G12.2", "NANBYO:3", "ORPHA:70"] } });
  expect(questionSays(expr).ja).toContain("脊髄性筋萎縮症（NANBYO:3）");
  expect(questionSays(expr).en).toContain("(ORPHA:70)");
});

test("whether the data hold a code today changes its count, and never how the bank is said to record it", () => {
  const given = mapping("{ system: ICD10, spelling: plain }");
  const holding = (...codes: readonly string[]) =>
    interpreterOf(given, exactCapabilities(["DISEASE"], { codesOf: () => new Set(codes) }));
  for (const interpreter of [holding("E119"), holding("C341")]) {
    expect(interpreter.values("DISEASE", ["ICD10:E11"], true).verdict).toBe("EXACT");
    expect(interpreter.values("DISEASE", ["ICD10:C34"], true).verdict).toBe("EXACT");
  }
  const none = holding("C341").values("DISEASE", ["ICD10:E11"], true);
  expect(none).toMatchObject({ inner: NO_VALUE, outer: NO_VALUE, because: [] });
  // Its own code, of no ICD-10.
  expect(holding("C341").values("DISEASE", ["ONCOTREE:LUAD"], true).verdict).not.toBe("NOT_COLLECTED");
});

// Thirty banks held 30 lists of 21,800 codes, and each was made anew at the start.
test("banks that spell a system alike share its codes, and others do not", () => {
  const [one, other, plain] = ["{ system: ICD10 }", "{ system: ICD10 }", "{ system: ICD10, spelling: plain }"].map(
    disease,
  );
  expect(one!.codes).toBe(other!.codes);
  expect(one!.tree).toBe(other!.tree);
  expect(plain!.codes).not.toBe(one!.codes);
});
