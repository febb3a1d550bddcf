import type { AnswerJson, FailureJson, QuestionJson } from "../../schema/answer.ts";
import { BankError } from "../../schema/bank-error.ts";
import type { Bounds, Release } from "../../schema/release.ts";
import type { Disclose } from "../disclose/disclose.ts";
import type { BankYaml } from "../mapping/bank-yaml.ts";
import type { FieldReader } from "../understand/read-field.ts";
import { Contradiction } from "./contradiction.ts";
import type { Counter } from "./counter.ts";
import { prepare } from "./prepare.ts";

/** What one bank needs to answer: how it reads, how it counts, and the last step before a number leaves it. */
export type AnswerWith = {
  readonly reader: FieldReader;
  /** Bounds that the bank warrants for the release. Default: those of its mapping. */
  readonly size?: Bounds;
  readonly count: Counter;
  readonly disclose: Disclose;
};

/**
 * Answers one question from one release. All local questions go out in the same tick, so that those of a batch meet in one
 * call of the adapter. A failing bank is a value; a signal that aborts rejects.
 */
export const answer = async (
  question: QuestionJson,
  { reader, size = boundsOf(reader.mapping.yaml.size), count, disclose }: AnswerWith,
  asOf: Release,
  signal: AbortSignal,
): Promise<AnswerJson | FailureJson> => {
  const { questions, read } = prepare(question, reader);
  const outcomes = questions.length === 0 ? [] : await count(questions, asOf, signal);
  try {
    return read({ outcomes, size, disclose });
  } catch (error) {
    if (error instanceof Contradiction) {
      return failure(new BankError("BANK_BROKEN", reader.mapping.id, error.message, { reason: error.reason }));
    }
    if (error instanceof BankError) return failure(error);
    throw error;
  }
};

const boundsOf = ({ donors, samples }: BankYaml["size"]): Bounds => ({
  donors: donors ?? null,
  samples: samples ?? null,
});

/** An expected failure of the bank as plain JSON. */
export const failure = ({ code, message, retryAfterMs, reason }: BankError): FailureJson => ({
  failure: { code, message, retryAfterMs: retryAfterMs ?? null, ...(reason === undefined ? {} : { reason }) },
});
