import { type ExecutionResult, GraphQLError, parse } from "graphql";
import type { Bounds, Release } from "../../schema/release.ts";
import { type Answer, parseAnswers } from "../../schema/wire/answer.ts";
import { type Lease, parseLease, release } from "../../schema/wire/lease.ts";
import type { Question } from "../../schema/wire/question.ts";
import { parseReadings, type Reading } from "../../schema/wire/reading.ts";
import { nullable, object, parseAs } from "../../schema/wire/shape.ts";
import { CARD } from "./card-document.ts";
import { BankFailure } from "./failure.ts";
import type { BankLink, BankRequest } from "./link.ts";

/** What a bank's subgraph can be asked. Each call sends one document and checks what comes back. Rejects with BankFailure, BankError or WrongAnswer. */
export type BankCalls = {
  /** The bank's card as it came, unchecked: a card that breaks the contract may still say whose it is. */
  readonly card: (signal: AbortSignal) => Promise<unknown>;
  readonly lease: (signal: AbortSignal) => Promise<Lease>;
  /** The current release; null while the bank does not know it. */
  readonly release: (signal: AbortSignal) => Promise<Release | null>;
  /** The answer to one question from exactly the edition `asOf`, within the bounds that the bank warrants for it. */
  readonly answer: (
    asked: AskedAnswer,
    signal: AbortSignal,
  ) => Promise<{ readonly release: Release | null; readonly answer: Answer }>;
  /** How the bank reads each question, in their order. */
  readonly readings: (questions: readonly Question[], signal: AbortSignal) => Promise<readonly Reading[]>;
  /** @throws {GraphQLError} what the subgraph refuses, as it came */
  readonly publish: (ordered: Publication, signal: AbortSignal) => Promise<Release>;
};

export type AskedAnswer = { readonly asOf: string; readonly question: Question; readonly bounds: Bounds };

/** An operator's order to publish a release. */
export type Publication = {
  readonly bank: string;
  readonly release: { readonly number: string; readonly date: string; readonly size?: object | null };
  readonly purge: boolean;
  /** The operator's token; the subgraph judges it. */
  readonly token: string;
};

const RELEASE = parse("query release { self { release { id date kind } } }");
const LEASE = parse("query lease { lease }");
const READINGS = parse("query readings($questions: [JSON!]!) { readings(questions: $questions) }");
const ANSWERS = parse(
  "query answers($asOf: ID!, $questions: [JSON!]!) { answers(asOf: $asOf, questions: $questions) }",
);
const PUBLISH = parse(`mutation publishRelease($bank: ID!, $release: ReleaseInput!, $purge: Boolean!) {
  publishRelease(bank: $bank, release: $release, purge: $purge) { id bank date kind }
}`);

/** The calls over one link. */
export const bankCalls = ({ execute }: BankLink): BankCalls => {
  const ask = async (request: BankRequest): Promise<unknown> => fieldOf(await execute(request));
  return {
    card: (signal) => ask({ document: CARD, signal }),
    async lease(signal) {
      const lease = parseLease(await ask({ document: LEASE, signal }));
      if ("failure" in lease) throw new BankFailure(lease.failure);
      return lease;
    },
    release: async (signal) => parseAs("self", await ask({ document: RELEASE, signal }), withRelease).release,
    async answer({ asOf, question, bounds }, signal) {
      const json = await ask({ document: ANSWERS, variables: { asOf, questions: [question] }, signal });
      const answers = parseAnswers(json, question, bounds);
      if ("failure" in answers.answer) throw new BankFailure(answers.answer.failure);
      return { release: answers.release, answer: answers.answer };
    },
    async readings(questions, signal) {
      return parseReadings(await ask({ document: READINGS, variables: { questions }, signal }), questions.length);
    },
    async publish({ token, ...variables }, signal) {
      const { data, errors } = await execute({ document: PUBLISH, variables, signal, token });
      const [error] = errors ?? [];
      // Over HTTP it is plain JSON.
      if (error !== undefined)
        throw error instanceof GraphQLError
          ? error
          : new GraphQLError(error["message"], { extensions: error["extensions"] });
      return data?.["publishRelease"] as Release;
    },
  };
};

const withRelease = object({ release: nullable(release) });

/** The JSON of the document's one field. */
const fieldOf = ({ data, errors }: ExecutionResult): unknown => {
  if (errors !== undefined && errors.length > 0) {
    throw errors[0]?.originalError ?? new Error("wanted data, got an error");
  }
  return Object.values(data ?? {})[0];
};
