import { defaultFieldResolver } from "graphql";
import type { ComputedFields } from "../fast-path/json-writer.ts";
import { mostFieldsOf } from "../fast-path/plan.ts";
import type { Asked } from "./costs.ts";
import type { SelectedField, Selection } from "./selection.ts";

/**
 * Whether the fast path executes an operation: a query whose fields below the root are properties or computed, none of which
 * goes out by itself, and which are few enough to be planned.
 */
export const isFastOf =
  (computed: ComputedFields) =>
  ({ operation, document }: Pick<Asked, "operation" | "document">, root: Selection): boolean =>
    operation.operation === "query" && fieldsOf(root, computed, new Map()) <= mostFieldsOf(document);

/** Fields that a selection has in the document, those of a fragment each time; no end where the fast path takes none of them. */
const fieldsOf = (
  { fields, deferred }: Selection,
  computed: ComputedFields,
  known: Map<Selection, number>,
  isRoot = true,
): number => {
  if (deferred.length > 0) return Number.POSITIVE_INFINITY;
  let sum = fields.length;
  for (const each of fields) {
    if (each.streamed || !(isRoot ? isOwn(each) : isPlain(each, computed))) return Number.POSITIVE_INFINITY;
    if (each.below === null) continue;
    const below = known.get(each.below) ?? fieldsOf(each.below, computed, known, false);
    known.set(each.below, below);
    sum += below;
  }
  return sum;
};

/** Whether a field of Query is one of the SDL. */
const isOwn = ({ field }: SelectedField): boolean => !field.name.startsWith("__") || field.name === "__typename";

const isPlain = ({ name, field }: SelectedField, computed: ComputedFields): boolean => {
  const [type = "", own = ""] = name.split(".");
  if (computed[type]?.[own] !== undefined || own === "__typename") return true;
  return field.args.length === 0 && (field.resolve === undefined || field.resolve === defaultFieldResolver);
};
