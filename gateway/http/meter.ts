import { QuestionError } from "../../schema/question-error.ts";
import { text } from "../../schema/text.ts";
import { LIMITS } from "../limits.ts";

/** Counts what one request asks of the banks; the function that it gives throws a QuestionError over the limit. */
export const meter = (): (() => void) => {
  let asked = 0;
  return () => {
    asked += 1;
    if (asked > LIMITS.searches) throw new QuestionError("query", TOO_MANY, { code: "TOO_MANY_SEARCHES" });
  };
};

const TOO_MANY = text(
  `wanted at most ${LIMITS.searches} searches, readings and availabilities in one request, got more`,
  `1回のリクエストの search・reading・availability は合計${LIMITS.searches}個までです`,
);
