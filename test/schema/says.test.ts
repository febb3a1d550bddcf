import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DonorField } from "../../schema/fields.ts";
import type { DonorCriterion, Expr, SampleTest } from "../../schema/question.ts";
import { criterionSays, questionSays } from "../../schema/says.ts";

const donor = (field: DonorField, ...values: readonly string[]): DonorCriterion => ({
  op: "donor",
  field,
  values,
  descendants: true,
});
const disease = (...codes: readonly string[]): DonorCriterion =>
  donor("DISEASE", ...codes.map((code) => `ICD10:${code}`));
const exactly = (...codes: readonly string[]): DonorCriterion => ({ ...disease(...codes), descendants: false });
const sample = (...tests: readonly SampleTest[]): Expr => ({ op: "sample", tests });
const type = (...values: readonly string[]): SampleTest => ({ field: "SAMPLE_TYPE", values });
const origin = (...values: readonly string[]): SampleTest => ({ field: "SAMPLE_ORIGIN", values });
const storage = (...values: readonly string[]): SampleTest => ({ field: "STORAGE", values });
const age = (from: number | null, to: number | null): SampleTest => ({ field: "AGE_AT_COLLECTION", from, to });
const year = (from: number | null, to: number | null): SampleTest => ({ field: "COLLECTED_YEAR", from, to });
const all = (...of: readonly Expr[]): Expr => ({ op: "all", of });
const any = (...of: readonly Expr[]): Expr => ({ op: "any", of });
const not = (of: Expr): Expr => ({ op: "not", of });

const female = donor("SEX", "FEMALE");
const asthma = disease("J45");

