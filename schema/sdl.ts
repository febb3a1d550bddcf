import { PUBLIC } from "./sdl/public.ts";
import { PUBLISH, SHARED } from "./sdl/shared.ts";

/**
 * The two GraphQL contracts, made from the same parts: what the gateway serves to everybody, and what one bank's subgraph
 * serves to the gateway. Rules for both:
 * - A field is called `id` only where it is unique over the whole federation.
 * - Output enums grow. Read an unknown AnswerStatus as silence, an unknown Verdict as UNSUPPORTED, an unknown Uncertainty as
 *   NOT_COUNTED.
 * - What a bank does is data; what the asker did wrong is a GraphQL error.
 */

/** The schema that the gateway serves to everybody. */
export const PUBLIC_SDL: string = PUBLIC + SHARED;

/**
 * The schema that one bank's subgraph serves to the gateway. What grows with versions travels as JSON that `wire/` describes
 * and checks at both ends: a bank reads what it does not know of a question as UNSUPPORTED, and a gateway reads what it does
 * not know of an answer with caution, so that either may be the newer one.
 */
export const SUBGRAPH_SDL: string = /* GraphQL */ `
"What one bank serves to the gateway."
type Query {
  "The bank itself: a Card, and its release."
  self: Bank!
  "How the bank would read each question, in the order asked: a list of Reading."
  readings(
    "Canonical questions: a list of Question."
    questions: [JSON!]!
    "Who asks, and signatures: an object of which the bank takes what it knows and ignores the rest. It never changes what a question means. Default: empty."
    envelope: JSON
  ): JSON!
  "Which edition is current, and for how long that is certain: a Lease, or a Failed."
  lease: JSON!
  "What the bank answers to each question, in the order asked, all from one release: an Answers."
  answers(
    "Name of the edition to answer from, as the lease tells it. Another one than the current is BANK_GONE."
    asOf: ID!
    "Canonical questions: a list of Question."
    questions: [JSON!]!
    "As in readings."
    envelope: JSON
  ): JSON!
}
"What the bank's operator can do here, with the operator's token."
type Mutation {
${PUBLISH}
}
${SHARED}`;
