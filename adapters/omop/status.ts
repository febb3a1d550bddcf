import type { Catalog } from "./catalog.ts";
import type { Write } from "./columns.ts";
import { join } from "./join.ts";
import type { OmopOptions } from "./options.ts";

/**
 * Which records count. `sure`: those that do for sure; `kept`: those that may, which are they and those in doubt. The others are
 * as if they were not there.
 */
export type Standing = { readonly sure: Write; readonly kept: Write };

/** Names that stand for no status. */
const NONE = "";

/**
 * Which rows of condition_occurrence count by their status: condition_status_concept_id or, where that is 0 or NULL, the text of
 * condition_status_source_value. No status counts. Undefined where the CDM has neither column.
 */
export const conditionStanding = (
  { counts, not }: NonNullable<OmopOptions["disease"]>["status"],
  { has }: Pick<Catalog, "has">,
): Standing | undefined => {
  const columns = ["condition_status_concept_id", "condition_status_source_value"] as const;
  const [concept, text] = columns.map((column) => has("condition_occurrence", column));
  if (!concept && !text) return undefined;
  const source = text ? `lower(btrim(coalesce(r.${columns[1]}, '')))` : "''";
  const status = concept
    ? `CASE WHEN coalesce(r.${columns[0]}, 0) <> 0 THEN r.${columns[0]}::text ELSE ${source} END`
    : source;
  const named = (list: readonly (number | string)[]) => list.map((each) => String(each).trim().toLowerCase());
  return {
    sure: (bind) => `${status} = ANY(${bind([NONE, ...named(counts)], "text[]")})`,
    kept: (bind) => (not.length === 0 ? "TRUE" : `${status} <> ALL(${bind(named(not), "text[]")})`),
  };
};

/** Whatever counts, counts for sure. */
export const CERTAIN: Standing = { sure: () => "TRUE", kept: () => "TRUE" };

/** The rows that a test looks at, and those of which one has to be there for a value not to be missing. */
export const standingOf = (
  { sure, kept }: Standing,
  doubt: boolean,
): { readonly looked: Write; readonly present: Write } => ({
  looked: (bind) => (doubt ? kept(bind) : join("all", [sure(bind), kept(bind)])),
  present: (bind) => (doubt ? join("all", [sure(bind), kept(bind)]) : kept(bind)),
});
