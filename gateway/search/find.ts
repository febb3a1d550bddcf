import { isTurnOver, nextTurn } from "../../net/turns.ts";
import { splitDisease } from "../../schema/codes/disease-code.ts";
import { withdrawnCode } from "../../schema/codes/withdrawn.ts";
import { FIELD_NAMES, FIELDS, type FieldName, isNumberField } from "../../schema/fields.ts";
import { type Text, text, type Value } from "../../schema/text.ts";
import type { Card } from "../../schema/wire/card.ts";
import { findDiseases } from "../../schema/words/find-diseases.ts";
import type { FindValues, NamedValue } from "../../schema/words/find-values.ts";
import type { Call } from "../banks/answering.ts";
import type { Bank } from "../banks/bank.ts";
import { MOST_TEXT } from "./concepts.ts";
import { type Concept, type ConceptSupport, describeConcepts, type Match } from "./describe-concepts.ts";
import { namedValues, recordersOf } from "./named-values.ts";
import { requireFirst } from "./require-first.ts";

/** Arguments of `find`, as they came. */
export type FindArgs = { readonly text: string; readonly fields?: readonly FieldName[] | null; readonly first: number };

/** Hit of the SDL; `field` is null for a bank. */
export type Hit = {
  readonly field: FieldName | null;
  readonly value: Value;
  readonly concept: Concept | null;
  readonly match: Match;
  readonly banks: () => Promise<readonly ConceptSupport[]>;
};

/** Found of the SDL. */
export type Found = { readonly hits: readonly Hit[]; readonly nearest: readonly Hit[]; readonly says: Text };

/**
 * Everything that can be asked by name, the best first: diseases, values of the other fields, and banks. Nothing is counted,
 * and no bank is asked unless it is selected.
 * @throws {QuestionError} for a `first` out of range
 */
export const find = async (args: FindArgs, banks: readonly Bank[], call: Call): Promise<Found> => {
  if (isTurnOver()) await nextTurn(call.signal);
  const { first, fields } = args;
  requireFirst(first, "find.first");
  const sought = args.text.slice(0, MOST_TEXT);
  const cards = banks.map((bank) => bank.card());
  const { values, search } = namedValues(cards);
  const isAsked = ({ field }: NamedValue): boolean =>
    fields == null ? true : field !== null && fields.includes(field);
  const asked: Sought = {
    values: search(sought, MOST_VALUES),
    diseases: fields == null || fields.includes("DISEASE") ? findDiseases(sought, MOST_VALUES) : NO_DISEASES,
  };
  const weightOf = systemWeights(cards);
  const ranked = (of: "hits" | "nearest"): readonly Ranked[] =>
    [
      ...asked.values[of].flatMap(({ code, name, match, score }): readonly Ranked[] => {
        const value = values[Number(code)]!;
        const kind = name === value.value ? "CODE" : match;
        return isAsked(value) ? [{ value, code: null, match: { name, kind }, score }] : [];
      }),
      ...asked.diseases[of].flatMap(({ code, matched: name, kind: match, score }): readonly Ranked[] => {
        // A question may not ask for a withdrawn code.
        if (withdrawnCode(...splitDisease(code)) !== null) return [];
        return [{ value: null, code, match: { name, kind: match }, score: score * weightOf(code) }];
      }),
    ].sort((a, b) => b.score - a.score);
  const hits = ranked("hits").slice(0, first);
  const nearest = hits.length > 0 ? [] : ranked("nearest").slice(0, 3);
  return { ...describe({ hits, nearest }, banks, call), says: saysOf(fields ?? null, args.text) };
};

type Sought = { readonly values: ReturnType<FindValues>; readonly diseases: ReturnType<typeof findDiseases> };
type Ranked = {
  readonly value: NamedValue | null;
  readonly code: string | null;
  readonly match: Match;
  readonly score: number;
};

const NO_DISEASES = { hits: [], nearest: [] } as const;
/** Hits of each kind that are put in one order. */
const MOST_VALUES = 200;

/** How much more a disease weighs whose system more banks record: by their mappings, never by their data. */
const systemWeights = (cards: readonly Card[]): ((code: string) => number) => {
  const recording = new Map<string, number>();
  for (const { capabilities } of cards) {
    for (const system of capabilities.fields.find(({ field }) => field === "DISEASE")?.systems ?? []) {
      recording.set(system, (recording.get(system) ?? 0) + 1);
    }
  }
  return (code) => 1 + (BY_BANKS * (recording.get(splitDisease(code)[0]) ?? 0)) / Math.max(1, cards.length);
};

const BY_BANKS = 0.02;

const describe = (
  { hits, nearest }: { readonly hits: readonly Ranked[]; readonly nearest: readonly Ranked[] },
  banks: readonly Bank[],
  call: Call,
): Pick<Found, "hits" | "nearest"> => {
  const diseases = [...hits, ...nearest].flatMap(({ code, match }) => (code === null ? [] : [{ code, match }]));
  const concepts = new Map(describeConcepts(diseases, banks, call).map((concept) => [concept.code, concept]));
  const hitOf = ({ value, code, match }: Ranked): Hit => {
    const concept = code === null ? null : concepts.get(code)!;
    if (concept !== null) {
      const { label } = concept;
      return { field: "DISEASE", value: { value: concept.code, label }, concept, match, banks: concept.banks };
    }
    const { field, value: id, label } = value!;
    return { field, value: { value: id, label }, concept, match, banks: async () => recordersOf(value!, banks) };
  };
  return { hits: hits.map(hitOf), nearest: nearest.map(hitOf) };
};

const saysOf = (fields: readonly FieldName[] | null, sought: string): Text => {
  const shown = sought.length > MOST_SHOWN ? `${sought.slice(0, MOST_SHOWN)}…` : sought;
  const labels = (fields ?? FIELD_NAMES.filter((field) => !isNumberField(field))).map((field) => FIELDS[field].label);
  const en = [...labels.map((label) => label.en.toLowerCase()), ...(fields === null ? ["bank"] : [])];
  const ja = [...labels.map((label) => label.ja), ...(fields === null ? ["バンク"] : [])];
  return text(
    `Names and codes of ${en.join(", ")} that match “${shown}”`,
    `「${shown}」に合う名称・コード（${ja.join("・")}）`,
  );
};

const MOST_SHOWN = 60;
