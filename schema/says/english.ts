import type { CodeField } from "../fields.ts";
import type { DonorCriterion, Expr, SampleCriterion, SampleTest } from "../question.ts";
import { rangeLabel, valueLabel } from "../vocabulary.ts";

/** A question in English: `Female donors with asthma (ICD10:J45), and with a DNA sample.` */
export const englishQuestion = (where: Expr): string => {
  if (where.op === "any" && where.of.length === 0) return "No donors.";
  const parts = where.op === "all" ? where.of : [where];
  const sex = parts.findIndex(isAdjective);
  const rest = parts.filter((_, i) => i !== sex);
  const donors =
    sex >= 0 ? `${ADJECTIVES[valuesOf(parts[sex]!)[0]!]} donors` : parts.length > 0 ? "Donors" : "All donors";
  if (rest.length === 0) return `${donors}.`;
  return `${donors} ${where.op === "any" ? either(where.of) : series(rest, "and")}.`;
};

/** What one criterion asks for, in English. */
export const englishCriterion = (criterion: DonorCriterion | SampleTest): string => {
  if (!("values" in criterion)) {
    const range = rangeLabel(criterion.field, criterion.from, criterion.to).en;
    return criterion.field === "AGE_AT_COLLECTION" ? `collected at ${range}` : `collected in ${range}`;
  }
  const names = criterion.values.map((value) => name(criterion, value));
  if (criterion.field === "SAMPLE_TYPE") return `${list(names.map((each) => each.replace(/cells$/, "cell")))} sample`;
  if (criterion.field === "STORAGE") {
    return `stored ${list(criterion.values.map((value, i) => `${value === "LN2" ? "in" : "at"} ${names[i]}`))}`;
  }
  return WORDS[criterion.field]?.(list(names)) ?? list(names);
};

/** What a field's values are called; of other fields, by their names alone. */
const WORDS: { readonly [F in CodeField]?: (names: string) => string } = {
  DATA: (names) => `${names} data`,
  CENTRE: (names) => `centre ${names}`,
  PROGRAMME: (names) => `programme ${names}`,
  SAMPLE_ORIGIN: (names) => `of ${names} origin`,
};

const ADJECTIVES: { readonly [sex: string]: string } = { FEMALE: "Female", MALE: "Male" };
const valuesOf = (expr: Expr): readonly string[] => (expr.op === "donor" ? expr.values : []);
const isAdjective = (expr: Expr): boolean =>
  expr.op === "donor" && expr.field === "SEX" && expr.values.length === 1 && expr.values[0]! in ADJECTIVES;

/** The words after "donors"; a group is in brackets. */
const clause = (expr: Expr): string => {
  switch (expr.op) {
    case "all":
      return expr.of.length === 0 ? "(of any kind)" : `(${series(expr.of, "and")})`;
    case "any":
      return expr.of.length === 0 ? "(of no kind)" : `(${either(expr.of)})`;
    case "not":
      return without(expr.of);
    case "donor":
      return donor(expr);
    case "sample":
      return sample(expr);
  }
};

const either = (of: readonly Expr[]): string => `either ${series(of, "or")}`;
const series = (of: readonly Expr[], word: "and" | "or"): string => {
  const clauses = of.map(clause);
  return clauses.length < 2 ? clauses.join() : `${clauses.slice(0, -1).join(", ")}, ${word} ${clauses.at(-1)}`;
};

/** "without asthma", "not in a patient cohort"; in brackets where the words alone would leave open what is denied. */
const without = (expr: Expr): string => {
  const words = clause(expr);
  if (expr.op === "sample" && expr.tests.length === 0) return "without any sample";
  if (isPlain(expr)) return words.startsWith("with ") ? `without ${words.slice("with ".length)}` : `not ${words}`;
  return expr.op === "all" || expr.op === "any" ? `not ${words}` : `not (${words})`;
};

const isPlain = (expr: Expr): boolean => {
  if (expr.op === "donor") return expr.values.length === 1 && (expr.field !== "DISEASE" || expr.descendants);
  return expr.op === "sample" && expr.tests.every((each) => !("values" in each) || each.values.length === 1);
};

const donor = (criterion: DonorCriterion): string => {
  const { field, values } = criterion;
  if (field === "SEX") return `of ${list(values.map((value) => name(criterion, value).replace(/ sex$/, "")))} sex`;
  if (field !== "FAMILY") return `${BEFORE[field]} ${englishCriterion(criterion)}`;
  return list(values.map((value) => `${value === "TRIO" ? "in a" : "with"} ${name(criterion, value)}`));
};

/** The words between "donors" and what is asked of them. */
const BEFORE = {
  COHORT: "in a",
  PROGRAMME: "in the",
  USE: "with consent to",
  CENTRE: "of the",
  DATA: "with",
  DISEASE: "with",
} as const;

const sample = ({ tests }: SampleCriterion): string => {
  if (tests.length === 0) return "with at least one sample";
  const of = (field: SampleTest["field"]): readonly string[] =>
    tests.filter((each) => each.field === field).map((each) => englishCriterion(each));
  const kind = of("SAMPLE_TYPE").join(" and ") || "sample";
  const collected = [...of("AGE_AT_COLLECTION"), ...of("COLLECTED_YEAR")]
    .join(" and ")
    .replaceAll("and collected", "and");
  const after = [of("SAMPLE_ORIGIN").join(" and "), collected, of("STORAGE").join(" and ")].filter(
    (part) => part !== "",
  );
  const article = /^(?:[aeio]|RNA|FFPE)/.test(kind) ? "an" : "a";
  return [`with ${article} ${kind}`, after[0], ...after.slice(1).map((part) => `and ${part}`)]
    .filter(Boolean)
    .join(" ");
};

const name = (criterion: DonorCriterion | SampleTest, value: string): string => {
  const { en } = valueLabel(criterion.field, value);
  if (criterion.field !== "DISEASE") return en;
  const code = value.slice(value.indexOf(":") + 1);
  const disease = en === value ? "disease" : lowered(en.replace(` (${code})`, ""));
  const exactly = "descendants" in criterion && !criterion.descendants;
  return exactly ? `${disease}, exactly coded ${value} (nothing below it)` : `${disease} (${value})`;
};

const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;

/** Names that begin with somebody's, or with a place or a genus, keep their capital letter. */
const PROPER = /^(?:African|Chlamydia|Down|Eustachian|Hodgkin|Merkel|Plasmodium|Streptococcus|\w+'s?)\b/;
const lowered = (label: string): string =>
  /^[A-Z][a-z,-]+(?: |$)/.test(label) && !PROPER.test(label) ? `${label[0]!.toLowerCase()}${label.slice(1)}` : label;
