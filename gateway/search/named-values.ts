import { FIELD_NAMES, isNumberField, NOT_RECORDED } from "../../schema/fields.ts";
import type { Card } from "../../schema/wire/card.ts";
import { type FindValues, type NamedValue, valueSearch } from "../../schema/words/find-values.ts";
import type { Bank } from "../banks/bank.ts";
import type { ConceptSupport } from "./describe-concepts.ts";
import { labelsBy, valuesOfField } from "./facet-values.ts";

/** What can be asked by name beside diseases, and the search over its names. */
type NamedValues = { readonly values: readonly NamedValue[]; readonly search: FindValues };

let known: (NamedValues & { readonly cards: readonly Card[] }) | null = null;

/** The values of the fields with names, and the banks themselves; kept until a card changes. */
export const namedValues = (cards: readonly Card[]): NamedValues => {
  if (known !== null && known.cards.length === cards.length && known.cards.every((card, i) => card === cards[i])) {
    return known;
  }
  const labelled = labelsBy(cards);
  const ofFields = FIELD_NAMES.flatMap((field): readonly NamedValue[] => {
    if (field === "DISEASE" || isNumberField(field)) return [];
    const { listed } = valuesOfField(field, cards, 0);
    return listed.flatMap((value) => (value === NOT_RECORDED ? [] : [{ field, value, label: labelled(field, value) }]));
  });
  const ofBanks = cards.map(({ id, name }): NamedValue => ({ field: null, value: id, label: name }));
  const values = [...ofFields, ...ofBanks];
  known = { cards, values, search: valueSearch(values) };
  return known;
};

/** The banks that record a value, by their cards; a bank records itself. */
export const recordersOf = ({ field, value }: NamedValue, banks: readonly Bank[]): readonly ConceptSupport[] =>
  banks.flatMap((each) => {
    const bank = each.card();
    if (field === null) return bank.id === value ? [{ bank, verdict: "EXACT" }] : [];
    if (field === "CENTRE") return bank.centres.some(({ id }) => id === value) ? [{ bank, verdict: "EXACT" }] : [];
    const support = bank.capabilities.fields.find((of) => of.field === field);
    const own = support?.values.find((of) => of.value.value === value);
    return own === undefined ? [] : [{ bank, verdict: own.verdict }];
  });
