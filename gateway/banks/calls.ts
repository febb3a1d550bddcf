import { type ExecutionResult, GraphQLError, parse } from "graphql";
import { isTurnOver, nextTurn } from "../../net/turns.ts";
import type { Bounds, Release } from "../../schema/release.ts";
import { type Answer, parseAnswers } from "../../schema/wire/answer.ts";
import { type Lease, parseLease, release } from "../../schema/wire/lease.ts";
import type { Question } from "../../schema/wire/question.ts";
import { parseReadings, type Reading } from "../../schema/wire/reading.ts";
import { object, parseAs } from "../../schema/wire/shape.ts";
import type { Asker } from "../askers/asker.ts";
import { CARD } from "./card-document.ts";
import { BankFailure } from "./failure.ts";
import type { BankLink, BankRequest } from "./link.ts";

/** An operator's order to publish a release. */
export type Publication = {
  readonly bank: string;
  readonly release: { readonly number: string; readonly date: string; readonly size?: object | null };
  readonly purge: boolean;
  /** The operator of the bank, as the gateway has judged. */
  readonly asker: Asker;
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

/**
 * What a bank's subgraph can be asked over a link. Each call sends one document and checks what comes back. Rejects with
 * BankFailure, BankError or WrongAnswer.
 */
export const bankCalls = ({ execute }: BankLink) => {
  const ask = async (request: BankRequest): Promise<unknown> => fieldOf(await execute(request));
  return {
    /** The bank's card as it came, unchecked: a card that breaks the contract may still say whose it is. */
    card: (signal: AbortSignal) => ask({ document: CARD, signal }),
    async lease(signal: AbortSignal): Promise<Lease> {
      const lease = parseLease(await ask({ document: LEASE, signal }));
      if ("failure" in lease) throw new BankFailure(lease.failure);
      return lease;
    },
    /** The current release; null while the bank does not know it. */
    release: async (signal: AbortSignal): Promise<Release | null> =>
      parseAs("self", await ask({ document: RELEASE, signal }), withRelease).release,
    /** The answer to one question from exactly the edition `asOf`, within the bounds that the bank warrants for it. */
    async answer(
      { asOf, question, bounds }: { readonly asOf: string; readonly question: Question; readonly bounds: Bounds },
      signal: AbortSignal,
    ): Promise<{ readonly release: Release | null; readonly answer: Answer }> {
      const json = await ask({ document: ANSWERS, variables: { asOf, questions: [question] }, signal });
      // A table of thousands of cells was read just now, and is checked next.
      if (isTurnOver() && question.facets.length > 0) await nextTurn(signal);
      const { release, answer } = parseAnswers(json, question, bounds);
      if ("failure" in answer) throw new BankFailure(answer.failure);
      return { release, answer };
    },
    /** How the bank reads each question, in their order. */
    async readings(questions: readonly Question[], signal: AbortSignal): Promise<readonly Reading[]> {
      return parseReadings(await ask({ document: READINGS, variables: { questions }, signal }), questions.length);
    },
    /** @throws {GraphQLError} what the subgraph refuses, as it came */
    async publish({ asker, ...variables }: Publication, signal: AbortSignal): Promise<Release> {
      const { data, errors } = await execute({ document: PUBLISH, variables, signal, operator: asker });
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

export type BankCalls = ReturnType<typeof bankCalls>;

const withRelease = object({ release: release.nullable() });

/** The JSON of the document's one field. */
const fieldOf = ({ data, errors }: ExecutionResult): unknown => {
  if (errors !== undefined && errors.length > 0) {
    throw errors[0]?.originalError ?? new Error("wanted data, got an error");
  }
  return Object.values(data ?? {})[0];
};
