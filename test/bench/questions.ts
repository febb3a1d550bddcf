import { parse } from "graphql";
import { askedQuestion } from "../../gateway/asked-question.ts";
import type { BankExecutor } from "../../gateway/executor.ts";
import type { FacetInput } from "../../gateway/facets.ts";
import type { Registry } from "../../gateway/registry.ts";
import type { AnswerJson, AnswersJson, QuestionJson } from "../../schema/answer.ts";
import { KINDS, type Kind } from "./house.ts";

const ANSWERS = parse("query answers($questions: [JSON!]!) { answers(questions: $questions) }");
const NEVER = new AbortController().signal;
const YEAR = 2026;

/** A question as the gateway puts it to one kind of bank. */
export const questionFor = (
  registry: Registry,
  kind: Kind,
  where: object,
  facets?: readonly FacetInput[],
): QuestionJson => askedQuestion(where, facets, [registry.get(KINDS[kind])!.copy], YEAR).json;

/** Asks a bank one question. @throws {Error} where it does not answer */
export const askOne = async (execute: BankExecutor, question: QuestionJson): Promise<AnswerJson> => {
  const { data, errors } = await execute({ document: ANSWERS, variables: { questions: [question] }, signal: NEVER });
  if (errors?.[0] !== undefined) throw errors[0];
  const answers = data?.["answers"] as AnswersJson;
  if ("failure" in answers) throw new Error(answers.failure.message);
  const [answer] = answers.answers;
  if (answer === undefined || "failure" in answer)
    throw new Error(answer?.failure.message ?? "wanted an answer, got none");
  return answer;
};
