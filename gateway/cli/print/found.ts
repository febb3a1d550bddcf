import type { Found, Hit } from "../replies.ts";
import { clean } from "./clean.ts";
import { table } from "./table.ts";
import type { View } from "./view.ts";
import { fieldLabel, verdictOf } from "./words.ts";

/** A row per hit: of which field, its code, its name, the name that the text met, and the banks that record it, by verdict. */
export const foundLines = ({ says, hits, nearest }: Found, view: View): readonly string[] => {
  const { word, say } = view;
  if (hits.length > 0) return [say(says), ...rows(hits, view)];
  return [say(says), word("noHits"), ...(nearest.length > 0 ? [word("nearest"), ...rows(nearest, view)] : [])];
};

const rows = (hits: readonly Hit[], view: View): readonly string[] => {
  const { language, word, say } = view;
  const fieldOf = ({ field }: Hit): string => (field === null ? word("bank") : fieldLabel(field, language));
  const metOf = ({ value, match }: Hit): string =>
    match.name === value.label[language] || value.value.endsWith(match.name) ? "" : clean(match.name);
  const banksOf = ({ banks }: Hit, verdict: string): string =>
    clean(banks.flatMap((each) => (each.verdict === verdict ? [each.bank.id] : [])).join(", "));
  return table(
    [
      { title: word("field"), cell: fieldOf },
      { title: word("value"), cell: ({ value }) => clean(value.value) },
      { title: word("label"), cell: ({ value }) => say(value.label) },
      { title: word("matched"), cell: metOf, style: "dim" },
      ...["EXACT", "BROADER", "NARROWER", "PARTLY_RECORDED"].map((verdict) => ({
        title: verdictOf(verdict, language),
        cell: (hit: Hit) => banksOf(hit, verdict),
      })),
    ],
    hits,
    view,
  );
};
