import type { Catalog } from "./catalog.ts";
import { binder, type Statement } from "./statement.ts";

/**
 * Finds the foreign keys, checked by the database, by which each specimen has its person; many CDMs have none. A foreign key
 * lets NULL pass, so the column has to be NOT NULL besides.
 */
export const foreignKeySql = ({ name }: Pick<Catalog, "name">): Statement => {
  const { bind, statement } = binder();
  const onlyColumn = (key: string, of: string): string =>
    `(SELECT array_agg(lower(a.attname)) FROM pg_attribute a WHERE a.attrelid = c.${of} AND a.attnum = ANY(c.${key})) = ARRAY['person_id']`;
  return statement(`SELECT 1 FROM pg_constraint c WHERE c.contype = 'f' AND c.convalidated
    AND c.conrelid = to_regclass(${bind(name("specimen"), "text")}) AND c.confrelid = to_regclass(${bind(name("person"), "text")})
    AND ${onlyColumn("conkey", "conrelid")} AND ${onlyColumn("confkey", "confrelid")}
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) AND a.attnotnull)`);
};
