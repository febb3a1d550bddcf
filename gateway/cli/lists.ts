import { inexact } from "./answer.ts";
import { fieldLabel } from "./facet-table.ts";
import type { Bank, Concept, Field, Reading } from "./replies.ts";
import { clean, type Paint, table } from "./table.ts";
import { type Language, numberOf, releaseOf, verdictOf, WORDS } from "./words.ts";

/** How each bank would read the question: exact in a word, the rest in sentences. */
export const readingLines = (reading: Reading, language: Language, paint: Paint): readonly string[] => [
  paint(clean(reading.question.says[language]), "bold"),
  ...reading.banks.flatMap(({ bank, understanding, lostFacets }) => {
    const lines = inexact(understanding, language);
    const lost = lostFacets.map((field) => fieldLabel(field, language)).join(", ");
    return [
      "",
      paint(clean(bank.name[language]), "bold"),
      ...(lines.length === 0 ? [`  ${verdictOf("EXACT", language)}`] : lines.map((line) => `  ${line}`)),
      ...(lost === "" ? [] : [`  ${WORDS.lostFacets[language]}: ${lost}`]),
    ];
  }),
];

/** A row per code: its name, what of it the text met where that is another one, and which banks record it, by verdict. */
export const conceptLines = (concepts: readonly Concept[], language: Language, paint: Paint): readonly string[] => {
  if (concepts.length === 0) return [WORDS.noConcepts[language]];
  const banksOf = ({ banks }: Concept, verdict: string): string =>
    clean(banks.flatMap((each) => (each.verdict === verdict ? [each.bank.id] : [])).join(", "));
  const recorded = ["EXACT", "BROADER", "NARROWER", "PARTLY_RECORDED"] as const;
  return table(
    [
      { title: WORDS.code[language] },
      { title: WORDS.label[language] },
      { title: WORDS.matched[language], style: "dim" },
      ...recorded.map((verdict) => ({ title: verdictOf(verdict, language) })),
    ],
    concepts.map((concept) => {
      const { code, label, matched, hasChildren } = concept;
      const other = matched === null || matched === label[language] || code.endsWith(`:${matched}`) ? "" : matched;
      const name = `${label[language]}${hasChildren ? " +" : ""}`;
      return [clean(code), clean(name), clean(other), ...recorded.map((verdict) => banksOf(concept, verdict))];
    }),
    paint,
  );
};

/** A row per bank, with its id for --bank and where to write to. */
export const bankLines = (banks: readonly Bank[], language: Language, paint: Paint): readonly string[] => {
  if (banks.length === 0) return [WORDS.noBanks[language]];
  const limit = (size: number | null): string => (size === null ? "" : numberOf(size));
  return table(
    [
      { title: WORDS.id[language] },
      { title: WORDS.bank[language] },
      { title: WORDS.adapter[language] },
      { title: WORDS.state[language] },
      { title: `${WORDS.donors[language]} (${WORDS.size[language]})`, right: true },
      { title: `${WORDS.samples[language]} (${WORDS.size[language]})`, right: true },
      { title: WORDS.release[language] },
      { title: WORDS.contact[language] },
    ],
    banks.map((bank) => [
      clean(bank.id),
      clean(bank.name[language]),
      clean(bank.adapter),
      clean(bank.state),
      limit(bank.size.donors),
      limit(bank.size.samples),
      bank.release === null ? "" : releaseOf(bank.release),
      clean(bank.access.requestUrl ?? bank.contact.email),
    ]),
    paint,
  );
};

/** Every field that can be asked with its values; fields whose values are codes or numbers have none to list. */
export const fieldLines = (fields: readonly Field[], language: Language, paint: Paint): readonly string[] =>
  table(
    [{ title: WORDS.field[language] }, { title: WORDS.value[language] }, { title: WORDS.label[language] }],
    fields.flatMap(({ field, label, values }) => [
      [clean(field), "", clean(label[language])],
      ...values.map((value) => ["", clean(value.value), clean(value.label[language])]),
    ]),
    paint,
  );
