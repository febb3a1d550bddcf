import { BankError } from "../../schema/bank-error.ts";
import { type Count, countOf } from "../../schema/count.ts";
import type { Bounds, Release } from "../../schema/release.ts";
import type { Answer } from "../../schema/wire/answer.ts";
import type { Failed } from "../../schema/wire/failure.ts";
import { parseQuestion, type ReceivedFacet, type ReceivedQuestion } from "../../schema/wire/question.ts";
import { WrongAnswer } from "../../schema/wire/shape.ts";
import type { Counter } from "../count/counter.ts";
import { Contradiction } from "../count/plausible.ts";
import type { Disclosure } from "../disclose/disclose.ts";
import type { BankYaml } from "../mapping/bank-yaml.ts";
import type { Interpreter } from "../understand/interpret.ts";
import { prepare } from "./prepare.ts";
import { settle } from "./settle.ts";

/** What answering takes: the bank's interpreter, its counter, and the last step before a number leaves the bank. */
export type AnswerWith = {
  readonly interpreter: Interpreter;
  /** Bounds that the bank warrants for the release. Default: those of its mapping. */
  readonly size?: Bounds;
  readonly count: Counter;
  readonly disclosure: Disclosure;
};

/**
 * Answers one question, as a gateway of any version sent it, from one release. All local questions go out in the same tick,
 * so that those of a batch meet in one call of the adapter. A failing bank is a value; a signal that aborts rejects.
 */
export const answer = async (
  json: unknown,
  { interpreter, size = boundsOf(interpreter.mapping.yaml.size), count, disclosure }: AnswerWith,
  asOf: Release,
  signal: AbortSignal,
): Promise<Answer | Failed> => {
  const question = received(json, interpreter.mapping.id);
  if ("failure" in question) return question;
  const prepared = await prepare(question.known, interpreter, signal);
  const { questions } = prepared;
  const outcomes = questions.length === 0 ? [] : await count(questions, asOf, signal);
  const { samplesPerDonor } = interpreter.mapping.yaml.size;
  try {
    const settled = await settle(prepared, outcomes, { release: asOf, disclosure, size, samplesPerDonor }, signal);
    return withUnknown(settled, question.facets);
  } catch (error) {
    if (error instanceof Contradiction) {
      return failure(new BankError("BANK_BROKEN", interpreter.mapping.id, error.message, { reason: error.reason }));
    }
    if (error instanceof BankError) return failure(error);
    throw error;
  }
};

/** A question in a form that no version has cannot be counted, and is no fault of the bank. */
const received = (json: unknown, bank: string): ReceivedQuestion | Failed => {
  try {
    return parseQuestion(json);
  } catch (error) {
    if (error instanceof WrongAnswer) return failure(new BankError("BANK_UNSUPPORTED", bank, error.message));
    throw error;
  }
};

/** The answer with all cells that were asked: one that is not known holds anything up to the total. */
const withUnknown = (answer: Answer, facets: readonly ReceivedFacet[]): Answer => {
  if (facets.every(({ cells }) => !cells.includes(null))) return answer;
  const upTo = (max: number | null): Count => countOf(0, max, ["CRITERION_UNSUPPORTED"]);
  const unknown = { donors: upTo(answer.donors.max), samples: upTo(answer.samples.max) };
  const counted = answer.facets.values();
  return {
    ...answer,
    facets: facets.map(({ known, cells }) => {
      const own = known === null ? [] : (counted.next().value?.cells ?? []);
      return { cells: cells.map((place) => (place === null ? unknown : (own[place] ?? unknown))) };
    }),
  };
};

const boundsOf = ({ donors, samples }: BankYaml["size"]): Bounds => ({
  donors: donors ?? null,
  samples: samples ?? null,
});

/** An expected failure of the bank as plain JSON. */
export const failure = ({ code, message, retryAfterMs, reason }: BankError): Failed => ({
  failure: { code, message, retryAfterMs: retryAfterMs ?? null, ...(reason === undefined ? {} : { reason }) },
});
