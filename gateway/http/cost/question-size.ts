import { QuestionError } from "../../../schema/question-error.ts";
import type { Card } from "../../../schema/wire/card.ts";
import { type FacetInput, type FacetSize, facetSize } from "../../search/facets.ts";

/** How large a question is, before anything of it is checked. */
export type QuestionSize = {
  readonly criteria: number;
  /** Codes and other values of all criteria. */
  readonly codes: number;
  readonly facets: number;
  /** Cells that its tables list, of all facets. */
  readonly listed: number;
  /** Cells that every bank is asked for, of all facets. */
  readonly cells: number;
};

/** Arguments of a search, a reading or an availability, as they came. */
export type QuestionArgs = {
  readonly where?: unknown;
  readonly facets?: readonly FacetInput[] | null;
};

/** Where nothing is asked. */
export const NO_QUESTION: QuestionSize = { criteria: 0, codes: 0, facets: 0, listed: 0, cells: 0 };

/** @param banks those that are asked @param year the one that collection years are listed up to */
export const questionSize = ({ where, facets }: QuestionArgs, banks: readonly Card[], year: number): QuestionSize => {
  const size = { criteria: 0, codes: 0 };
  addCriteria(where, size);
  const tables = (facets ?? []).map((facet) => sizeOf(facet, banks, year));
  return {
    ...size,
    facets: tables.length,
    listed: tables.reduce((sum, { listed }) => sum + listed, 0),
    cells: tables.reduce((sum, { asked }) => sum + asked, 0),
  };
};

const addCriteria = (where: unknown, size: { criteria: number; codes: number }): void => {
  if (typeof where !== "object" || where === null) return;
  if (Array.isArray(where)) {
    for (const each of where) addCriteria(each, size);
    return;
  }
  for (const [key, value] of Object.entries(where)) {
    if (key === "all" || key === "any" || key === "not") addCriteria(value, size);
    else if (key === "sample") addSample(value, size);
    else addCriterion(value, size);
  }
};

const addSample = (sample: unknown, size: { criteria: number; codes: number }): void => {
  const tests = Object.values(sample ?? {});
  if (tests.length === 0) size.criteria += 1;
  for (const test of tests) addCriterion(test, size);
};

/** A criterion's values are a list, the `codes` of an object, or a range, which has none. */
const addCriterion = (value: unknown, size: { criteria: number; codes: number }): void => {
  size.criteria += 1;
  const values = Array.isArray(value) ? value : (value as { readonly codes?: unknown } | null)?.codes;
  if (Array.isArray(values)) size.codes += values.length;
};

/** A facet that the search will refuse has no size. */
const sizeOf = (facet: FacetInput, banks: readonly Card[], year: number): FacetSize => {
  try {
    return facetSize(facet, banks, year);
  } catch (error) {
    if (error instanceof QuestionError) return NO_SIZE;
    throw error;
  }
};
const NO_SIZE: FacetSize = { asked: 0, listed: 0 };
