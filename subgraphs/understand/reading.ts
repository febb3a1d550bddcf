import { type Canonical, canonical, criteriaOf } from "../../schema/canonical.ts";
import { readWhere } from "../../schema/parse.ts";
import type { CriterionAt, UnknownAt, UnknownPart } from "../../schema/question.ts";
import { text } from "../../schema/text.ts";
import type { Question, ReceivedQuestion } from "../../schema/wire/question.ts";
import type { Understanding } from "../../schema/wire/reading.ts";
import { explain, localLabel } from "./explain.ts";
import { interpretCriterion } from "./inner-and-outer.ts";
import type { Interpreter } from "./interpret.ts";

/** A gateway has checked what an asker may ask. These only bound what reading a question costs: the rest is UNSUPPORTED. */
const SUBGRAPH_LIMITS = { criteria: 1_000, depth: 64, codes: 10_000 };

/** A bank that codes in a system itself has too many codes to show; where they are not what was asked, some are shown. */
const MOST_SHOWN = 20;

/**
 * The criteria of a question, in canonical form. The gateway sent them in that form already; a bank does not rely on it,
 * since the plan and the cache of its readings do. Paths are those of the question as it came.
 */
export const readQuestion = ({ where }: Question): Canonical<UnknownPart> => {
  const sent = readWhere(where, SUBGRAPH_LIMITS);
  return { ...canonical(sent), criteria: criteriaOf(sent) };
};

/** How the bank would read a question. Counts nothing and asks no local API. `lostFacets`: names as they were sent. */
export const reading = ({ known, facets }: ReceivedQuestion, interpreter: Interpreter): BankReading => {
  const fields = known.facets.flatMap(({ by, across }) => [by.field, across?.field ?? []].flat());
  const lost = [
    ...fields.filter((field) => interpreter.capability(field, "DONORS") === undefined),
    ...facets.flatMap((facet) => facet.lost),
  ];
  return { understanding: understandingOf(readQuestion(known), interpreter), lostFacets: [...new Set(lost)] };
};

export type BankReading = {
  readonly understanding: readonly Understanding[];
  readonly lostFacets: readonly string[];
};

/** What the bank makes of each criterion. */
export const understandingOf = (
  { criteria }: Canonical<UnknownPart>,
  interpreter: Interpreter,
): readonly Understanding[] =>
  criteria.map((at) => {
    if (isUnknown(at)) return notKnown(at, interpreter);
    const unit = interpreter.capability(at.field, "DONORS") === undefined ? "SAMPLES" : "DONORS";
    const found = interpretCriterion(at.criterion, interpreter, unit);
    const own = interpreter.mapping.fields[at.field]?.system === null;
    const local = own ? found.local : found.verdict === "BROADER" ? found.local.slice(0, MOST_SHOWN) : [];
    return {
      path: at.path,
      field: at.field,
      verdict: found.verdict,
      local: local.map((code) => ({ value: code.code, label: localLabel(at.field, code) })),
      says: explain(at, found, interpreter),
    };
  });

const isUnknown = (at: CriterionAt | UnknownAt): at is UnknownAt => "json" in at.criterion;

const notKnown = ({ path, field }: UnknownAt, { mapping: { name } }: Interpreter): Understanding => ({
  path,
  field,
  verdict: "UNSUPPORTED",
  local: [],
  says: text(
    `${name.en} does not know this criterion yet: nothing is counted for sure, and all the rest may fit.`,
    `${name.ja}はこの条件にまだ対応していません。確実な数はなく、残りの条件に合うものすべてが該当しえます。`,
  ),
});
