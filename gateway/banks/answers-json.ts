import type {
  AnswerJson,
  CellCounts,
  Count,
  FailureJson,
  QuestionJson,
  ReadingJson,
  ReleaseJson,
  Uncertainty,
  UnderstandingJson,
  Verdict,
} from "../../schema/answer.ts";
import { type BrokenReason, isBrokenReason } from "../../schema/broken-reasons.ts";
import { isUncertainty } from "../../schema/count.ts";
import { FIELD_NAMES, type FieldName } from "../../schema/fields.ts";
import type { Text } from "../../schema/text.ts";

/** Upper bounds that the bank warrants; null: none. */
export type Bounds = { readonly donors: number | null; readonly samples: number | null };

/**
 * Checks what a bank sent to one question: AnswersJson with one slot. Words of a newer contract are read with caution: an
 * unknown reason as NOT_COUNTED, an unknown verdict as UNSUPPORTED.
 * @throws {Error} `answers[0].donors.min: wanted an integer >= 0, got -1`
 */
export const readAnswers = (
  json: unknown,
  asked: QuestionJson,
  bounds: Bounds,
): { readonly release: ReleaseJson | null; readonly answer: AnswerJson | FailureJson } => {
  const answers = object(json, "answers");
  if ("failure" in answers) return { release: null, answer: failure(answers["failure"], "answers.failure") };
  const release = releaseOf(answers["release"], "answers.release");
  const [slot] = list(answers["answers"], "answers.answers", 1);
  const answer = object(slot, "answers[0]");
  if ("failure" in answer) return { release, answer: failure(answer["failure"], "answers[0].failure") };
  const facets = list(answer["facets"], "answers[0].facets", asked.facets.length);
  return {
    release,
    answer: {
      ...cell(answer, "answers[0]", bounds),
      understanding: understandings(answer["understanding"], "answers[0].understanding"),
      facets: facets.map((facet, i) => {
        const { by, across } = asked.facets[i]!;
        const at = `answers[0].facets[${i}]`;
        const size = by.values.length * (across?.values.length ?? 1);
        const cells = list(object(facet, at)["cells"], `${at}.cells`, size);
        return { cells: cells.map((one, k) => cell(one, () => `${at}.cells[${k}]`, bounds)) };
      }),
    },
  };
};

/** Checks what a bank sent as its reading of one question. @throws {Error} as readAnswers does */
export const readReadings = (json: unknown): ReadingJson => {
  const [slot] = list(json, "readings", 1);
  const reading = object(slot, "readings[0]");
  return {
    understanding: understandings(reading["understanding"], "readings[0].understanding"),
    lostFacets: list(reading["lostFacets"], "readings[0].lostFacets").filter(isField),
  };
};

/** What a bank sent is not what it may send. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
  readonly reason: BrokenReason;

  constructor(message: string, reason: BrokenReason) {
    super(message);
    this.reason = reason;
  }
}

type Json = { readonly [key: string]: unknown };

/** Where something stands in what was sent. Of the many counts it is only worked out where one is wrong. */
type Place = string | (() => string);
const nameOf = (at: Place): string => (typeof at === "string" ? at : at());

const wrong = (at: Place, wanted: string, got: unknown, reason: BrokenReason = "WRONG_FORM"): Error => {
  const shown = typeof got === "object" && got !== null ? (Array.isArray(got) ? "a list" : "an object") : String(got);
  return new WrongAnswer(`${nameOf(at)}: wanted ${wanted}, got ${shown.slice(0, 40)}`, reason);
};

const object = (value: unknown, at: Place): Json => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw wrong(at, "an object", value);
};

const list = (value: unknown, at: Place, length?: number): readonly unknown[] => {
  if (!Array.isArray(value)) throw wrong(at, "a list", value);
  if (length !== undefined && value.length !== length) throw wrong(at, `a list of ${length}`, `one of ${value.length}`);
  return value;
};

const string = (value: unknown, at: string): string => {
  if (typeof value === "string" && value !== "") return value;
  throw wrong(at, "a text", value);
};

