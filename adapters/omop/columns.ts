import { FIELDS, type FieldName } from "../../schema/fields.ts";
import type { MappedCodes } from "../adapter.ts";
import type { Catalog, CdmTable } from "./catalog.ts";
import type { Bind } from "./statement.ts";

/** Writes SQL over the rows named by the aliases of ALIASES and `r` (a record). */
export type Write = (bind: Bind) => string;

/** The tables behind aliases. `r` is a record: a row of the table that its place names. */
export const ALIASES = { p: "person", s: "specimen", k: "concept", c: "care_site" } as const satisfies {
  readonly [alias: string]: CdmTable;
};

/**
 * A column that holds a local code. `raw` may be NULL; `whole` never is, and stands for a missing value by one of `none`.
 * With `below`, a mapped concept stands for itself and all concepts below it: `mapped` is all of them.
 */
export type CodeColumn = {
  readonly type: "int" | "text";
  readonly raw: Write;
  readonly whole: Write;
  readonly none: readonly string[];
  /** The texts that each local code stands for; absent: the code itself. */
  readonly values?: ReadonlyMap<string, readonly string[]>;
  readonly below?: { readonly ancestors: string; readonly mapped: ReadonlySet<string> };
};

/** Makes code columns; `sql` names a column by the alias of its table. */
export type CodeColumns = {
  readonly concept: (field: FieldName, sql: string, table: CdmTable) => CodeColumn;
  /** A concept that stands for all below it too. */
  readonly below: (field: FieldName, sql: string, table: CdmTable) => CodeColumn;
  readonly text: (field: FieldName, sql: string | Write) => CodeColumn;
};

/**
 * Columns of concepts, of texts, and of concepts that stand for all below them too. Concept 0, '' and NULL mean that an
 * attribute or a sample's type is missing. Of a donor's records they mean one whose code is not mapped: the row is there.
 */
export const codeColumns = (catalog: Catalog, mapping: MappedCodes): CodeColumns => {
  const noneOf = (field: FieldName, mark: string): readonly string[] => [
    ...(FIELDS[field].of === "donor" && FIELDS[field].kind === "record" ? [] : [mark]),
    ...(mapping[field]?.absent ?? []),
  ];
  // Kept as it is where it is never NULL, so that an index on it can be used.
  const concept = (field: FieldName, sql: string, table: CdmTable): CodeColumn => ({
    type: "int",
    raw: () => sql,
    whole: () => (catalog.isRequired(table, sql.slice(sql.indexOf(".") + 1)) ? sql : `coalesce(${sql}, 0)`),
    none: noneOf(field, "0"),
  });
  return {
    concept,
    below: (field, sql, table) => ({
      ...concept(field, sql, table),
      below: { ancestors: catalog.table("concept_ancestor"), mapped: new Set(mapping[field]?.codes) },
    }),
    text: (field, sql) => {
      const raw = typeof sql === "string" ? () => sql : sql;
      return { type: "text", raw, whole: (bind) => `coalesce(${raw(bind)}, '')`, none: noneOf(field, "") };
    },
  };
};

/** Where a source value, or a part of it, stands. */
type SourceValue = { readonly part?: { readonly separator: string; readonly number: number } | undefined };

/** (A part of) specimen_source_value. */
export const sourceValue = ({ part }: SourceValue): Write => {
  if (part === undefined) return () => "s.specimen_source_value";
  return (bind) => `split_part(s.specimen_source_value, ${bind(part.separator, "text")}, ${bind(part.number, "int")})`;
};
