import type { BrokenReason } from "../broken-reasons.ts";
import { type CellCounts, type Count, isUncertainty, type Uncertainty } from "../count.ts";
import type { Bounds, Release } from "../release.ts";
import { type Failed, failed } from "./failure.ts";
import { release } from "./lease.ts";
import type { Facet, Question } from "./question.ts";
import { type Understanding, understanding } from "./reading.ts";
import { isCount, items, list, members, parseAs, WrongAnswer, wrong } from "./shape.ts";

/**
 * A bank's answer to one question. `facets`: one entry per facet asked, its cells row by row (`by`) and column by column
 * (`across`).
 */
export type Answer = CellCounts & {
  readonly understanding: readonly Understanding[];
  readonly facets: readonly { readonly cells: readonly CellCounts[] }[];
};

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
  const sent = members(json, "answers");
  if ("failure" in sent) return { release: null, answer: parseAs("answers", sent, failed) };
  const of = parseAs("answers.release", sent["release"], release);
  const [answer] = items(sent["answers"], "answers.answers", 1);
  const slot = members(answer, "answers[0]");
  return {
    release: of,
    answer: "failure" in slot ? parseAs("answers[0]", slot, failed) : answerIn(slot, asked, bounds),
  };
};

const understandings = list(understanding);

const answerIn = (slot: { readonly [key: string]: unknown }, { facets }: Question, bounds: Bounds): Answer => {
  const tables = items(slot["facets"], "answers[0].facets", facets.length);
  return {
    ...countsIn(slot, "answers[0]", bounds),
    understanding: parseAs("answers[0].understanding", slot["understanding"], understandings),
    facets: facets.map((facet, i) => {
      const at = `answers[0].facets[${i}]`;
      return { cells: cellsIn(members(tables[i], at)["cells"], `${at}.cells`, cellsOf(facet), bounds) };
    }),
  };
};

const cellsOf = ({ by, across }: Facet): number => by.values.length * (across?.values.length ?? 1);

/** There may be thousands of cells: their places are put together only where something is wrong. */
const cellsIn = (json: unknown, at: string, length: number, bounds: Bounds): readonly CellCounts[] =>
  items(json, at, length).map((cell, i) => {
    try {
      return countsIn(cell, "", bounds);
    } catch (error) {
      if (!(error instanceof WrongAnswer)) throw error;
      throw new WrongAnswer(`${at}[${i}]${error.place}`, error.fault, error.reason);
    }
  });

const countsIn = (json: unknown, at: string, bounds: Bounds): CellCounts => {
  const { donors, samples } = members(json, at);
  return {
    donors: count(donors, `${at}.donors`, bounds.donors),
    samples: count(samples, `${at}.samples`, bounds.samples),
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
