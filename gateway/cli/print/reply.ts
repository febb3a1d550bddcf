import type { AskingName } from "../documents.ts";
import type { Bank, Concept, Field, Found, Reading, Release, Search } from "../replies.ts";
import { answerLines } from "./answer.ts";
import { foundLines } from "./found.ts";
import { bankLines, conceptLines, fieldLines } from "./lists.ts";
import { publishedLine } from "./published.ts";
import { readingLines } from "./reading.ts";
import type { View } from "./view.ts";

/** What a command's document brought, as lines for people. GraphQL guarantees its shape, so it is not checked again. */
export const replyLines = (name: AskingName, data: unknown, view: View): readonly string[] => {
  switch (name) {
    case "search":
      return answerLines(data as Search, view);
    case "reading":
      return readingLines(data as Reading, view);
    case "concepts":
      return conceptLines(data as readonly Concept[], view);
    case "find":
      return foundLines(data as Found, view);
    case "banks":
      return bankLines(data as readonly Bank[], view);
    case "fields":
      return fieldLines(data as readonly Field[], view);
    case "publish":
      return [publishedLine(data as Release, view.language)];
  }
};
