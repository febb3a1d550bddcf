import type { Reading, Understanding } from "../replies.ts";
import type { View } from "./view.ts";
import { fieldLabel, verdictOf } from "./words.ts";

/** How each bank would read the question: exact in a word, the rest in sentences. */
export const readingLines = (reading: Reading, view: View): readonly string[] => [
  view.paint(view.say(reading.question.says), "bold"),
  ...reading.banks.flatMap(({ bank, known, understanding, lostFacets }) => {
    const lines = known ? inexactLines(understanding, view) : [view.word("unread")];
    const lost = lostFacets.map((field) => fieldLabel(field, view.language)).join(", ");
    return [
      "",
      view.paint(view.say(bank.name), "bold"),
      ...(lines.length === 0 ? [verdictOf("EXACT", view.language)] : lines).map((line) => `  ${line}`),
      ...(lost === "" ? [] : [`  ${view.word("lostFacets")}: ${lost}`]),
    ];
  }),
];

/** `broader: says` for each criterion that a bank did not read exactly. */
export const inexactLines = (understanding: readonly Understanding[], view: View): readonly string[] =>
  understanding
    .filter(({ verdict }) => verdict !== "EXACT")
    .map(({ verdict, says }) => `${verdictOf(verdict, view.language)}: ${view.say(says)}`);
