import { type DocumentNode, parse } from "graphql";
import type { BankLink } from "../../gateway/banks/link.ts";
import type { Registry } from "../../gateway/banks/registry.ts";
import { askedQuestion } from "../../gateway/search/asked-question.ts";
import type { FacetInput } from "../../gateway/search/facets.ts";
import type { Answer, Answers } from "../../schema/wire/answer.ts";
import type { Failed } from "../../schema/wire/failure.ts";
import type { Lease } from "../../schema/wire/lease.ts";
import type { Question } from "../../schema/wire/question.ts";
import { KINDS, type Kind } from "./house.ts";

const LEASE = parse("query lease { lease }");
const ANSWERS = parse(
  "query answers($asOf: ID!, $questions: [JSON!]!) { answers(asOf: $asOf, questions: $questions) }",
);
const NEVER = new AbortController().signal;
const YEAR = 2026;

/** A question as the gateway puts it to one kind of bank. */
export const questionFor = (registry: Registry, kind: Kind, where: object, facets?: readonly FacetInput[]): Question =>
  askedQuestion(where, facets, [registry.get(KINDS[kind])!.card()], YEAR).json;

/** Asks a bank one question, under a lease, as the gateway does. @throws {Error} where it does not answer */
export const askOne = async (execute: BankLink["execute"], question: Question): Promise<Answer> => {
  const variables = { asOf: await editionOf(execute), questions: [question] };
  const answers = (await said(execute, ANSWERS, variables)) as Answers;
  if ("failure" in answers) throw new Error(answers.failure.message);
  const [answer] = answers.answers;
  if (answer === undefined || "failure" in answer)
    throw new Error(answer?.failure.message ?? "wanted an answer, got none");
  return answer;
};

const leases = new WeakMap<BankLink["execute"], { readonly name: string; readonly until: number }>();

/** The name of the current edition, asked for once for each lease. */
export const editionOf = async (execute: BankLink["execute"]): Promise<string> => {
  const held = leases.get(execute);
  const now = performance.now();
  if (held !== undefined && held.until > now) return held.name;
  const lease = (await said(execute, LEASE)) as Lease | Failed;
  if ("failure" in lease) throw new Error(lease.failure.message);
  leases.set(execute, { name: lease.edition.name, until: now + lease.leaseMs });
  return lease.edition.name;
};

const said = async (execute: BankLink["execute"], document: DocumentNode, variables = {}): Promise<unknown> => {
  const { data, errors } = await execute({ document, variables, signal: NEVER });
  if (errors?.[0] !== undefined) throw errors[0];
  return Object.values(data ?? {})[0];
};
