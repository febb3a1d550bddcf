import { ask } from "./ask.ts";
import { lineOf, type Question } from "./command-line.ts";
import { askersToken, operatorsToken } from "./own-token.ts";
import { clean } from "./print/clean.ts";
import { publishingLine } from "./print/published.ts";
import { viewOf } from "./print/view.ts";
import { isSilent, type Search } from "./replies.ts";
import type { Surroundings } from "./surroundings.ts";
import { UsageError } from "./usage-error.ts";

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
    if (line.name === "check") return await (await import("./check.ts")).runCheck(line, surroundings);
    if (line.name === "key") return await (await import("../secrets/show-key.ts")).showKey(line.file, env, print);
    if (line.name === "token") return await (await import("./tokens.ts")).runToken(line.order, surroundings);
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
  const source = { file: question.tokenFile, env };
  const token = publishes === null ? askersToken(source) : operatorsToken(source);
  if (publishes !== null) complain(`odan: ${publishingLine(publishes, language)}`);
  // The code that prints is loaded while the gateway works.
  const [reply, printing] = await Promise.all([ask(question, token), json ? null : import("./print/reply.ts")]);
  if (!reply.ok) {
    complain(`odan: ${clean(reply.line)}`);
    return reply.fault === "asker" ? 2 : 3;
  }
  const lines = printing?.replyLines(name, reply.data, viewOf(language, colours));
  print(lines === undefined ? JSON.stringify(reply.data, null, 2) : lines.join("\n"));
  return name === "search" && (reply.data as Search).banks.some(isSilent) ? 1 : 0;
};
