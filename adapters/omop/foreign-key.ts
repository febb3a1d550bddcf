import type { OmopOptions } from "./options.ts";
import { binder, type Statement } from "./statement.ts";

/** Finds the foreign keys, checked by the database, by which each specimen has its person; many CDMs have none. */
export const foreignKeySql = ({ schema }: Pick<OmopOptions, "schema">): Statement => {
  const { bind, statement } = binder();
  const table = (name: string): string =>
    `(SELECT t.oid FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
      WHERE n.nspname = ${bind(schema, "text")} AND t.relname = ${bind(name, "text")})`;
  const onlyColumn = (key: string, of: string): string =>
    `(SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = c.${of} AND a.attnum = ANY(c.${key})) = ARRAY['person_id']`;
  return statement(`SELECT 1 FROM pg_constraint c WHERE c.contype = 'f' AND c.convalidated
    AND c.conrelid = ${table("specimen")} AND c.confrelid = ${table("person")}
    AND ${onlyColumn("conkey", "conrelid")} AND ${onlyColumn("confkey", "confrelid")}`);
};
