import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  Kind,
  type SelectionSetNode,
} from "graphql";
import { expectTurns, isTurnOver, nextTurn } from "../../net/turns.ts";

/** The default resolver of ordinary execution: the property of the field's name, as `paced` gives it. */
export const pacedField: GraphQLFieldResolver<unknown, unknown> = (source, args, context, info) =>
  paced(defaultFieldResolver(source, args, context, info), info);

/**
 * Makes execution, which does not give way by itself, do so at lists of objects: where a turn of the event loop has had its
 * time, a list comes in a later turn, and so do the later items of a list for which one turn is too short. Any other value as
 * it is; what a promise resolves to likewise.
 */
export const paced = (value: unknown, info: GraphQLResolveInfo): unknown => {
  if (value instanceof Promise) return value.then((resolved) => paced(resolved, info));
  if (!Array.isArray(value) || typeof value[0] !== "object") return value;
  const items = value.length * fieldsBelow(info) > MOST_FIELDS ? inTurns(value) : value;
  return isTurnOver() ? nextTurn(undefined, executionOf(info)).then(() => items) : items;
};

/**
 * Turns of the event loop that completing a list is taken for: execution goes on some promises after its wait, so none is
 * measured.
 */
const LIST_TURNS = 0.25;

/** The work that a list is a part of: executions of their own requests have root values of their own. */
const executionOf = ({ rootValue }: GraphQLResolveInfo): object => {
  const work = typeof rootValue === "object" && rootValue !== null ? rootValue : {};
  expectTurns(work, LIST_TURNS);
  return work;
};

/** About what is executed in 15 ms. */
const MOST_FIELDS = 15_000;
/** Items that are completed together with their list. */
const AT_ONCE = 16;

/** Promises of the later items, which resolve one after the other. */
const inTurns = (list: readonly unknown[]): readonly unknown[] => {
  const held: (() => void)[] = [];
  const items = list.map((item, at) => {
    if (at < AT_ONCE) return item;
    return new Promise((resolve) => held.push(() => resolve(item)));
  });
  void letGo(held);
  return items;
};

const letGo = async (held: readonly (() => void)[]): Promise<void> => {
  const work = {};
  // One is too few for the list.
  expectTurns(work, 1);
  for (const resolve of held) {
    if (isTurnOver()) await nextTurn(undefined, work);
    resolve();
    // Execution completes the item before this goes on.
    await undefined;
  }
};

const known = new WeakMap<SelectionSetNode, number>();

/** How many fields a field selects below itself, those of fragments among them; those of the lists below count once. */
const fieldsBelow = ({ fieldNodes, fragments }: GraphQLResolveInfo): number => {
  const within = (set: SelectionSetNode | undefined): number => {
    if (set === undefined) return 0;
    const before = known.get(set);
    if (before !== undefined) return before;
    let fields = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) fields += within(fragments[selection.name.value]?.selectionSet);
      else fields += within(selection.selectionSet) + (selection.kind === Kind.FIELD ? 1 : 0);
    }
    known.set(set, fields);
    return fields;
  };
  return fieldNodes.reduce((sum, { selectionSet }) => sum + within(selectionSet), 0);
};
