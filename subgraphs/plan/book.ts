import type { Capabilities, LocalQuestion, Unit } from "../../adapters/local.ts";
import type { Alternatives, Condition, SoleValue, Unsayable } from "./conjunction.ts";
import type { Formula, OwnFormulas } from "./formula.ts";
import type { Term } from "./tree.ts";

/**
 * What one question's numbers have in common at a bank: a table's cells are one formula with a hole, so that everything
 * around the hole is worked out for the first cell and looked up for the others. It lives as long as the question is planned.
 */
export type Book = Alternatives & {
  readonly literals: Literal[];
  /** The place of each literal in the list, by its key. */
  readonly places: Map<string, number>;
  /** The literal at each place as a polynomial. */
  readonly singles: Polynomial[];
  readonly expanded: WeakMap<Formula, Polynomial | Unsayable>;
  readonly multiplied: WeakMap<Polynomial, WeakMap<Polynomial, Polynomial | Unsayable>>;
  readonly own: OwnFormulas;
  readonly ofUnit: { readonly [U in Unit]: Counts };
};

/** What is asked for one of the two counts: local questions by the key of their product, and sums by their polynomial. */
type Counts = {
  readonly questions: Map<string, LocalQuestion | Unsayable>;
  readonly sums: WeakMap<Polynomial, readonly Term[] | Unsayable>;
};

/** `soleValueOf`: no two literals that want another value of the same field hold at once. */
export type Literal = { readonly condition: Condition; readonly soleValueOf: SoleValue | null };
/** A product of literals, named by their places in the book, ascending; `key` is these places as a text. */
export type Product = { readonly times: number; readonly ids: readonly number[]; readonly key: string };
export type Polynomial = ReadonlyMap<string, Product>;

/** An empty book. */
export const openBook = (capabilities: Capabilities): Book => {
  const counts = (): Counts => ({ questions: new Map(), sums: new WeakMap() });
  return {
    capabilities,
    literals: [],
    places: new Map(),
    singles: [],
    expanded: new WeakMap(),
    multiplied: new WeakMap(),
    alternativesOf: new WeakMap(),
    own: new WeakMap(),
    ofUnit: { DONORS: counts(), SAMPLES: counts() },
  };
};