const cell = (value: unknown, at: Place, bounds: Bounds): CellCounts => {
  const counts = object(value, at);
  return {
    donors: count(counts["donors"], () => `${nameOf(at)}.donors`, bounds.donors),
    samples: count(counts["samples"], () => `${nameOf(at)}.samples`, bounds.samples),
  };
};

/** The largest Int of GraphQL. */
const MOST = 2 ** 31 - 1;

const count = (value: unknown, at: Place, bound: number | null): Count => {
  const { min, max, because } = object(value, at);
  if (!isCount(min)) throw wrong(`${nameOf(at)}.min`, "an integer >= 0", min, notCount(min));
  if (max !== null && !isCount(max)) throw wrong(`${nameOf(at)}.max`, "an integer >= 0 or null", max, notCount(max));
  if (max !== null && min > max) throw wrong(at, "min <= max", `${min}..${max}`, "CONTRADICTION");
  if (bound !== null && min > bound) {
    throw wrong(`${nameOf(at)}.min`, `at most the bank's bound of ${bound}`, min, "ABOVE_BOUND");
  }
  const said = list(because, () => `${nameOf(at)}.because`);
  const reasons = said.length === 0 ? NONE : said.map(reasonOf);
  if ((reasons.length === 0) !== (min === max)) {
    throw wrong(
      `${nameOf(at)}.because`,
      min === max ? "no reason for an exact count" : "a reason",
      `${reasons.length}`,
    );
  }
  return { min, max, because: reasons };
};

/** Of most counts. One list for all of them: answers are kept. */
const NONE: readonly Uncertainty[] = [];
const reasonOf = (reason: unknown): Uncertainty => (isUncertainty(reason) ? reason : "NOT_COUNTED");

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST;

const notCount = (value: unknown): BrokenReason =>
  typeof value === "number" && value < 0 ? "NEGATIVE_COUNT" : "NOT_A_COUNT";

const failure = (value: unknown, at: string): FailureJson => {
  const { code, message, retryAfterMs, reason } = object(value, at);
  return {
    failure: {
      code: string(code, `${at}.code`),
      message: string(message, `${at}.message`),
      retryAfterMs: isCount(retryAfterMs) ? retryAfterMs : null,
      ...(isBrokenReason(reason) ? { reason } : {}),
    },
  };
};

const releaseOf = (value: unknown, at: string): ReleaseJson => {
  const { id, date, kind } = object(value, at);
  if (kind !== "ANNOUNCED" && kind !== "WATCHED") throw wrong(`${at}.kind`, "ANNOUNCED or WATCHED", kind);
  return { id: string(id, `${at}.id`), date: string(date, `${at}.date`), kind };
};

const isField = (value: unknown): value is FieldName => FIELD_NAMES.some((name) => name === value);

const VERDICTS: readonly Verdict[] = [
  "EXACT",
  "BROADER",
  "NARROWER",
  "PARTLY_RECORDED",
  "NOT_COLLECTED",
  "UNSUPPORTED",
];

const understandings = (value: unknown, at: string): readonly UnderstandingJson[] =>
  list(value, at).map((entry, i) => {
    const { path, field, verdict, local, says } = object(entry, `${at}[${i}]`);
    if (!isField(field)) throw wrong(`${at}[${i}].field`, "a field of the contract", field);
    return {
      path: string(path, `${at}[${i}].path`),
      field,
      verdict: VERDICTS.find((known) => known === verdict) ?? "UNSUPPORTED",
      local: list(local, `${at}[${i}].local`).map((one, k) => {
        const code = object(one, `${at}[${i}].local[${k}]`);
        return { value: String(code["value"]), label: textOf(code["label"], `${at}[${i}].local[${k}].label`) };
      }),
      says: textOf(says, `${at}[${i}].says`),
    };
  });

const textOf = (value: unknown, at: string): Text => {
  const { en, ja } = object(value, at);
  if (typeof en !== "string" || typeof ja !== "string") throw wrong(at, "a text in English and Japanese", value);
  return value as Text;
};
