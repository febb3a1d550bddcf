import { codeSystem, isDiseaseSystem, splitDisease } from "./codes/disease-code.ts";
import { withdrawnCode } from "./codes/withdrawn.ts";
import { type CodeField, FIELDS, type FieldName, isNumberField, NOT_RECORDED } from "./fields.ts";
import { remember } from "./once.ts";
import { diseaseCode, type Withdrawal } from "./parse-disease.ts";
import { nearest, show, wanted } from "./question-error.ts";
import { text } from "./text.ts";
import { parseCurie, valuesOf } from "./vocabulary.ts";

/** One value of a field in its normal form. @throws {QuestionError} with suggestions. */
export const parseValue = (value: unknown, at: string, field: CodeField, withdrawn: Withdrawal = "none"): string => {
  if (typeof value !== "string") throw wanted(at, text("a text", "文字列"), show(value));
  if (FIELDS[field].values === "fixed") {
    const known = valuesOf(field);
    if (known.includes(value)) return value;
    throw wanted(at, text(`one of ${known.join(", ")}`, `${known.join(", ")} のいずれか`), show(value), {
      suggestions: nearest(value, known),
    });
  }
  if (field === "CENTRE") {
    const id = value.trim().toLowerCase();
    if (/^[a-z0-9-]+\/[a-z0-9-]+$/.test(id)) return id;
    throw wanted(at, text("the id of a centre such as ncbn/ncgg", "ncbn/ncgg のような施設 ID"), show(value));
  }
  if (field === "DISEASE") return diseaseCode(value, at, withdrawn);
  const curie = parseCurie(value.normalize("NFKC").trim());
  if (curie?.system !== "PROGRAMME") {
    throw wanted(
      at,
      text(
        "a code of PROGRAMME with its system, such as PROGRAMME:CONTROL_GROUP",
        "PROGRAMME:CONTROL_GROUP のような体系付きのコード（PROGRAMME）",
      ),
      show(value),
      { suggestions: /^\w{1,40}$/.test(value) ? [`PROGRAMME:${value.toUpperCase()}`] : [] },
    );
  }
  if (/^[A-Z0-9_]+$/.test(curie.code)) return `${curie.system}:${curie.code}`;
  throw wanted(at, text("capital letters, digits and _ after the colon", "コロンの後は英大文字・数字・_"), show(value));
};

/** Whether a value in its normal form is one of the field: a code or an enum name in use, a number or a band. */
export const isKnownValue = (field: FieldName, value: string): boolean => {
  if (value === NOT_RECORDED) return true;
  if (isNumberField(field)) return BAND.test(value);
  if (FIELDS[field].values === "fixed") return valuesOf(field).includes(value);
  return field !== "DISEASE" || isKnownDisease(value);
};

const isKnownDisease = remember((value) => {
  const [system, code] = splitDisease(value);
  if (!isDiseaseSystem(system)) return false;
  return codeSystem(system).normalize(code) === code && withdrawnCode(system, code) === null;
});

const BAND = /^\d{1,4}(?:-\d{1,4})?$/;
