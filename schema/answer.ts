// Earlier names of what stands in `wire/` and beside it.
export type { CellCounts, Count, Uncertainty } from "./count.ts";
export { NOT_RECORDED } from "./fields.ts";
export type { Verdict } from "./verdict.ts";
export type { Answer as AnswerJson, Answers as AnswersJson } from "./wire/answer.ts";
export type { Failed as FailureJson } from "./wire/failure.ts";
export type { Lease as LeaseJson } from "./wire/lease.ts";
export type { Axis, Facet as FacetJson, Question as QuestionJson, Where as WhereJson } from "./wire/question.ts";
export type { Reading as ReadingJson, Understanding as UnderstandingJson } from "./wire/reading.ts";
