import type { OmopOptions } from "./options.ts";
import { binder, type Statement } from "./statement.ts";

/**
 * Finds the foreign keys, checked by the database, by which each specimen has its person; many CDMs have none. A foreign key
 * lets NULL pass, so the column has to be NOT NULL besides.
 */
export const foreignKeySql = ({ schema }: Pick<OmopOptions, "schema">): Statement => {
  const { bind, statement } = binder();
  const table = (name: string): string =>
    `(SELECT t.oid FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
      WHERE n.nspname = ${bind(schema, "text")} AND t.relname = ${bind(name, "text")})`;
  const onlyColumn = (key: string, of: string): string =>
    `(SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = c.${of} AND a.attnum = ANY(c.${key})) = ARRAY['person_id']`;
  return statement(`SELECT 1 FROM pg_constraint c WHERE c.contype = 'f' AND c.convalidated
    AND c.conrelid = ${table("specimen")} AND c.confrelid = ${table("person")}
    AND ${onlyColumn("conkey", "conrelid")} AND ${onlyColumn("confkey", "confrelid")}
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) AND a.attnotnull)`);
};

/** The columns of concepts that the CDM declares NOT NULL, as omopFields names them; many databases do not. */
const REQUIRED = [
  ["p", "person", "gender_concept_id"],
  ["s", "specimen", "specimen_concept_id"],
  ["r", "condition_occurrence", "condition_concept_id"],
  ["r", "observation", "observation_concept_id"],
] as const;

/** Finds those of them that this database keeps from being NULL: one row `alias.column` each. */
export const requiredSql = ({ schema }: Pick<OmopOptions, "schema">): Statement => {
  const { bind, statement } = binder();
  const listed = (at: 0 | 1 | 2): string =>
    bind(
      REQUIRED.map((column) => column[at]),
      "text[]",
    );
  return statement(`SELECT c.alias || '.' || c.name FROM unnest(${listed(0)}, ${listed(1)}, ${listed(2)}) AS c(alias, held, name)
    JOIN pg_class t ON t.relname = c.held JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = ${bind(schema, "text")}
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = c.name AND a.attnotnull`);
};
