import { BankError } from "../../schema/bank-error.ts";
import { bankBroken } from "../kit/failures.ts";
import type { OmopOptions } from "./options.ts";
import type { Rows } from "./session.ts";
import { binder, type Statement } from "./statement.ts";

/** The tables of the CDM that counts may use. */
const TABLES = [
  "cdm_source",
  "person",
  "specimen",
  "condition_occurrence",
  "observation",
  "care_site",
  "concept",
  "concept_ancestor",
] as const;
export type CdmTable = (typeof TABLES)[number];

/** Those that a vocabulary brings: they may stand in a schema of their own. */
const VOCABULARY: readonly CdmTable[] = ["concept", "concept_ancestor"];

/** How a database holds the tables of the CDM. */
export type Catalog = {
  /** What stands in FROM for a table, before its alias: its columns have the names of the CDM, in small letters. */
  readonly table: (name: CdmTable) => string;
  /** Whether a column is declared NOT NULL. */
  readonly isRequired: (table: CdmTable, column: string) => boolean;
  /** Whether there is such a column, as far as it is known. */
  readonly has: (table: CdmTable, column: string) => boolean;
  /** Its own name, with its schema. */
  readonly name: (table: CdmTable) => string;
  /** Throws where a table or one of its columns is not there, or may not be read. @throws {BankError} BANK_BROKEN, BANK_REFUSED */
  readonly require: (table: CdmTable, columns: Iterable<string>) => void;
};

/** The schema that a table stands in, as the options name it. */
export const schemaOf = (
  { schema, vocabularySchema = schema }: Pick<OmopOptions, "schema" | "vocabularySchema">,
  table: CdmTable,
): string => (VOCABULARY.includes(table) ? vocabularySchema : schema);

type Options = Pick<OmopOptions, "schema" | "vocabularySchema">;

/** The tables as the options name them, before anybody has looked. */
export const statedCatalog = (options: Options): Catalog => ({
  table: (name) => `${quoted(schemaOf(options, name))}.${name}`,
  isRequired: () => false,
  has: () => true,
  name: (table) => `${quoted(schemaOf(options, table))}.${table}`,
  require: () => undefined,
});

/**
 * Finds those tables in whatever letters: one row for each column (schema, table, column, NOT NULL, readable). Names that were
 * quoted when they were made may be in capitals.
 */
export const catalogSql = ({ schema, vocabularySchema = schema }: Options): Statement => {
  const { bind, statement } = binder();
  const schemas = bind([schema.toLowerCase(), vocabularySchema.toLowerCase()], "text[]");
  return statement(`SELECT n.nspname, t.relname, a.attname, a.attnotnull,
      has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(t.oid, a.attnum, 'SELECT')
    FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid
    WHERE lower(n.nspname) = ANY(${schemas}) AND lower(t.relname) = ANY(${bind(TABLES, "text[]")})
      AND t.relkind = ANY('{r,p,v,m,f}') AND a.attnum > 0 AND NOT a.attisdropped`);
};

type Column = { readonly name: string; readonly notNull: boolean; readonly readable: boolean };
type Found = {
  readonly schema: string;
  readonly name: string;
  /** By its name in small letters. */
  readonly columns: ReadonlyMap<string, Column>;
};

/** Reads the rows of catalogSql. @throws {BankError} BANK_BROKEN where two tables differ in capitals alone */
export const readCatalog = (bank: string, options: Options, rows: Rows): Catalog => {
  const found = new Map<CdmTable, Found>();
  for (const table of TABLES) {
    const one = tableIn(bank, schemaOf(options, table), table, rows);
    if (one !== undefined) found.set(table, one);
  }
  const stated = statedCatalog(options);
  return {
    table: (name) => {
      const one = found.get(name);
      return one === undefined ? stated.table(name) : fromOf(name, one);
    },
    isRequired: (table, column) => found.get(table)?.columns.get(column)?.notNull === true,
    has: (table, column) => found.get(table)?.columns.has(column) !== false,
    name: (table) => (found.has(table) ? nameOf(found.get(table)!) : stated.name(table)),
    require: (table, columns) =>
      requireColumns(bank, schemaOf(options, table), table, { found: found.get(table), columns }),
  };
};

const tableIn = (bank: string, schema: string, table: CdmTable, rows: Rows): Found | undefined => {
  const named = new Map<string, unknown[][]>();
  for (const row of rows) {
    if (String(row[0]).toLowerCase() !== schema.toLowerCase() || String(row[1]).toLowerCase() !== table) continue;
    const key = JSON.stringify([row[0], row[1]]);
    named.set(key, [...(named.get(key) ?? []), [...row]]);
  }
  const exact = named.get(JSON.stringify([schema, table]));
  const inSchema = [...named].filter(([key]) => JSON.parse(key)[0] === schema).map(([, each]) => each);
  const candidates = exact !== undefined ? [exact] : inSchema.length > 0 ? inSchema : [...named.values()];
  const [one, other] = candidates;
  if (other !== undefined) {
    throw bankBroken(bank, `schema ${schema}: wanted one table ${table}, got several that differ in capitals`);
  }
  return one === undefined ? undefined : foundIn(one);
};

const foundIn = (rows: Rows): Found => {
  const columns = new Map<string, Column>();
  for (const [, , attribute, notNull, readable] of rows) {
    const name = String(attribute);
    const small = name.toLowerCase();
    if (columns.get(small)?.name === small) continue;
    columns.set(small, { name, notNull: notNull === true, readable: readable === true });
  }
  const [schema = "", name = ""] = (rows[0] ?? []).map(String);
  return { schema, name, columns };
};

/** A table in capitals is read through a query that gives its columns their names; the planner takes that apart. */
const fromOf = (table: CdmTable, found: Found): string => {
  const { name, columns } = found;
  const place = nameOf(found);
  if (name === table && [...columns].every(([small, column]) => column.name === small)) return place;
  const readable = [...columns].filter(([small, column]) => column.readable && /^[a-z_][a-z0-9_]*$/.test(small));
  return `(SELECT ${readable.map(([small, column]) => `${quoted(column.name)} AS ${small}`).join(", ")} FROM ${place})`;
};

const requireColumns = (
  bank: string,
  schema: string,
  table: CdmTable,
  { found, columns }: { readonly found: Found | undefined; readonly columns: Iterable<string> },
): void => {
  if (found === undefined) {
    const setting = VOCABULARY.includes(table) ? "vocabularySchema" : "schema";
    throw bankBroken(bank, `adapter.${setting}: wanted a table ${table} in the schema ${schema}, got none`);
  }
  for (const column of columns) {
    const one = found.columns.get(column);
    if (one === undefined) throw bankBroken(bank, `${schema}.${table}: wanted a column ${column}, got none`);
    if (one.readable) continue;
    throw new BankError("BANK_REFUSED", bank, `${schema}.${table}: wanted the right to read ${column}, got none`);
  }
};

const nameOf = ({ schema, name }: Found): string => `${quoted(schema)}.${quoted(name)}`;

/** A name in SQL, as it is. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
