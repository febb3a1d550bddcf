import { LRUCache } from "lru-cache";
import {
  isRange,
  type LocalFacet,
  type LocalPredicate,
  type LocalSelector,
  type Test,
  type Unit,
} from "../../adapters/local.ts";
import { mapInTurns } from "../../net/turns.ts";
import type { Uncertainty } from "../../schema/count.ts";
import { isSampleField } from "../../schema/fields.ts";
import type { Axis } from "../../schema/wire/question.ts";
import { addSampleDoubt, fieldPair, isOne, type Pair, pairOf } from "./inner-and-outer.ts";
import type { Interpretation, Interpreter } from "./interpret.ts";
import { keyOf } from "./predicates.ts";

/** A value of an axis, for each count, and its place among the distinct values of its axis. */
export type Value = { readonly [U in Unit]: Narrowing } & { readonly place: number };
/** What a value adds to W or, of a sample's field, to S. */
export type Narrowing = { readonly because: ReadonlySet<Uncertainty> } & (
  | { readonly of: "donor"; readonly pair: Pair<LocalPredicate> }
  | { readonly of: "sample"; readonly pair: Pair<LocalSelector> }
);

/**
 * The values of an axis. Those that a bank reads alike are one object: most categories mean nothing to a bank with few codes.
 * `facet`: the distinct values as they are read; one object where both readings are the same.
 */
export type Values = {
  readonly all: readonly Value[];
  readonly distinct: readonly Value[];
  readonly facet: Pair<LocalFacet>;
};

/**
 * Reads the values of an axis, each once. How a bank reads them follows from its mapping and its capabilities: what was read is
 * kept, and is the same objects for the next question. @throws signal.reason where the signal aborts meanwhile
 */
export const readAxis = async (axis: Axis, interpreter: Interpreter, signal: AbortSignal): Promise<Values> => {
  const cache = cacheOf(interpreter);
  const key = `${axis.field} ${axis.values.join(" ")}`;
  const before = cache.get(key);
  if (before !== undefined) return before;
  const read = await mapInTurns(axis.values, (value) => interpreter.value(axis.field, value), signal);
  const values = valuesOf(axis.field, read, interpreter);
  cache.set(key, values);
  return values;
};

/** Cache size of one bank, in bytes: a breakdown by all categories takes about 3 MB. */
const CACHE_BYTES = 12 * 2 ** 20;

const caches = new WeakMap<Interpreter, LRUCache<string, Values>>();
const cacheOf = (interpreter: Interpreter): LRUCache<string, Values> => {
  const known = caches.get(interpreter) ?? new LRUCache({ maxSize: CACHE_BYTES, sizeCalculation: bytesOf });
  caches.set(interpreter, known);
  return known;
};

/** Estimated memory of a cache entry, with what adapters and keys keep of its tests. */
const bytesOf = ({ all, facet: { inner, outer } }: Values, key: string): number => {
  const codes = [...inner.cells, ...outer.cells].reduce(
    (sum, test) => sum + (isRange(test) ? 0 : test.codes.length),
    0,
  );
  return 1_000 * inner.cells.length + 30 * codes + 8 * all.length + 2 * key.length + 500;
};

const valuesOf = (
  field: Axis["field"],
  interpretations: readonly Interpretation[],
  interpreter: Interpreter,
): Values => {
  const made = new Map<string, Value>();
  const read: Interpretation[] = [];
  const all = interpretations.map((each) => {
    const key = `${keyOf(each.inner)} ${keyOf(each.outer)} ${each.because.join()}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = valueRead(field, each, read.push(each) - 1, interpreter);
    made.set(key, value);
    return value;
  });
  const facet = pairOf((side): LocalFacet => ({ field, cells: read.map((each): Test => each[side]) }));
  return {
    all,
    distinct: [...made.values()],
    facet: isOne(facet) ? { inner: facet.inner, outer: facet.inner } : facet,
  };
};

const valueRead = (field: Axis["field"], read: Interpretation, place: number, interpreter: Interpreter): Value => {
  const of = (unit: Unit): Narrowing => {
    const because = new Set<Uncertainty>();
    const pair = fieldPair(field, read, { interpreter, unit, because });
    if (isSampleField(field)) addSampleDoubt({ interpreter, because });
    return { of: isSampleField(field) ? "sample" : "donor", pair, because } as Narrowing;
  };
  const donors = of("DONORS");
  const alike = interpreter.capability(field, "DONORS") === interpreter.capability(field, "SAMPLES");
  return { DONORS: donors, SAMPLES: alike ? donors : of("SAMPLES"), place };
};
