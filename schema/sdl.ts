import { readFileSync } from "node:fs";

/**
 * The two GraphQL contracts, in `sdl/`: what the gateway serves to everybody, and what one bank's subgraph serves to the
 * gateway. Rules for both:
 * - A field is called `id` only where it is unique over the whole federation.
 * - Output enums grow. Read an unknown AnswerStatus as silence, an unknown Verdict as UNSUPPORTED, an unknown Uncertainty as
 *   NOT_COUNTED.
 * - What a bank does is data; what the asker did wrong is a GraphQL error.
 */
const read = (name: string): string => readFileSync(new URL(`./sdl/${name}.graphql`, import.meta.url), "utf8");

/** What a bank is, and the small types of both contracts. */
const SHARED = read("shared");

/** The schema that the gateway serves to everybody. */
export const PUBLIC_SDL: string = read("public") + SHARED;

/**
 * The schema that one bank's subgraph serves to the gateway. What grows with versions travels as JSON that `wire/` describes
 * and checks at both ends: a bank reads what it does not know of a question as UNSUPPORTED, and a gateway reads what it does
 * not know of an answer with caution, so that either may be the newer one.
 */
export const SUBGRAPH_SDL: string = read("subgraph") + SHARED;
