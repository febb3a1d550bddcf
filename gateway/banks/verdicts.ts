import { parse } from "graphql";
import type { Logger } from "pino";
import { timeoutSignal, withDeadline } from "../../net/deadline.ts";
import type { QuestionJson, Verdict } from "../../schema/answer.ts";
import { parseReadings } from "../../schema/wire/reading.ts";
import type { BankCopy } from "./copy.ts";
import type { RegisteredBank } from "./registry.ts";

const READINGS = parse("query readings($questions: [JSON!]!) { readings(questions: $questions) }");

/** What is known of a bank is kept as long as the registry keeps its copy of the bank. */
const kept = new WeakMap<BankCopy, Map<string, Verdict>>();
/** Codes remembered of one bank. */
const MOST_KEPT = 20_000;

/**
 * How a bank reads the question of each code alone. All codes go out in one request, and only those that it was not asked
 * before. Codes of which it does not say it in time are left out. Rejects only when the asker has gone.
 */
export const bankVerdicts = async (
  bank: RegisteredBank,
  codes: readonly string[],
  {
    deadlineMs,
    log,
    signal,
  }: { readonly deadlineMs: number; readonly log: Logger; readonly signal?: AbortSignal | undefined },
): Promise<ReadonlyMap<string, Verdict>> => {
  const known = kept.get(bank.copy) ?? new Map<string, Verdict>();
  kept.set(bank.copy, known);
  if (known.size > MOST_KEPT) known.clear();
  const unknown = codes.filter((code) => !known.has(code));
  if (unknown.length === 0) return known;
  const questions = unknown.map((code): QuestionJson => ({ v: 1, where: { disease: { codes: [code] } }, facets: [] }));
  try {
    const { data, errors } = await withDeadline(
      (left) =>
        bank.execute({
          document: READINGS,
          variables: { questions },
          signal: timeoutSignal(left, Math.ceil(deadlineMs / 2)),
        }),
      deadlineMs,
      () => new Error(`wanted readings within ${deadlineMs} ms, got none`),
      signal,
    );
    if (errors !== undefined && errors.length > 0) throw errors[0];
    const readings = parseReadings(data?.["readings"], unknown.length);
    unknown.forEach((code, i) => {
      const verdict = readings[i]?.understanding[0]?.verdict;
      if (verdict !== undefined) known.set(code, verdict);
    });
  } catch (error) {
    signal?.throwIfAborted();
    log.warn({ bank: bank.id, err: error }, "the bank did not say how it records diseases");
  }
  return known;
};
