import { expect, test } from "vitest";
import { countOf, exactCount } from "../../../schema/count.ts";
import { parseAnswers } from "../../../schema/wire/answer.ts";
import type { Question } from "../../../schema/wire/question.ts";
import { parseReadings } from "../../../schema/wire/reading.ts";
import { answer, answered, failure, reading } from "../../gateway/fake-subgraph.ts";

const QUESTION: Question = {
  v: 1,
  where: { sex: ["FEMALE"] },
  facets: [
    { by: { field: "SEX", values: ["FEMALE", "MALE"] }, across: { field: "USE", values: ["ACADEMIC", "COMMERCIAL"] } },
  ],
};
const BOUNDS = { donors: 100, samples: null };
const GOOD = answer(QUESTION, countOf(3, 9, ["ROUNDED"]), exactCount(20));
const CELL = { donors: exactCount(1), samples: exactCount(1) };
const read = (json: unknown) => parseAnswers(json, QUESTION, BOUNDS);

test("a good answer is read as it came", () => {
  expect(read(answered("a", GOOD))).toEqual({
    release: { id: "a@1", date: "2026-04-01", kind: "ANNOUNCED" },
    answer: GOOD,
  });
});

test("a failure of the bank, and one of the question", () => {
  expect(read(failure("BANK_BUSY", 300))).toMatchObject({
    release: null,
    answer: { failure: { code: "BANK_BUSY", retryAfterMs: 300 } },
  });
  expect(read(answered("a", failure("BANK_UNSUPPORTED")))).toMatchObject({
    release: { id: "a@1" },
    answer: { failure: { code: "BANK_UNSUPPORTED" } },
  });
});

test("words of a newer contract make the answer wider, never wrong", () => {
  const [entry] = GOOD.understanding;
  const newer = {
    ...GOOD,
    donors: { min: 3, max: 9, because: ["FOG", "ROUNDED"] },
    understanding: [{ ...entry, verdict: "NEARLY" }],
  };
  const { answer: got } = read(answered("a", newer));
  expect(got).toMatchObject({
    donors: { because: ["NOT_COUNTED", "ROUNDED"] },
    understanding: [{ verdict: "UNSUPPORTED" }],
  });
});

test.each<[string, unknown, string]>([
  ["nothing", undefined, "answers: wanted an object, got undefined"],
  ["no slot", { ...answered("a", GOOD), answers: [] }, "answers.answers: wanted a list of 1, got one of 0"],
  ["no release", { ...answered("a", GOOD), release: null }, "answers.release: wanted an object, got null"],
  ["a text for a count", slot({ donors: "12" }), "answers[0].donors: wanted an object, got 12"],
  [
    "a text in a count",
    slot({ donors: { min: "12", max: 12, because: [] } }),
    "answers[0].donors.min: wanted an integer >= 0, got 12",
  ],
  [
    "a negative count",
    slot({ donors: { min: -1, max: 3, because: ["ROUNDED"] } }),
    "answers[0].donors.min: wanted an integer >= 0, got -1",
  ],
  [
    "a fraction",
    slot({ samples: { min: 0.5, max: 3, because: ["ROUNDED"] } }),
    "answers[0].samples.min: wanted an integer >= 0, got 0.5",
  ],
  [
    "no maximum",
    slot({ samples: { min: 1, because: ["ROUNDED"] } }),
    "answers[0].samples.max: wanted an integer >= 0 or null, got undefined",
  ],
  [
    "ends the wrong way round",
    slot({ donors: { min: 9, max: 3, because: ["ROUNDED"] } }),
    "answers[0].donors: wanted min <= max, got 9..3",
  ],
  [
    "more than the bank warrants",
    slot({ donors: exactCount(101) }),
    "answers[0].donors.min: wanted at most the bank's bound of 100, got 101",
  ],
  [
    "an interval without a reason",
    slot({ donors: { min: 1, max: 3, because: [] } }),
    "answers[0].donors.because: wanted a reason, got 0",
  ],
  [
    "an exact count with a reason",
    slot({ donors: { min: 3, max: 3, because: ["ROUNDED"] } }),
    "answers[0].donors.because: wanted no reason for an exact count, got 1",
  ],
  ["no facets", slot({ facets: [] }), "answers[0].facets: wanted a list of 1, got one of 0"],
  [
    "a cell too few",
    slot({ facets: [{ cells: [CELL, CELL, CELL] }] }),
    "answers[0].facets[0].cells: wanted a list of 4, got one of 3",
  ],
  [
    "a broken cell",
    slot({ facets: [{ cells: [CELL, CELL, CELL, { donors: exactCount(1) }] }] }),
    "answers[0].facets[0].cells[3].samples: wanted an object, got undefined",
  ],
  [
    "an unknown field",
    slot({ understanding: [{ path: "x", field: "HEIGHT" }] }),
    "answers[0].understanding[0].field: wanted a field of the contract, got HEIGHT",
  ],
])("%s is a broken answer", (_, json, message) => {
  expect(() => read(json)).toThrow(message);
});

test("a reading is checked the same way", () => {
  expect(parseReadings([reading(QUESTION)], 1)).toEqual([reading(QUESTION)]);
  expect(() => parseReadings({}, 1)).toThrow("readings: wanted a list, got an object");
  expect(() => parseReadings([{ lostFacets: [] }], 1)).toThrow(
    "readings[0].understanding: wanted a list, got undefined",
  );
});

function slot(change: object): unknown {
  return answered("a", { ...GOOD, ...change });
}
