import type { BrokenReason } from "../broken-reasons.ts";
import { type CellCounts, type Count, isUncertainty, type Uncertainty } from "../count.ts";
import type { Bounds, Release } from "../release.ts";
import { type Failed, failed } from "./failure.ts";
import { release } from "./lease.ts";
import type { Facet, Question } from "./question.ts";
import { understanding } from "./reading.ts";
import { isCount, list, members, object, parseAs, type Shape, type Shaped, tuple, wrong } from "./shape.ts";

/** The members of an answer to a question, from a bank that warrants these bounds. */
const answerTo = ({ facets }: Question, bounds: Bounds) => {
  const cell = cellWithin(bounds);
  return object({
    donors: (json) => count(json, "", bounds.donors),
    samples: (json) => count(json, "", bounds.samples),
    understanding: list(understanding),
    facets: tuple(facets.map((facet) => object({ cells: list(cell, cellsOf(facet)) }))),
  });
};

/**
 * A bank's answer to one question. `facets`: one entry per facet asked, its cells row by row (`by`) and column by column
 * (`across`).
 */
export type Answer = Shaped<ReturnType<typeof answerTo>>;

/** What `answers` returns: one slot per question, all from one release, or a failure of the bank as a whole. */
export type Answers =
  | { readonly release: Release; readonly answers: readonly (Answer | Failed)[] }
  | ({ readonly release: null } & Failed);

/**
 * Checks what a bank sent to one question. A reason of a newer contract is read as NOT_COUNTED.
 * @throws {WrongAnswer} `answers[0].donors.min: wanted an integer >= 0, got -1`
 */
export const parseAnswers = (
  json: unknown,
  asked: Question,
  bounds: Bounds,
): { readonly release: Release | null; readonly answer: Answer | Failed } => {
  const sent = parseAs("answers", json, members);
  if ("failure" in sent) return { release: null, answer: parseAs("answers", sent, failed) };
  const of = parseAs("answers.release", sent["release"], release);
  const [slot] = parseAs("answers.answers", sent["answers"], oneSlot);
  const shape: Shape<Answer | Failed> =
    "failure" in parseAs("answers[0]", slot, members) ? failed : answerTo(asked, bounds);
  return { release: of, answer: parseAs("answers[0]", slot, shape) };
};

const oneSlot = list((slot) => slot, 1);

const cellsOf = ({ by, across }: Facet): number => by.values.length * (across?.values.length ?? 1);

// An answer has thousands of cells: from here on shapes are spelled out, and no place is known before it is needed.

const cellWithin =
  (bounds: Bounds): Shape<CellCounts> =>
  (json) => {
    const { donors, samples } = members(json);
    return {
      donors: count(donors, ".donors", bounds.donors),
      samples: count(samples, ".samples", bounds.samples),
    };
  };

const count = (json: unknown, at: string, bound: number | null): Count => {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw wrong(at, "an object", json);
  const { min, max, because } = json as { readonly [key: string]: unknown };
  if (!isCount(min)) throw wrong(`${at}.min`, "an integer >= 0", min, notCount(min));
  if (max !== null && !isCount(max)) throw wrong(`${at}.max`, "an integer >= 0 or null", max, notCount(max));
  if (max !== null && min > max) throw wrong(at, "min <= max", `${min}..${max}`, "CONTRADICTION");
  if (bound !== null && min > bound) {
    throw wrong(`${at}.min`, `at most the bank's bound of ${bound}`, min, "ABOVE_BOUND");
  }
  if (!Array.isArray(because)) throw wrong(`${at}.because`, "a list", because);
  const reasons = because.length === 0 ? NONE : because.map(reasonOf);
  if ((reasons.length === 0) !== (min === max)) {
    throw wrong(`${at}.because`, min === max ? "no reason for an exact count" : "a reason", `${reasons.length}`);
  }
  return { min, max, because: reasons };
};

/** One list for the many counts that are exact: answers are kept in memory. */
const NONE: readonly Uncertainty[] = [];
const reasonOf = (reason: unknown): Uncertainty => (isUncertainty(reason) ? reason : "NOT_COUNTED");

const notCount = (json: unknown): BrokenReason =>
  typeof json === "number" && json < 0 ? "NEGATIVE_COUNT" : "NOT_A_COUNT";
