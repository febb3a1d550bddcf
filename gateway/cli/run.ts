import { answerLines, isSilent } from "./answer.ts";
import { ask } from "./ask.ts";
import { lineOf, type Question } from "./command-line.ts";
import type { AskingName } from "./documents.ts";
import { bankLines, conceptLines, fieldLines, readingLines } from "./lists.ts";
import { readToken } from "./operator-token.ts";
import { publishedLine, publishingLine } from "./published.ts";
import type { Bank, Concept, Field, Reading, Release, Search } from "./replies.ts";
import { type Paint, painter } from "./table.ts";
import { UsageError } from "./usage-error.ts";

/** What the command line touches of its process. */
export type Surroundings = {
  readonly env: { readonly [name: string]: string | undefined };
  readonly colours: boolean;
  /** Text for stdout, without the last line's end. */
  readonly print: (text: string) => void;
  /** One line for stderr. */
  readonly complain: (line: string) => void;
};

/**
 * Runs one command line. @returns the exit code of the process. 0: every bank answered, 1: a bank is silent, 2: the
 * question is wrong, 3: no gateway answers
 */
export const run = async (args: readonly string[], surroundings: Surroundings): Promise<number> => {
  const { env, print, complain } = surroundings;
  try {
    const line = lineOf(args, env["LANG"]);
    if (line.name === "help") {
      print(line.text.trimEnd());
      return 0;
    }
    // Serving is loaded only where it is asked for: a question needs none of it.
    if (line.name === "subgraph") return await (await import("../serve-bank.ts")).serveBank(line.file, env);
    return await answer(line, surroundings);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(`odan: ${error.message}`);
    return 2;
  }
};

/** Asks the gateway and prints what it answers. @returns the exit code @throws {UsageError} */
const answer = async (question: Question, { env, colours, print, complain }: Surroundings): Promise<number> => {
  const { name, publishes, language, json } = question;
  const token = publishes === null ? null : readToken(publishes.tokenFile, env);
  if (publishes !== null) complain(`odan: ${publishingLine(publishes, language)}`);
  const reply = await ask(question, token);
  if (!reply.ok) {
    complain(`odan: ${reply.line}`);
    return reply.fault === "asker" ? 2 : 3;
  }
  print(json ? JSON.stringify(reply.data, null, 2) : lines(name, reply.data, language, painter(colours)).join("\n"));
  return name === "search" && (reply.data as Search).banks.some(isSilent) ? 1 : 0;
};

/** The gateway's GraphQL guarantees the shape of what it returns, so the data is taken as what the document selects. */
const lines = (name: AskingName, data: unknown, language: "en" | "ja", paint: Paint): readonly string[] => {
  switch (name) {
    case "search":
      return answerLines(data as Search, language, paint);
    case "reading":
      return readingLines(data as Reading, language, paint);
    case "concepts":
      return conceptLines(data as readonly Concept[], language, paint);
    case "banks":
      return bankLines(data as readonly Bank[], language, paint);
    case "fields":
      return fieldLines(data as readonly Field[], language, paint);
    case "publish":
      return [publishedLine(data as Release, language)];
  }
};
