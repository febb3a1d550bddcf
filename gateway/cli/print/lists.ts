import type { Bank, Concept, Field } from "../replies.ts";
import { clean } from "./clean.ts";
import { table } from "./table.ts";
import type { View } from "./view.ts";
import { numberOf, releaseOf, verdictOf } from "./words.ts";

/** A row per code: its name, the other name or number that the text matched, and which banks record it, by verdict. */
export const conceptLines = (concepts: readonly Concept[], view: View): readonly string[] => {
  const { language, word } = view;
  if (concepts.length === 0) return [word("noConcepts")];
  const banksOf = ({ banks }: Concept, verdict: string): string =>
    clean(banks.flatMap((each) => (each.verdict === verdict ? [each.bank.id] : [])).join(", "));
  const recorded = ["EXACT", "BROADER", "NARROWER", "PARTLY_RECORDED"] as const;
  return table(
    [
      { title: word("code") },
      { title: word("label") },
      { title: word("matched"), style: "dim" },
      ...recorded.map((verdict) => ({ title: verdictOf(verdict, language) })),
    ],
    concepts.map((concept) => {
      const { code, label, matched, hasChildren } = concept;
      const other = matched === null || matched === label[language] || code.endsWith(`:${matched}`) ? "" : matched;
      const name = `${label[language]}${hasChildren ? " +" : ""}`;
      return [clean(code), clean(name), clean(other), ...recorded.map((verdict) => banksOf(concept, verdict))];
    }),
    view,
  );
};

/** A row per bank, with its id for --bank and where to write to. */
export const bankLines = (banks: readonly Bank[], view: View): readonly string[] => {
  const { word, say } = view;
  if (banks.length === 0) return [word("noBanks")];
  const limit = (size: number | null): string => (size === null ? "" : numberOf(size));
  return table(
    [
      { title: word("id") },
      { title: word("bank") },
      { title: word("adapter") },
      { title: word("state") },
      { title: `${word("donors")} (${word("size")})`, right: true },
      { title: `${word("samples")} (${word("size")})`, right: true },
      { title: word("release") },
      { title: word("contact") },
    ],
    banks.map((bank) => [
      clean(bank.id),
      say(bank.name),
      clean(bank.adapter),
      clean(bank.state),
      limit(bank.size.donors),
      limit(bank.size.samples),
      bank.release === null ? "" : releaseOf(bank.release),
      clean(bank.access.requestUrl ?? bank.contact.email),
    ]),
    view,
  );
};

/** Every field with its values; fields whose values are codes or numbers have none to list. */
export const fieldLines = (fields: readonly Field[], view: View): readonly string[] =>
  table(
    [{ title: view.word("field") }, { title: view.word("value") }, { title: view.word("label") }],
    fields.flatMap(({ field, label, values }) => [
      [clean(field), "", view.say(label)],
      ...values.map((value) => ["", clean(value.value), view.say(value.label)]),
    ]),
    view,
  );
