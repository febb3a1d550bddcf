import type { Card } from "../../../schema/wire/card.ts";
import { fields } from "../../search/fields.ts";

/** How much the banks say of themselves. */
export type FederationSizes = {
  readonly banks: number;
  /** Most centres of one bank. */
  readonly centres: number;
  /** Most values that one bank supports, of all its fields together. */
  readonly supported: number;
  /** Most code systems that a bank names for one field. */
  readonly systems: number;
  /** Values of all fields of the federation together. */
  readonly values: number;
};

export const federationSizes = (cards: readonly Card[]): FederationSizes => {
  const supports = cards.map(({ capabilities }) => capabilities.fields);
  return {
    banks: cards.length,
    centres: most(cards.map(({ centres }) => centres.length)),
    supported: most(supports.map((all) => all.reduce((sum, { values }) => sum + values.length, 0))),
    systems: most(supports.flatMap((all) => all.map(({ systems }) => systems?.length ?? 0))),
    values: fields(cards).reduce((sum, { values }) => sum + values.length, 0),
  };
};

const most = (lengths: readonly number[]): number => lengths.reduce((a, b) => Math.max(a, b), 0);
