import { PUBLIC } from "./sdl/public.ts";
import { PUBLISH, SHARED } from "./sdl/shared.ts";

/**
 * The two GraphQL contracts, made from the same parts: what the gateway serves to everybody, and what one bank's subgraph
 * serves to the gateway. Rules for both:
 * - A field is called `id` only where it is unique over the whole federation.
 * - Output enums grow. A reader takes an unknown AnswerStatus for silence, an unknown Verdict or Uncertainty for doubt.
 * - What a bank does is data; what the asker did wrong is a GraphQL error.
 */

/** The schema that the gateway serves to everybody. */
export const PUBLIC_SDL: string = PUBLIC + SHARED;

/**
 * The schema that one bank's subgraph serves to the gateway. Questions, readings and answers are plain JSON
 * (`schema/answer.ts`), so that a newer question never fails an older subgraph: what it does not know is UNSUPPORTED.
 */
export const SUBGRAPH_SDL: string = /* GraphQL */ `
"What one bank serves to the gateway."
type Query {
  "The bank itself."
  self: Bank!
  "How the bank would read each question, in the order asked: a list of ReadingJson."
  readings(
    "Canonical questions: QuestionJson."
    questions: [JSON!]!
  ): JSON!
  "Which edition is current, and for how long that is certain: LeaseJson, or a failure."
  lease: JSON!
  "What the bank answers to each question, in the order asked, all from one release: AnswersJson."
  answers(
    "Name of the edition to answer from, as the lease tells it. Another one than the current is BANK_GONE."
    asOf: ID!
    "Canonical questions: QuestionJson."
    questions: [JSON!]!
  ): JSON!
}
"What the bank's operator can do here, with the operator's token."
type Mutation {
${PUBLISH}
}
${SHARED}`;
