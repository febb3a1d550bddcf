import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { Card } from "../../../schema/wire/card.ts";
import type { Bank } from "../../banks/bank.ts";
import { type Cost, costOf } from "./cost.ts";
import { type FederationSizes, federationSizes } from "./federation-sizes.ts";
import { type IntrospectionSizes, introspectionSizes } from "./introspection-sizes.ts";
import type { Args } from "./list-sizes.ts";
import { NO_QUESTION, questionSize } from "./question-size.ts";
import { type SelectedOperation, type Selection, selectedOperation } from "./selection.ts";

/** A valid operation and its coerced variables. */
export type Asked = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Args;
};

export type CostsOf = {
  /** Every bank of the federation; a new list whenever a card changes. */
  readonly banks: () => CardsOf;
  /** The clock that the years of facets go by. */
  readonly now: () => Date;
  /** Whether the fast path executes an operation, given what it selects. */
  readonly isFast: (asked: Asked, root: Selection) => boolean;
};
export type CardsOf = readonly Pick<Bank, "card">[];

/** The banks as they are now, and how much they say of themselves. */
type Banks = { readonly cards: readonly Card[]; readonly federation: FederationSizes };

/** A document's selections are kept with it where they take no more nodes than the document has characters for. */
const CHARACTERS_PER_STEP = 4;

/**
 * Reckons what an operation may cost at this federation. What follows from a document or from the banks alone is kept as
 * long as they are.
 * @returns null for an operation that is too much to add up
 */
export const createCosts = ({ banks, now, isFast }: CostsOf): ((asked: Asked) => Cost | null) => {
  const selections = new WeakMap<OperationDefinitionNode, SelectedOperation>();
  const introspections = new WeakMap<GraphQLSchema, IntrospectionSizes>();
  const known = new WeakMap<CardsOf, Banks>();

  const selectionOf = (asked: Asked): SelectedOperation | null => {
    const { operation, document } = asked;
    const before = selections.get(operation);
    if (before !== undefined) return before;
    const selected = selectedOperation(asked);
    const characters = document.loc?.source.body.length ?? 0;
    if (selected?.isFixed && selected.steps * CHARACTERS_PER_STEP <= characters) selections.set(operation, selected);
    return selected;
  };
  const introspectionOf = (schema: GraphQLSchema): IntrospectionSizes => {
    const sizes = introspections.get(schema) ?? introspectionSizes(schema);
    introspections.set(schema, sizes);
    return sizes;
  };
  const banksNow = (): Banks => {
    const all = banks();
    const before = known.get(all);
    if (before !== undefined) return before;
    const cards = all.map((bank) => bank.card());
    const found = { cards, federation: federationSizes(cards) };
    known.set(all, found);
    return found;
  };

  return (asked) => {
    const selected = selectionOf(asked);
    if (selected === null) return null;
    const { cards, federation } = banksNow();
    const introspection = introspectionOf(asked.schema);
    const scope = {
      federation,
      banks: federation.banks,
      question: NO_QUESTION,
      concepts: 1,
      introspection,
      type: introspection.longest,
    };
    return costOf({
      selected,
      variables: asked.variables,
      scope,
      isFast: isFast(asked, selected.root),
      sizeOf(args, ids) {
        const banks = ids === null ? cards : cards.filter(({ id }) => ids.includes(id));
        const year = args.facets?.length ? now().getUTCFullYear() : 0;
        return questionSize(args, banks, year);
      },
    });
  };
};
