import { canonical } from "../../schema/canonical.ts";
import type { FieldName } from "../../schema/fields.ts";
import type { CriterionAt } from "../../schema/question.ts";
import type { Question } from "../../schema/wire/question.ts";
import type { Reading } from "../../schema/wire/reading.ts";
import type { Call } from "../banks/answering.ts";
import type { Bank } from "../banks/bank.ts";
import type { AskedQuestion } from "./asked-question.ts";

/**
 * How a bank would read a question, put together from how it reads each criterion and each field of a breakdown: so a bank
 * is asked about each of them once in an edition, whatever else a question says. Null where the bank has not said it in time.
 */
export const bankReading = async (
  bank: Bank,
  asked: Pick<AskedQuestion, "criteria" | "facets">,
  call: Call,
): Promise<Reading | null> => {
  const { criteria } = asked;
  const questions = questionsOf(asked);
  if (questions.length === 0) return { understanding: [], lostFacets: [] };
  const readings = await bank.readings(questions, call);
  if (readings.includes(null)) return null;
  const understanding = criteria.flatMap(({ path }, i) =>
    (readings[i]?.understanding ?? []).map((entry) => ({ ...entry, path })),
  );
  const lost = readings.slice(criteria.length).flatMap((reading) => reading?.lostFacets ?? []);
  return { understanding, lostFacets: [...new Set(lost)] };
};

const questionsAsked = new WeakMap<object, readonly Question[]>();
/** One question for each criterion and each field; worked out once, since every bank is asked the same ones. */
const questionsOf = (asked: Pick<AskedQuestion, "criteria" | "facets">): readonly Question[] => {
  const known = questionsAsked.get(asked);
  if (known !== undefined) return known;
  const questions = [...asked.criteria.map(askCriterion), ...fieldsOf(asked.facets).map(askField)];
  questionsAsked.set(asked, questions);
  return questions;
};

/** The fields that a question is broken down by, each once. */
export const fieldsOf = (facets: AskedQuestion["facets"]): readonly FieldName[] => [
  ...new Set(facets.flatMap(({ by, across }) => (across === null ? [by.field] : [by.field, across.field]))),
];

const askCriterion = ({ criterion }: CriterionAt): Question => {
  const { where } = canonical("op" in criterion ? criterion : { op: "sample", tests: [criterion] });
  return { v: 1, where, facets: [] };
};

const askField = (field: FieldName): Question => ({ v: 1, where: {}, facets: [{ by: { field, values: [] } }] });
