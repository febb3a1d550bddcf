import type { QuestionJson, ReadingJson, UnderstandingJson } from "../../schema/answer.ts";
import { type Canonical, canonical } from "../../schema/canonical.ts";
import { parseWhere } from "../../schema/parse.ts";
import { explain, localLabel } from "./explain.ts";
import type { FieldReader } from "./read-field.ts";
import { readCriterion } from "./understand.ts";

/** A subgraph takes what a gateway has checked: its own limits only stop what could harm it. */
const SUBGRAPH_LIMITS = { criteria: 1_000, depth: 64, codes: 10_000 };

/** A bank that codes in a system itself has too many codes to show; where they are not what was asked, some are shown. */
const MOST_SHOWN = 20;

/** The canonical question that a gateway sent. @throws {QuestionError} */
export const readQuestion = (question: QuestionJson): Canonical =>
  canonical(parseWhere(question.where, SUBGRAPH_LIMITS));

/** How the bank would read a question. Counts nothing and asks no local API. */
export const reading = (question: QuestionJson, reader: FieldReader): ReadingJson => {
  const fields = question.facets.flatMap(({ by, across }) => [
    by.field,
    ...(across === undefined ? [] : [across.field]),
  ]);
  const lost = fields.filter((field) => reader.capability(field, "DONORS") === undefined);
  return { understanding: understandingOf(readQuestion(question), reader), lostFacets: [...new Set(lost)] };
};

/** What the bank makes of each criterion. */
export const understandingOf = ({ criteria }: Canonical, reader: FieldReader): readonly UnderstandingJson[] =>
  criteria.map((at) => {
    const unit = reader.capability(at.field, "DONORS") === undefined ? "SAMPLES" : "DONORS";
    const found = readCriterion(at.criterion, reader, unit);
    const own = reader.mapping.fields[at.field]?.system === null;
    const local = own ? found.local : found.verdict === "BROADER" ? found.local.slice(0, MOST_SHOWN) : [];
    return {
      path: at.path,
      field: at.field,
      verdict: found.verdict,
      local: local.map((code) => ({ value: code.code, label: localLabel(at.field, code) })),
      says: explain(at, found, reader),
    };
  });
