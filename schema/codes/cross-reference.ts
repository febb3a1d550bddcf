import { icd10Span, normalizeIcd10 } from "./icd10.ts";
import { type Span, unionSpans } from "./spans.ts";

/**
 * How a code stands to one of another system:
 * `=` the same, `<` narrower than it, `>` broader than it, `~` somewhere near it (not to be relied on).
 */
export type Relation = "=" | "<" | ">" | "~";
export type CrossReference = { readonly relation: Relation; readonly code: string };

/** Reads `<G12.0 <G12.1`: several `<` mean that the code is narrower than all of them together. */
export const crossReferences = (cell: string | undefined): readonly CrossReference[] =>
  cell ? cell.split(" ").map(crossReference) : [];

const crossReference = (text: string): CrossReference => ({ relation: text[0] as Relation, code: text.slice(1) });

/** Those references that have one of some relations. */
export const withRelation = (
  references: readonly CrossReference[],
  relations: readonly Relation[],
): readonly CrossReference[] => references.filter(({ relation }) => relations.includes(relation));

/** The atoms of ICD-10 under the references of some relations; null where there is no such reference. */
export const icd10Under = (
  references: readonly CrossReference[],
  relations: readonly Relation[],
): readonly Span[] | null => {
  const spans = withRelation(references, relations).flatMap(({ code }) => {
    const known = normalizeIcd10(code);
    return known === null ? [] : icd10Span(known, true);
  });
  return spans.length === 0 ? null : unionSpans(spans);
};