describe("questionSays", () => {
  test.each<[Expr, string, string]>([
    [all(), "All donors.", "すべてのドナー"],
    [any(), "No donors.", "該当するドナーなし"],
    [female, "Female donors.", "女性ドナー"],
    [donor("SEX", "FEMALE", "OTHER"), "Donors of female or other sex.", "女性またはその他の性別であるドナー"],
    [
      all(female, disease("E11"), sample(type("PLASMA"), age(40, 59)), sample(type("DNA"))),
      "Female donors with type 2 diabetes mellitus (ICD10:E11), with a plasma sample collected at 40 to 59 years, and with a DNA sample.",
      "2型糖尿病（ICD10:E11）があり、40〜59歳で採取した血漿試料があり、DNA試料がある女性ドナー",
    ],
    [
      exactly("E11"),
      "Donors with type 2 diabetes mellitus, exactly coded ICD10:E11 (nothing below it).",
      "2型糖尿病（ICD10:E11のみ、下位を含まない）があるドナー",
    ],
    [
      disease("E10-E14", "G30", "C34.1"),
      "Donors with diabetes mellitus (ICD10:E10-E14), Alzheimer's disease (ICD10:G30) or malignant neoplasm of bronchus and lung (ICD10:C34.1).",
      "糖尿病（ICD10:E10-E14）またはアルツハイマー病（ICD10:G30）または気管支及び肺の悪性新生物（ICD10:C34.1）があるドナー",
    ],
    [sample(), "Donors with at least one sample.", "試料が1つ以上あるドナー"],
    [not(sample()), "Donors without any sample.", "試料が1つもないドナー"],
    [
      not(sample(type("PLASMA", "SERUM"))),
      "Donors not (with a plasma or serum sample).",
      "［血漿または血清試料がある］に当てはまらないドナー",
    ],
    [
      sample(storage("MINUS_80", "LN2"), type("RNA"), origin("TUMOUR"), year(2013, null), age(null, 17)),
      "Donors with an RNA sample of tumour origin and collected at 17 years or younger and in 2013 or later and stored at −80 °C or in liquid nitrogen.",
      "17歳以下で2013年以降に採取した腫瘍部由来の−80℃または液体窒素保管のRNA試料があるドナー",
    ],
    [
      any(asthma, female),
      "Donors either with asthma (ICD10:J45), or of female sex.",
      "［喘息（ICD10:J45）がある、または女性である］に当てはまるドナー",
    ],
    [
      all(donor("SEX", "MALE"), any(asthma, sample(type("URINE")))),
      "Male donors (either with asthma (ICD10:J45), or with a urine sample).",
      "［喘息（ICD10:J45）がある、または尿試料がある］に当てはまる男性ドナー",
    ],
    [
      not(all(asthma, not(female))),
      "Donors not (with asthma (ICD10:J45), and not of female sex).",
      "［喘息（ICD10:J45）があり、女性でないこと］に当てはまらないドナー",
    ],
    [not(not(asthma)), "Donors not (without asthma (ICD10:J45)).", "［喘息（ICD10:J45）がない］に当てはまらないドナー"],
    [
      all(not(donor("COHORT", "PATIENT")), donor("FAMILY", "TRIO"), not(donor("FAMILY", "RELATIVE_HELD"))),
      "Donors not in a patient cohort, in a complete trio (child, mother, father), and without a relative in the same bank.",
      "患者コホートに属さず、トリオ（子・母・父）がそろい、同じバンクに血縁者がいないドナー",
    ],
    [
      all(donor("PROGRAMME", "PROGRAMME:CONTROL_GROUP"), donor("DATA", "WGS"), donor("USE", "COMMERCIAL")),
      "Donors in the programme Control group, with whole-genome sequence data, and with consent to commercial use.",
      "事業「コントロール群」に参加しており、全ゲノム解析のデータがあり、企業利用が認められているドナー",
    ],
    [donor("CENTRE", "ncbn/ncgg"), "Donors of the centre ncbn/ncgg.", "施設「ncbn/ncgg」に属するドナー"],
  ])("%# %j", (where, en, ja) => expect(questionSays(where)).toEqual({ en, ja }));

  const leaves: fc.Arbitrary<Expr> = fc.oneof(
    fc.record({
      op: fc.constant("donor" as const),
      field: fc.constant("DISEASE" as const),
      values: fc.subarray(["ICD10:E11", "ICD10:E11.2", "ICD10:E10-E14", "ICD10:M00"], { minLength: 1 }),
      descendants: fc.boolean(),
    }),
    ...(
      [
        ["SEX", "FEMALE", "MALE", "OTHER"],
        ["COHORT", "POPULATION", "PATIENT"],
        ["FAMILY", "TRIO", "RELATIVE_HELD"],
        ["DATA", "WGS", "IMAGING"],
        ["USE", "ACADEMIC", "OVERSEAS"],
        ["PROGRAMME", "PROGRAMME:CANCER_WGS", "PROGRAMME:CANCER_WGS_FY2021", "PROGRAMME:NEW"],
        ["CENTRE", "a/b", "a/c"],
      ] as const
    ).map(([field, ...values]) =>
      fc.subarray<string>([...values], { minLength: 1 }).map((chosen) => donor(field, ...chosen)),
    ),
    fc
      .tuple(
        fc.subarray(["DNA", "PLASMA", "PBMC"]),
        fc.subarray(["TUMOUR", "NORMAL"]),
        fc.subarray(["ROOM", "LN2"]),
        fc.constantFrom<readonly SampleTest[]>([], [age(40, 49)], [age(40, null)], [age(null, 40)], [age(40, 40)]),
        fc.constantFrom<readonly SampleTest[]>([], [year(2013, 2013)], [year(2013, null)], [year(null, 2013)]),
      )
      .map(([types, origins, storages, ages, years]) =>
        sample(
          ...(types.length > 0 ? [type(...types)] : []),
          ...(origins.length > 0 ? [origin(...origins)] : []),
          ...(storages.length > 0 ? [storage(...storages)] : []),
          ...ages,
          ...years,
        ),
      ),
  );
  /** Groups of one are the same as what they hold, so there are none. */
  const { tree: trees } = fc.letrec<{ tree: Expr }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      leaves,
      fc.record({ op: fc.constantFrom("all", "any"), of: fc.array(tie("tree"), { minLength: 2, maxLength: 3 }) }),
      fc.record({ op: fc.constantFrom("all", "any"), of: fc.constant([]) }),
      fc.record({ op: fc.constant("not" as const), of: tie("tree") }),
    ),
  }));

  const sorted = (expr: Expr): unknown => {
    const inOrder = (items: readonly unknown[]): readonly string[] => items.map((item) => JSON.stringify(item)).sort();
    switch (expr.op) {
      case "all":
      case "any":
        return { op: expr.op, of: inOrder(expr.of.map(sorted)) };
      case "not":
        return { op: "not", of: sorted(expr.of) };
      case "donor":
        return { ...expr, values: inOrder(expr.values) };
      case "sample":
        return { op: "sample", tests: inOrder(expr.tests) };
    }
  };

  test("never says the same of two different questions", () => {
    const meant = { en: new Map<string, string>(), ja: new Map<string, string>() };
    fc.assert(
      fc.property(trees, (tree) => {
        const form = JSON.stringify(sorted(tree));
        const says = questionSays(tree);
        for (const language of ["en", "ja"] as const) {
          expect(meant[language].get(says[language]) ?? form, says[language]).toBe(form);
          meant[language].set(says[language], form);
        }
      }),
      { seed: 20260401, numRuns: 20_000, endOnFailure: true },
    );
    expect(meant.en.size).toBeGreaterThan(5_000);
  });

  test("never says the same of two different questions that are close to each other", () => {
    const turned = (expr: Expr): readonly Expr[] => {
      const group = expr.op === "all" || expr.op === "any";
      const here: readonly Expr[] = [
        not(expr),
        ...(group ? [{ op: expr.op === "all" ? "any" : "all", of: expr.of } as const] : []),
      ];
      if (expr.op === "not") return [...here, expr.of, ...turned(expr.of).map(not)];
      if (!group) return here;
      const at = (i: number, child: Expr): Expr => ({ op: expr.op, of: expr.of.with(i, child) });
      const nested =
        expr.of.length > 2 ? [{ op: expr.op, of: [expr.of[0]!, { op: expr.op, of: expr.of.slice(1) }] }] : [];
      return [...here, ...nested, ...expr.of.flatMap((child, i) => turned(child).map((other) => at(i, other)))];
    };
    fc.assert(
      fc.property(trees, (tree) => {
        const [form, says] = [JSON.stringify(sorted(tree)), questionSays(tree)];
        for (const other of turned(tree)) {
          if (JSON.stringify(sorted(other)) === form) continue;
          expect(questionSays(other).en).not.toBe(says.en);
          expect(questionSays(other).ja).not.toBe(says.ja);
        }
      }),
      { seed: 20260402, numRuns: 2_000 },
    );
  });
});

test.each<[DonorCriterion | SampleTest, string, string]>([
  [disease("E11"), "type 2 diabetes mellitus (ICD10:E11)", "2型糖尿病（ICD10:E11）"],
  [type("PLASMA", "PBMC"), "plasma or peripheral blood mononuclear cell sample", "血漿または末梢血単核球試料"],
  [age(40, 59), "collected at 40 to 59 years", "40〜59歳で採取"],
  [year(2013, 2013), "collected in 2013", "2013年に採取"],
  [donor("DATA", "WGS"), "whole-genome sequence data", "全ゲノム解析のデータ"],
])("criterionSays %j", (criterion, en, ja) => expect(criterionSays(criterion)).toEqual({ en, ja }));
