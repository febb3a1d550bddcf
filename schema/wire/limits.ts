import { CALL_LIMITS } from "../question-limits.ts";
import { isRecord, wrong } from "./shape.ts";

/**
 * Refuses what costs more than any gateway asks, before it is read. Nothing else is checked: a question of a newer gateway is
 * read as far as it is known. @throws {WrongAnswer}
 */
export const checkCost = (questions: readonly unknown[], most: number): void => {
  if (questions.length > most) throw tooMuch("questions", `at most ${most}`, questions.length);
  let values = 0;
  let cells = 0;
  const count = (json: unknown, at: string, level: number): void => {
    if (level > CALL_LIMITS.levels) throw tooMuch(at, `at most ${CALL_LIMITS.levels} levels`, "more");
    if (Array.isArray(json)) {
      for (const item of json) count(item, at, level + 1);
      return;
    }
    if (isRecord(json)) {
      for (const [key, value] of Object.entries(json)) {
        checkText(key, at);
        count(value, at, level + 1);
      }
      return;
    }
    if (typeof json === "string") checkText(json, at);
    values += 1;
    if (values > CALL_LIMITS.values) throw tooMuch("questions", `at most ${CALL_LIMITS.values} values`, "more");
  };
  for (const [i, question] of questions.entries()) {
    const at = `questions[${i}]`;
    const { facets, ...beside } = isRecord(question) ? question : { question };
    count(beside, at, 1);
    cells += cellsIn(facets, `${at}.facets`);
    if (cells > CALL_LIMITS.cells) throw tooMuch("questions", `at most ${CALL_LIMITS.cells} cells`, cells);
  }
};

const cellsIn = (facets: unknown, at: string): number => {
  if (!Array.isArray(facets)) return 0;
  if (facets.length > CALL_LIMITS.facets) throw tooMuch(at, `at most ${CALL_LIMITS.facets}`, facets.length);
  let all = 0;
  for (const [i, facet] of facets.entries()) {
    if (!isRecord(facet)) continue;
    const { by, across } = facet;
    const cells = axisLength(by, `${at}[${i}].by`) * (isRecord(across) ? axisLength(across, `${at}[${i}].across`) : 1);
    if (cells > CALL_LIMITS.cellsPerFacet)
      throw tooMuch(`${at}[${i}]`, `at most ${CALL_LIMITS.cellsPerFacet} cells`, cells);
    all += cells;
  }
  return all;
};

const axisLength = (axis: unknown, at: string): number => {
  if (!isRecord(axis)) return 0;
  const { field, values } = axis;
  if (typeof field === "string") checkText(field, `${at}.field`);
  if (!Array.isArray(values)) return 0;
  if (values.length > CALL_LIMITS.axisValues) {
    throw tooMuch(`${at}.values`, `at most ${CALL_LIMITS.axisValues}`, values.length);
  }
  for (const value of values) if (typeof value === "string") checkText(value, `${at}.values`);
  return values.length;
};

const checkText = (text: string, at: string): void => {
  if (text.length > CALL_LIMITS.characters) {
    throw tooMuch(at, `texts of at most ${CALL_LIMITS.characters} characters`, text.length);
  }
};

const tooMuch = (at: string, wanted: string, got: unknown) => wrong(at, wanted, got, "TOO_LARGE");
