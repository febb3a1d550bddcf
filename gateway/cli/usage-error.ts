import { nearest } from "../../schema/question-error.ts";

/** What the asker typed and cannot be meant, in one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** `wanted X, got Y.`, and the known name that is nearest to `got` if one is near enough to be meant. */
export const wanted = (what: string, got: string, known: readonly string[] = []): UsageError => {
  const [near] = nearest(got, known);
  return new UsageError(`wanted ${what}, got ${got}.${near === undefined ? "" : ` Did you mean ${near}?`}`);
};
