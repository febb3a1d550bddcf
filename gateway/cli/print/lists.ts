import type { Bank, Concept, Field } from "../replies.ts";
import { clean } from "./clean.ts";
import { table } from "./table.ts";
import type { View } from "./view.ts";
import { numberOf, releaseOf, verdictOf } from "./words.ts";

/** A row per code: its name, the other name or number that the text matched, and which banks record it, by verdict. */
export const conceptLines = (concepts: readonly Concept[], view: View): readonly string[] => {
  const { language, word } = view;
  if (concepts.length === 0) return [word("noConcepts")];
  const name = ({ label, hasChildren }: Concept): string => clean(`${label[language]}${hasChildren ? " +" : ""}`);
  const otherName = ({ code, label, matched }: Concept): string =>
    matched === null || matched === label[language] || code.endsWith(`:${matched}`) ? "" : clean(matched);
  const banksOf = ({ banks }: Concept, verdict: string): string =>
    clean(banks.flatMap((each) => (each.verdict === verdict ? [each.bank.id] : [])).join(", "));
  return table(
    [
      { title: word("code"), cell: ({ code }) => clean(code) },
      { title: word("label"), cell: name },
      { title: word("matched"), cell: otherName, style: "dim" },
      ...["EXACT", "BROADER", "NARROWER", "PARTLY_RECORDED"].map((verdict) => ({
        title: verdictOf(verdict, language),
        cell: (concept: Concept) => banksOf(concept, verdict),
      })),
    ],
    concepts,
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
      { title: word("id"), cell: ({ id }) => clean(id) },
      { title: word("bank"), cell: ({ name }) => say(name) },
      { title: word("adapter"), cell: ({ adapter }) => clean(adapter) },
      { title: word("state"), cell: ({ state }) => clean(state) },
      { title: `${word("donors")} (${word("size")})`, cell: ({ size }) => limit(size.donors), right: true },
      { title: `${word("samples")} (${word("size")})`, cell: ({ size }) => limit(size.samples), right: true },
      { title: word("release"), cell: ({ release }) => (release === null ? "" : releaseOf(release)) },
      { title: word("contact"), cell: ({ access, contact }) => clean(access.requestUrl ?? contact.email) },
    ],
    banks,
    view,
  );
};

/** Every field with its values; fields whose values are codes or numbers have none to list. */
export const fieldLines = (fields: readonly Field[], { word, say, paint }: View): readonly string[] =>
  table(
    [
      { title: word("field"), cell: ({ field }) => field },
      { title: word("value"), cell: ({ value }) => value },
      { title: word("label"), cell: ({ label }) => say(label) },
    ],
    fields.flatMap(({ field, label, values }) => [
      { field: clean(field), value: "", label },
      ...values.map((each) => ({ field: "", value: clean(each.value), label: each.label })),
    ]),
    { paint },
  );
