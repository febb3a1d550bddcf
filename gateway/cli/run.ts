import { answerLines, isSilent } from "./answer.ts";
import { type Command, commandOf } from "./arguments.ts";
import { helpText } from "./help.ts";
import { bankLines, conceptLines, fieldLines, readingLines } from "./lists.ts";
import { readToken } from "./operator.ts";
import type { AskingName } from "./options.ts";
import { publishedLine, publishingLine } from "./published.ts";
import { ask } from "./query.ts";
import type { Bank, Concept, Field, Reading, Release, Search } from "./replies.ts";
import { type Paint, painter } from "./table.ts";
import { UsageError } from "./usage-error.ts";

/** What the command line touches of the world around it. */
export type Surroundings = {
  readonly env: { readonly [name: string]: string | undefined };
  readonly colours: boolean;
  /** Text for stdout, without the last line's end. */
  readonly print: (text: string) => void;
  /** One line for stderr. */
  readonly complain: (line: string) => void;
};

/** 0: every bank answered. 1: a bank is silent. 2: the question is wrong. 3: no gateway answers. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Runs one command line and gives the exit code of the process. */
export const run = async (
  args: readonly string[],
  { env, colours, print, complain }: Surroundings,
): Promise<ExitCode> => {
  let command: Command;
  let token: string | null = null;
  try {
    command = commandOf(args, env["LANG"]);
    if (command.publication !== null) token = readToken(command.publication.tokenFile, env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(`odan: ${error.message}`);
    return 2;
  }
  if (command.name === "help") {
    print(helpText(command.topic));
    return 0;
  }
  if (command.name === "subgraph") {
    complain("odan: wanted subgraph as the first word, since it serves instead of asking.");
    return 2;
  }
  if (command.publication !== null) complain(`odan: ${publishingLine(command.publication, command.language)}`);
  const reply = await ask(command.name, command, token);
  if (!reply.ok) {
    complain(`odan: ${reply.line}`);
    return reply.fault === "asker" ? 2 : 3;
  }
  print(
    command.json
      ? JSON.stringify(reply.data, null, 2)
      : lines(command.name, reply.data, command.language, painter(colours)).join("\n"),
  );
  return command.name === "search" && (reply.data as Search).banks.some(isSilent) ? 1 : 0;
};

/** GraphQL warrants the shape of what it returns, so the data is taken as what the document selects. */
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
