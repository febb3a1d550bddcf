import type { FieldName } from "../fields.ts";

/** A canonical question as a gateway asks it. `where` is the canonical form; facet values are fixed by the gateway. */
export type Question = { readonly v: 1; readonly where: Where; readonly facets: readonly Facet[] };
/** The canonical form of the SDL's `Where`. */
export type Where = { readonly [key: string]: unknown };
/** A breakdown by the values of one field, or of two. */
export type Facet = { readonly by: Axis; readonly across?: Axis };
/** Values: enum names, CURIEs, ids of centres, `40-49` for number fields, or NOT_RECORDED. */
export type Axis = { readonly field: FieldName; readonly values: readonly string[] };
