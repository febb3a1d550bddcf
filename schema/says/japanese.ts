import type { CodeField, DonorField } from "../fields.ts";
import type { DonorCriterion, Expr, SampleCriterion, SampleTest } from "../question.ts";
import { rangeLabel, valueLabel } from "../vocabulary.ts";

/** A question in Japanese: `喘息（ICD10:J45）があり、DNA試料がある女性ドナー`. */
export const japaneseQuestion = (where: Expr): string => {
  if (where.op === "any" && where.of.length === 0) return "該当するドナーなし";
  const parts = where.op === "all" ? where.of : [where];
  const sex = parts.findIndex(isAdjective);
  const rest = parts.filter((_, i) => i !== sex);
  const donors = sex >= 0 ? `${sexOf(parts[sex]!)}ドナー` : "ドナー";
  if (rest.length === 0) return sex >= 0 ? donors : `すべての${donors}`;
  return `${chain(rest)}${donors}`;
};

/** What one criterion asks for, in Japanese. */
export const japaneseCriterion = (criterion: DonorCriterion | SampleTest): string => {
  if (!("values" in criterion)) {
    const range = rangeLabel(criterion.field, criterion.from, criterion.to).ja;
    return `${range}${criterion.field === "AGE_AT_COLLECTION" ? "で" : "に"}採取`;
  }
  const names = criterion.values.map((value) => name(criterion, value)).join("または");
  return WORDS[criterion.field]?.(names) ?? names;
};

/** What a field's values are called; of other fields, by their names alone. */
const WORDS: { readonly [F in CodeField]?: (names: string) => string } = {
  DATA: (names) => `${names}のデータ`,
  SAMPLE_TYPE: (names) => `${names}試料`,
  SAMPLE_ORIGIN: (names) => `${names}由来`,
  STORAGE: (names) => `${names}保管`,
  CENTRE: (names) => `施設「${names}」`,
  PROGRAMME: (names) => `事業「${names}」`,
};

/** A predicate's four endings: before a noun, before another predicate, and both of its denial. */
type Endings = readonly [end: string, mid: string, notEnd: string, notMid: string];
const EXIST: Endings = ["がある", "があり", "がない", "がなく"];
const BELONG: Endings = ["に属する", "に属し", "に属さない", "に属さず"];
const ENDINGS: { readonly [F in Exclude<DonorField, "FAMILY">]: Endings } = {
  SEX: ["である", "であり", "でない", "でなく"],
  COHORT: BELONG,
  CENTRE: BELONG,
  PROGRAMME: ["に参加している", "に参加しており", "に参加していない", "に参加しておらず"],
  USE: ["が認められている", "が認められており", "が認められていない", "が認められておらず"],
  DATA: EXIST,
  DISEASE: EXIST,
};
const HOLD: Endings = ["に当てはまる", "に当てはまり", "に当てはまらない", "に当てはまらず"];
const SOME: Endings = ["が1つ以上ある", "が1つ以上あり", "が1つもない", "が1つもなく"];
const FAMILY: { readonly [value: string]: Endings } = {
  TRIO: ["がそろう", "がそろい", "がそろわない", "がそろわず"],
  RELATIVE_HELD: ["がいる", "がおり", "がいない", "がおらず"],
};

const sexOf = (expr: Expr): string => (expr.op === "donor" ? japaneseCriterion(expr) : "");
const isAdjective = (expr: Expr): boolean =>
  expr.op === "donor" && expr.field === "SEX" && expr.values.length === 1 && expr.values[0] !== "OTHER";

const chain = (of: readonly Expr[]): string =>
  of.map((expr, i) => predicate(expr, false)[i === of.length - 1 ? "end" : "mid"]).join("、");

/** The predicate in the form that ends a clause, and in the one that goes on. Groups are in brackets. */
const predicate = (expr: Expr, denied: boolean): { readonly end: string; readonly mid: string } => {
  if (expr.op === "not" && !denied) return predicate(expr.of, true);
  const plain = (expr.op === "donor" || expr.op === "sample") && !(denied && isList(expr));
  const [stem, endings] = plain ? leaf(expr) : [`［${group(expr)}］`, HOLD];
  const [end, mid, notEnd, notMid] = endings;
  return denied ? { end: stem + notEnd, mid: stem + notMid } : { end: stem + end, mid: stem + mid };
};

const isList = (expr: DonorCriterion | SampleCriterion): boolean =>
  expr.op === "donor" ? expr.values.length > 1 : expr.tests.some((test) => "values" in test && test.values.length > 1);

const group = (expr: Expr): string => {
  switch (expr.op) {
    case "all":
      return expr.of.length === 0 ? "条件なし" : `${chain(expr.of)}こと`;
    case "any":
      return expr.of.length === 0 ? "該当なし" : expr.of.map((each) => predicate(each, false).end).join("、または");
    case "not":
      return predicate(expr.of, true).end;
    default:
      return predicate(expr, false).end;
  }
};

const leaf = (expr: DonorCriterion | SampleCriterion): readonly [stem: string, endings: Endings] => {
  if (expr.op === "sample") return expr.tests.length === 0 ? ["試料", SOME] : [sample(expr.tests), EXIST];
  return expr.field === "FAMILY" ? family(expr) : [japaneseCriterion(expr), ENDINGS[expr.field]];
};

/** The names of family values hold their predicate already: `同じバンクに血縁者がいる`. */
const family = (criterion: DonorCriterion): readonly [stem: string, endings: Endings] => {
  const [only, ...more] = criterion.values;
  const endings = more.length === 0 && only !== undefined ? FAMILY[only] : undefined;
  const asked = japaneseCriterion(criterion);
  return endings?.[0] && asked.endsWith(endings[0])
    ? [asked.slice(0, -endings[0].length), endings]
    : [`家族の条件「${criterion.values.map((value) => name(criterion, value)).join("」または「")}」`, HOLD];
};

const sample = (tests: readonly SampleTest[]): string => {
  const of = (...fields: readonly SampleTest["field"][]): readonly string[] =>
    fields.flatMap((field) => tests.filter((test) => test.field === field).map((test) => japaneseCriterion(test)));
  const collected = of("AGE_AT_COLLECTION", "COLLECTED_YEAR").map((each) => each.replace(/採取$/, ""));
  return [
    ...(collected.length > 0 ? [`${collected.join("")}採取した`] : []),
    ...of("SAMPLE_ORIGIN", "STORAGE").map((each) => `${each}の`),
    of("SAMPLE_TYPE").join("かつ") || "試料",
  ].join("");
};

const name = (criterion: DonorCriterion | SampleTest, value: string): string => {
  const { ja } = valueLabel(criterion.field, value);
  if (criterion.field !== "DISEASE") return ja;
  const code = value.slice(value.indexOf(":") + 1);
  const disease = ja === value ? "疾患" : ja.replace(`（${code}）`, "").replace(` (${code})`, "");
  const exactly = "descendants" in criterion && !criterion.descendants;
  return exactly ? `${disease}（${value}のみ、下位を含まない）` : `${disease}（${value}）`;
};
